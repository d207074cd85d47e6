import { describe, expect, it } from 'vitest';
import { Resampler } from './resampler.ts';
import { SLICE_SAMPLES, Slicer } from './slicer.ts';

function sine(rate: number, hertz: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
}

function resampled(from: number, input: Float32Array, block = 128): number[] {
  const resampler = new Resampler(from, 16_000);
  const out: number[] = [];
  for (let at = 0; at < input.length; at += block) out.push(...resampler.push(input.subarray(at, at + block)));
  return out;
}

function rms(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

describe('the resampler', () => {
  it.each([8_000, 16_000, 22_050, 44_100, 48_000, 96_000])('keeps time and a 440 Hz tone from %i Hz', (from) => {
    const out = resampled(from, sine(from, 440, from));
    expect(Math.abs(out.length - 16_000)).toBeLessThan(64);
    const wanted = sine(16_000, 440, out.length);
    const error = out.slice(200, -200).map((sample, i) => sample - (wanted[i + 200] ?? 0));
    expect(rms(error)).toBeLessThan(0.005);
  });

  it('removes what 16 kHz cannot carry instead of folding it back', () => {
    expect(rms(resampled(48_000, sine(48_000, 11_000, 48_000)).slice(200))).toBeLessThan(0.005);
  });

  it('gives the same whatever the block size', () => {
    const input = sine(44_100, 700, 20_000);
    const whole = resampled(44_100, input, input.length);
    const pieces = resampled(44_100, input, 37);
    expect(pieces.length).toBe(whole.length);
    expect(rms(pieces.map((sample, i) => sample - (whole[i] ?? 0)))).toBeLessThan(1e-4);
  });
});

describe('the slicer', () => {
  it('cuts 40 ms slices, whatever arrives, and loses nothing', () => {
    const slicer = new Slicer();
    const input = Float32Array.from({ length: 2000 }, (_, i) => i / 32768);
    const slices = [0, 1, 128, 129, 700, 2000].flatMap((to, i, cuts) => slicer.push(input.subarray(cuts[i - 1] ?? 0, to)));
    expect(slices.map((slice) => slice.pcm.length)).toEqual([SLICE_SAMPLES, SLICE_SAMPLES, SLICE_SAMPLES]);
    expect(slices.flatMap((slice) => [...slice.pcm])).toEqual(Array.from({ length: 1920 }, (_, i) => i));
  });

  it('clips instead of wrapping', () => {
    const [slice] = new Slicer().push(Float32Array.from({ length: SLICE_SAMPLES }, (_, i) => (i % 2 === 0 ? 1.5 : -1.5)));
    expect(slice?.pcm[0]).toBe(32767);
    expect(slice?.pcm[1]).toBe(-32768);
    expect(slice?.level).toBe(1);
  });
});
