import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeG711, encodeG711, type G711Law } from './audio-g711.ts';

const LAWS: readonly G711Law[] = ['mulaw', 'alaw'];
const decode = (law: G711Law, code: number) => decodeG711(law, Uint8Array.of(code))[0];
const encode = (law: G711Law, sample: number) => encodeG711(law, Int16Array.of(sample))[0];

/** Rows of ITU-T G.711, tables 1a/1b (A-law, output values * 8) and 2a/2b (mu-law, * 4): the character signal and its output value. */
const ROWS: readonly (readonly [G711Law, number, number])[] = [
  ['mulaw', 0x80, 8031 * 4],
  ['mulaw', 0x8f, 4191 * 4],
  ['mulaw', 0x9f, 2079 * 4],
  ['mulaw', 0xaf, 1023 * 4],
  ['mulaw', 0xbf, 495 * 4],
  ['mulaw', 0xcf, 231 * 4],
  ['mulaw', 0xdf, 99 * 4],
  ['mulaw', 0xef, 33 * 4],
  ['mulaw', 0xfe, 2 * 4],
  ['mulaw', 0xff, 0],
  ['mulaw', 0x7f, 0],
  ['mulaw', 0x7e, -2 * 4],
  ['mulaw', 0x02, -7519 * 4],
  ['mulaw', 0x00, -8031 * 4],
  ['alaw', 0xff ^ 0x55, 4032 * 8],
  ['alaw', 0xf0 ^ 0x55, 2112 * 8],
  ['alaw', 0xe0 ^ 0x55, 1056 * 8],
  ['alaw', 0xd0 ^ 0x55, 528 * 8],
  ['alaw', 0xc0 ^ 0x55, 264 * 8],
  ['alaw', 0xb0 ^ 0x55, 132 * 8],
  ['alaw', 0xa0 ^ 0x55, 66 * 8],
  ['alaw', 0x80 ^ 0x55, 1 * 8],
  ['alaw', 0x00 ^ 0x55, -1 * 8],
  ['alaw', 0x7f ^ 0x55, -4032 * 8],
];

test.each(ROWS)('%s: code %i stands for %i, and back', (law, code, sample) => {
  expect(decode(law, code)).toBe(sample === 0 ? 0 : sample);
  if (code !== 0x7f) expect(encode(law, sample)).toBe(code);
});

/** Test sequences of table 5 and 6 of G.711 (a sine of 1 kHz at 0 dBm0) decode to a symmetric tone. */
test.each([
  ['alaw' as const, [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4]],
  ['mulaw' as const, [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e]],
])('the %s test tone of the Recommendation is symmetric, and encodes to itself', (law, tone) => {
  const samples = decodeG711(law, Uint8Array.from(tone));
  for (let n = 0; n < 4; n += 1) expect(samples[n]).toBe(-(samples[n + 4] ?? 0));
  expect([...encodeG711(law, samples)]).toEqual(tone);
});

describe.each(LAWS)('%s', (law) => {
  test('every code is the code of what it stands for', () => {
    for (let code = 0; code < 256; code += 1) {
      const sample = decode(law, code) ?? 0;
      // Mu-law has two zeros, of which the positive one is written.
      expect(encode(law, sample)).toBe(law === 'mulaw' && code === 0x7f ? 0xff : code);
    }
  });

  test('a code never falls as the sample rises, and stands for one near it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_766 }), (sample) => {
        const here = decode(law, encode(law, sample) ?? 0) ?? 0;
        const next = decode(law, encode(law, sample + 1) ?? 0) ?? 0;
        expect(next).toBeGreaterThanOrEqual(here);
        expect(Math.abs(here - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 31 + 8));
      }),
    );
  });
});
