import { MARK_BANDS, MARK_PERIOD, MARK_RATE, type MarkSequence } from './mark-sequence.ts';

/** How far the mark lies under the sound in each of its bands, in dB, on average over some milliseconds. Under the whole of speech it is over 30 dB. */
const UNDER_DB = 26;
/** How fast the mark follows the sound: shorter would smear it over the spectrum, longer would leave it audible behind a word. */
const FOLLOW_S = 0.008;
/** The mean magnitude of noise is this part of its root mean square. */
const MEAN_OF_RMS = Math.sqrt(2 / Math.PI);

/** A band's resonator, run twice: y[n] = gain * (x[n] - x[n-2]) - one * y[n-1] - two * y[n-2]. */
type Resonator = { readonly gain: number; readonly one: number; readonly two: number };

/** So many samples are marked at a time. */
const BLOCK = 320;
/** What is left of a level so far below one bit is nothing; numbers that shrink without end would make the filters slow. */
const NOTHING = 1e-6;

/** The period is a power of two. */
const WRAP = MARK_PERIOD - 1;
const FOLLOW = 1 / (FOLLOW_S * MARK_RATE);
const STRENGTH = 10 ** (-UNDER_DB / 20) / MEAN_OF_RMS;
/**
 * Marks a stream of PCM16 sound at 16 kHz as made by a machine: noise that only the key's owner can foretell is added so softly that it is not heard, and
 * found again by correlation (`detect-mark.ts`). The idea is spread-spectrum watermarking: I. J. Cox, J. Kilian, F. T. Leighton and T. Shamoon, "Secure Spread
 * Spectrum Watermarking for Multimedia", IEEE Trans. Image Processing 6(12), 1997; for sound, D. Kirovski and H. S. Malvar, "Spread-Spectrum Watermarking of
 * Audio Signals", IEEE Trans. Signal Processing 51(4), 2003.
 *
 * In each of three bands the noise follows the level that the sound has in this band at this moment, so that the sound hides it and silence stays silence.
 * Sample by sample, from the past alone: it adds no delay, and how the stream is cut into ticks changes nothing.
 */
export class Marker {
  readonly #bands: readonly Band[];
  readonly #sound = new Float64Array(BLOCK);
  readonly #added = new Float64Array(BLOCK);
  #position = 0;

  constructor({ noise }: MarkSequence) {
    this.#bands = MARK_BANDS.map(([low, high], band) => new Band(noise[band] ?? new Float32Array(MARK_PERIOD), resonator(low, high)));
  }

  /** Marks the next samples of the stream. `into` is as long as `samples`, and may be the same array. */
  mark(samples: Int16Array, into: Int16Array): void {
    const sound = this.#sound;
    const added = this.#added;
    for (let from = 0; from < samples.length; from += BLOCK) {
      const count = Math.min(BLOCK, samples.length - from);
      for (let i = 0; i < count; i += 1) sound[i] = samples[from + i] ?? 0;
      added.fill(0);
      for (const band of this.#bands) band.add({ sound, count, position: this.#position }, added);
      for (let i = 0; i < count; i += 1) {
        const marked = Math.round((sound[i] ?? 0) + STRENGTH * (added[i] ?? 0));
        into[from + i] = Math.max(-32_768, Math.min(32_767, marked));
      }
      this.#position = (this.#position + count) & WRAP;
    }
  }
}

type Stretch = { readonly sound: Float64Array; readonly count: number; readonly position: number };

/** One band of one stream: how loud it is now. */
class Band {
  readonly #noise: Float32Array;
  readonly #resonator: Resonator;
  /** x[n-1], x[n-2], and y[n-1], y[n-2] of both runs. */
  readonly #past = new Float64Array(6);
  #level = 0;

  constructor(noise: Float32Array, by: Resonator) {
    this.#noise = noise;
    this.#resonator = by;
  }

  /** Adds the band's noise for a stretch of the sound, as loud as the sound is in the band. What is kept is in locals meanwhile, which is much faster. */
  add({ sound, count, position }: Stretch, added: Float64Array): void {
    const noise = this.#noise;
    const { gain, one, two } = this.#resonator;
    const past = this.#past;
    let [x1, x2, y1, y2, z1, z2] = [past[0] ?? 0, past[1] ?? 0, past[2] ?? 0, past[3] ?? 0, past[4] ?? 0, past[5] ?? 0];
    let level = this.#level;
    for (let i = 0; i < count; i += 1) {
      const x = sound[i] ?? 0;
      const y = gain * (x - x2) - one * y1 - two * y2;
      const z = gain * (y - y2) - one * z1 - two * z2;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      z2 = z1;
      z1 = z;
      level += (Math.abs(z) - level) * FOLLOW;
      added[i] = (added[i] ?? 0) + level * (noise[(position + i) & WRAP] ?? 0);
    }
    const over = level < NOTHING && x1 === 0 && x2 === 0;
    past.set(over ? [0, 0, 0, 0, 0, 0] : [x1, x2, y1, y2, z1, z2]);
    this.#level = over ? 0 : level;
  }
}

/** A band-pass of second order with gain one at its centre (R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients"). */
function resonator(low: number, high: number): Resonator {
  const centre = Math.sqrt(low * high);
  const turn = (2 * Math.PI * centre) / MARK_RATE;
  const alpha = (Math.sin(turn) * (high - low)) / (2 * centre);
  return { gain: alpha / (1 + alpha), one: (-2 * Math.cos(turn)) / (1 + alpha), two: (1 - alpha) / (1 + alpha) };
}
