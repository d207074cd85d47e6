import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWav, writeWav } from './wav.ts';

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 200 }), fc.integer({ min: 1, max: 192_000 }), (samples, sampleRate) => {
      expect(readWav(writeWav(samples, sampleRate))).toEqual({ sampleRate, channels: 1, samples });
    }),
  );
});

test('a data chunk that claims more than there is, is cut', () => {
  const file = writeWav(Int16Array.of(1, 2, 3), 16_000);
  new DataView(file.buffer).setUint32(40, 0xffff_ffff, true);
  expect(readWav(file)?.samples).toEqual(Int16Array.of(1, 2, 3));
});

test('anything else is null', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(readWav(bytes)).toBeNull();
    }),
  );
});
