import { describe, expect, it } from 'vitest';
import { MARK_RATE } from './mark-sequence.ts';
import { toMarkRate } from './to-mark-rate.ts';

const tone = (hz: number, rate: number) =>
  Int16Array.from({ length: rate }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / rate)));

describe('sound at another rate', () => {
  it.each([8000, 11_025, 22_050, 24_000, 44_100, 48_000, 96_000])(
    'of %i Hz keeps its tones in the mark\u2019s bands, and their time',
    (rate) => {
      for (const hz of [500, 1700, 3300]) {
        const [out, wanted] = [toMarkRate(tone(hz, rate), rate), tone(hz, MARK_RATE)];
        expect(out).toHaveLength(MARK_RATE);
        const worst = out.subarray(1000, -1000).reduce((most, sample, i) => Math.max(most, Math.abs(sample - (wanted[i + 1000] ?? 0))), 0);
        expect(worst).toBeLessThan(8000 * 0.03);
      }
    },
  );

  it('loses what is too high for 16 kHz, rather than to fold it into the bands', () => {
    const out = toMarkRate(tone(14_000, 48_000), 48_000);
    expect(out.subarray(1000, -1000).every((sample) => Math.abs(sample) < 80)).toBe(true);
  });

  it('is not made of rates that have no room for the mark, or that nobody uses', () => {
    for (const rate of [0, 7999, 200_000, Number.NaN]) expect(() => toMarkRate(new Int16Array(10), rate)).toThrow(RangeError);
  });
});
