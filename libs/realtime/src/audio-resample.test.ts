import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AudioResampler, type AudioRate } from './audio-resample.ts';

const PAIRS: readonly (readonly [AudioRate, AudioRate])[] = [
  [24_000, 16_000],
  [16_000, 24_000],
  [16_000, 8_000],
  [8_000, 16_000],
  [24_000, 8_000],
  [8_000, 24_000],
  [16_000, 16_000],
];

function sine(rate: number, frequency: number, seconds: number, amplitude = 10_000): Int16Array {
  return Int16Array.from({ length: rate * seconds }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * n) / rate)));
}

/** Amplitude of `frequency` in the middle of `samples`, by correlation under a Hann window. */
function amplitudeAt(samples: Int16Array, rate: number, frequency: number): number {
  const middle = samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
  let real = 0;
  let imaginary = 0;
  let weight = 0;
  middle.forEach((value, n) => {
    const window = 1 - Math.cos((2 * Math.PI * n) / middle.length);
    const angle = (2 * Math.PI * frequency * n) / rate;
    real += window * value * Math.cos(angle);
    imaginary += window * value * Math.sin(angle);
    weight += window;
  });
  return (2 * Math.hypot(real, imaginary)) / weight;
}

function power(samples: Int16Array): number {
  const middle = samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
  return Math.sqrt(middle.reduce((sum, value) => sum + value * value, 0) / middle.length);
}

const whole = (from: AudioRate, to: AudioRate, samples: Int16Array) => new AudioResampler(from, to).take(samples);

describe.each(PAIRS)('from %i Hz to %i Hz', (from, to) => {
  test('chunked is whole, and the counts are exact after every chunk', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 300 }), { maxLength: 12 }), (chunks) => {
        const resampler = new AudioResampler(from, to);
        const out: number[] = [];
        let given = 0;
        for (const chunk of chunks) {
          out.push(...resampler.take(Int16Array.from(chunk)));
          given += chunk.length;
          expect(out.length).toBe(Math.ceil((given * to) / from));
        }
        expect(out).toEqual([...whole(from, to, Int16Array.from(chunks.flat()))]);
      }),
      { numRuns: 60 },
    );
  });

  test('a tick in is a tick out, each time', () => {
    const resampler = new AudioResampler(from, to);
    const tick = new Int16Array(from / 5);
    for (let n = 0; n < 200; n += 1) expect(resampler.take(tick).length).toBe(to / 5);
  });

  test('a sine passes with its amplitude, and nothing beside it', () => {
    const edge = (Math.min(from, to) / 2) * 0.85;
    for (const frequency of [200, 1000, 2500, Math.floor(edge)].filter((one) => one <= edge)) {
      const out = whole(from, to, sine(from, frequency, 1));
      expect(Math.abs(20 * Math.log10(amplitudeAt(out, to, frequency) / 10_000))).toBeLessThan(0.05);
      const rest = Math.sqrt(Math.max(0, power(out) ** 2 - amplitudeAt(out, to, frequency) ** 2 / 2));
      expect(20 * Math.log10(Math.max(rest, 0.5) / 7071)).toBeLessThan(-60);
    }
  });

  test('silence, full scale and a constant stay what they are', () => {
    expect(whole(from, to, new Int16Array(1000)).every((value) => value === 0)).toBe(true);
    for (const level of [32_767, -32_768, 12_345]) {
      const out = whole(from, to, new Int16Array(2000).fill(level));
      expect(out.subarray(200).every((value) => value === level)).toBe(true);
    }
  });
});

test.each(PAIRS.filter(([from, to]) => from > to))('from %i Hz to %i Hz, what would alias is 60 dB down', (from, to) => {
  for (const part of [1.16, 1.3, 1.45]) {
    const frequency = (to / 2) * part;
    if (frequency >= from / 2) continue;
    expect(20 * Math.log10(Math.max(power(whole(from, to, sine(from, frequency, 1))), 0.5) / 7071)).toBeLessThan(-60);
  }
});
