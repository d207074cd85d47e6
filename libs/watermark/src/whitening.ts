import { Fft } from './fft.ts';
import { MARK_BANDS, MARK_RATE } from './mark-sequence.ts';

/** Samples of a frame: 64 ms, so that the mark is seen between the harmonics of a voice. */
const FRAME = 1024;
/** Frames overlap by half. */
const STEP = FRAME / 2;
/** Power of a spectral line that rounding to 16 bits makes by itself, and a little more. */
const ROUNDING = 100;
/** Lines may weigh more the weaker they are, down to this part of their band's power: beyond it they are chance. */
const WEAKEST = 0.03;
/** The quietest tenth of the frames tells how loud the background is. */
const QUIETEST = 0.1;

const WINDOW = Float64Array.from({ length: FRAME }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / FRAME));
const lineAt = (hz: number) => Math.ceil((hz * FRAME) / MARK_RATE);
/** First line of each band, and the one behind its last. */
const LINES = MARK_BANDS.map(([low, high]) => [lineAt(low), lineAt(high)] as const);
const FFT = new Fft(FRAME);

type Frame = { readonly real: Float64Array; readonly imaginary: Float64Array; readonly power: readonly number[] };

/**
 * The sound in the mark's bands, weighed so that what hides the mark counts least: each spectral line by how strong the mark can be there (it follows
 * the sound above the background) and how much else there is (a matched filter for noise of known colour). `from` to `to` are samples; what lies
 * around them helps. Beyond its ends the sound is silence.
 */
export function whitened(sound: Int16Array, from: number, to: number): Float64Array {
  const starts: number[] = [];
  for (let start = from - STEP; start < to; start += STEP) starts.push(start);
  const frames = starts.map((start) => frameAt(sound, start));
  const background = backgroundOf(frames);
  const out = new Float64Array(to - from);
  for (const [index, frame] of frames.entries()) {
    weigh(frame, background);
    FFT.inverse(frame.real, frame.imaginary);
    const start = (starts[index] ?? 0) - from;
    for (let i = Math.max(0, -start); i < Math.min(FRAME, out.length - start); i += 1)
      out[start + i] = (out[start + i] ?? 0) + (frame.real[i] ?? 0) * (WINDOW[i] ?? 0);
  }
  return out;
}

function frameAt(sound: Int16Array, start: number): Frame {
  const real = Float64Array.from(WINDOW, (weight, i) => weight * (sound[start + i] ?? 0));
  const imaginary = new Float64Array(FRAME);
  FFT.forward(real, imaginary);
  const power = LINES.map(([first, end]) => {
    let sum = 0;
    for (let line = first; line < end; line += 1) sum += (real[line] ?? 0) ** 2 + (imaginary[line] ?? 0) ** 2;
    return sum / (end - first);
  });
  return { real, imaginary, power };
}

/** For each band, the power of a line in the quietest frames that are not silence altogether. */
function backgroundOf(frames: readonly Frame[]): number[] {
  return LINES.map((_, band) => {
    const powers = frames.map(({ power }) => power[band] ?? 0).filter((power) => power > ROUNDING);
    powers.sort((one, other) => one - other);
    return powers[Math.floor(powers.length * QUIETEST)] ?? 0;
  });
}

/** Puts its weight on each line of a frame, in place. */
function weigh({ real, imaginary, power }: Frame, background: readonly number[]): void {
  const weights = new Float64Array(FRAME);
  for (const [band, [first, end]] of LINES.entries()) {
    const here = power[band] ?? 0;
    if (here <= ROUNDING) continue;
    const mark = Math.sqrt(Math.max(0, here - (background[band] ?? 0)));
    for (let line = first; line < end; line += 1) {
      const weight = mark / ((real[line] ?? 0) ** 2 + (imaginary[line] ?? 0) ** 2 + WEAKEST * here);
      weights[line] = weight;
      weights[FRAME - line] = weight;
    }
  }
  for (let line = 0; line < FRAME; line += 1) {
    real[line] = (real[line] ?? 0) * (weights[line] ?? 0);
    imaginary[line] = (imaginary[line] ?? 0) * (weights[line] ?? 0);
  }
}
