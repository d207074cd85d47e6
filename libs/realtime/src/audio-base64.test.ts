import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64OfBytes, bytesOfBase64, bytesOfSamples, samplesOfBytes } from './audio-base64.ts';

test('what goes out comes back, and is what everybody else writes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const text = base64OfBytes(bytes);
      expect(text).toBe(btoa(String.fromCharCode(...bytes)));
      expect(bytesOfBase64(text)).toEqual(Uint8Array.from(bytes));
    }),
  );
});

test('a view into a larger buffer is written as what it shows', () => {
  expect(base64OfBytes(Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 4))).toBe('AQID');
});

test.each([
  'A',
  'AA',
  'AAA',
  'A===',
  '====',
  'AA=A',
  'AAAA=',
  'AA==AAAA',
  'AAA\n',
  'AA AA',
  ' AAAA',
  'AA-_',
  'AB==',
  'AAB=',
  'äAAA',
  '{"a":1}',
  'AAAA\u0000',
])('%j is not base64', (text) => {
  expect(bytesOfBase64(text)).toBeNull();
});

test('anything is decoded exactly or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 40 }), fc.base64String({ maxLength: 40 })), (text) => {
      const bytes = bytesOfBase64(text);
      if (bytes !== null) expect(base64OfBytes(bytes)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test('a long text is decoded in one go', () => {
  const text = 'AAAA'.repeat(3_000_000);
  expect(bytesOfBase64(text)?.length).toBe(9_000_000);
  expect(bytesOfBase64(`${text.slice(0, -1)}!`)).toBeNull();
});

test('samples are little-endian, whole, and the same both ways', () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 200 }), (samples) => {
      expect(samplesOfBytes(bytesOfSamples(samples))).toEqual(Int16Array.from(samples));
    }),
  );
  expect(bytesOfSamples(Int16Array.of(1, -2))).toEqual(Uint8Array.of(1, 0, 254, 255));
  expect(samplesOfBytes(Uint8Array.of(0, 1, 2, 0, 9).subarray(1, 3))).toEqual(Int16Array.of(513));
  expect(samplesOfBytes(Uint8Array.of(1, 2, 3))).toBeNull();
});
