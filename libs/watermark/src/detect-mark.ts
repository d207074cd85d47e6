import { Fft } from './fft.ts';
import { type MarkKey, MARK_PERIOD, MARK_RATE, markSpectrum, type MarkSpectrum } from './mark-sequence.ts';
import { whitened } from './whitening.ts';

/** Sound is looked at in stretches of so many samples (1.024 s) and in runs of 2, 4, 8 ... of them, each half over the one before, and as a whole. */
const STRETCH = MARK_PERIOD / 2;
/** Longest run besides the whole, as a power of two of stretches: a minute. */
const LONGEST_RUN = 6;
/** Stretches whose background is taken together. */
const TOGETHER = 16;

/** How often sound that does not carry the mark is taken to carry it: once in so many looks at a recording. */
export const ONE_FALSE_ALARM_IN = 1_000_000;

/**
 * What was found. `score`: how far the best match stands out, in standard deviations of all other alignments of the mark with the sound. `needed`: what it
 * has to exceed, so that unmarked sound does once in a million looks. `from` and `to`: the stretch that it was found in, in seconds; it may be longer.
 */
export type Detection = {
  readonly found: boolean;
  readonly score: number;
  readonly needed: number;
  readonly from: number;
  readonly to: number;
};

type Best = { score: number; first: number; end: number };

/**
 * Looks for a key's mark in PCM16 sound at 16 kHz, wherever in the mark's period it begins. All alignments are tried at once: the sound is folded to one
 * period, and correlated with the mark by Fourier transform.
 *
 * The claim about false alarms holds for any sound that was made without the key: to such sound the mark's phases are chance, so that a correlation is a
 * sum of thousands of independent small terms, and its distribution normal. Every alignment in every run counts as a try, and both signs (some
 * equipment turns sound upside down). `looks`: how many sounds of one recording are looked at, one after the other; its false alarms are shared out among them.
 */
export function detectMark(sound: Int16Array, key: MarkKey, looks = 1): Detection {
  const correlator = new Correlator(markSpectrum(key));
  const stretches = Math.ceil(sound.length / STRETCH);
  const best: Best = { score: 0, first: 0, end: stretches };
  const runs = new Runs(best);
  const whole = new Float64Array(MARK_PERIOD);
  for (let first = 0; first < stretches; first += TOGETHER) {
    const from = first * STRETCH;
    const clear = whitened(sound, from, Math.min(sound.length, from + TOGETHER * STRETCH));
    for (let at = 0; at < clear.length; at += STRETCH) {
      const correlation = correlator.correlate(clear.subarray(at, at + STRETCH), (from + at) % MARK_PERIOD);
      addTo(whole, correlation);
      runs.take(correlation);
    }
  }
  consider(best, whole, 0, stretches);
  const needed = neededScore(sound.length, ONE_FALSE_ALARM_IN * looks);
  const seconds = (stretch: number) => Math.min(stretch * STRETCH, sound.length) / MARK_RATE;
  return { found: best.score > needed, score: best.score, needed, from: seconds(best.first), to: seconds(best.end) };
}

/** The score that unmarked sound of so many samples exceeds once in `oneIn` looks at most: the normal distribution's tail, shared out among all tries (Bonferroni). */
export function neededScore(samples: number, oneIn = ONE_FALSE_ALARM_IN): number {
  // A stretch is in one run of one, one of two, half a one of four and so on: three at most. And there is the whole.
  const tries = 2 * MARK_PERIOD * (3 * Math.ceil(samples / STRETCH) + 1) * oneIn;
  // The tail beyond z is below exp(-z * z / 2) / (z * sqrt(2 * pi)); the root is found by repetition.
  let z = 6;
  for (let round = 0; round < 20; round += 1) z = Math.sqrt(2 * Math.log(tries / (z * Math.sqrt(2 * Math.PI))));
  return z;
}

/** Correlates sound with the mark at all alignments. Correlations of stretches add up to that of the whole, because positions count from its start. */
class Correlator {
  readonly #fft = new Fft(MARK_PERIOD);
  readonly #spectrum: MarkSpectrum;
  readonly #imaginary = new Float64Array(MARK_PERIOD);

  constructor(spectrum: MarkSpectrum) {
    this.#spectrum = spectrum;
  }

  correlate(sound: Float64Array, position: number): Float64Array {
    const real = new Float64Array(MARK_PERIOD);
    const imaginary = this.#imaginary.fill(0);
    for (let i = 0; i < sound.length; i += 1) real[(position + i) % MARK_PERIOD] = sound[i] ?? 0;
    this.#fft.forward(real, imaginary);
    for (let line = 0; line < MARK_PERIOD; line += 1) {
      const [x, y] = [real[line] ?? 0, imaginary[line] ?? 0];
      const [a, b] = [this.#spectrum.real[line] ?? 0, this.#spectrum.imaginary[line] ?? 0];
      real[line] = x * a + y * b;
      imaginary[line] = y * a - x * b;
    }
    this.#fft.inverse(real, imaginary);
    return real;
  }
}

/** Adds stretches up to runs of 2, 4, 8 ... that each begin in the middle of the one before, and keeps the best. Holds one correlation for each length. */
class Runs {
  readonly #best: Best;
  /** By length: the last run without its like, and how many there were. */
  readonly #last: ({ readonly correlation: Float64Array; readonly count: number } | undefined)[] = [];
  #taken = 0;

  constructor(best: Best) {
    this.#best = best;
  }

  take(correlation: Float64Array): void {
    this.#taken += 1;
    consider(this.#best, correlation, this.#taken - 1, this.#taken);
    this.#join(correlation, 0);
  }

  #join(correlation: Float64Array, power: number): void {
    if (power === LONGEST_RUN) return;
    const last = this.#last[power];
    const count = (last?.count ?? 0) + 1;
    this.#last[power] = { correlation, count };
    if (last === undefined) return;
    const pair = addTo(correlation.slice(), last.correlation);
    consider(this.#best, pair, this.#taken - 2 * 2 ** power, this.#taken);
    if (count % 2 === 0) this.#join(pair, power + 1);
  }
}

function addTo(sum: Float64Array, other: Float64Array): Float64Array {
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (other[i] ?? 0);
  return sum;
}

/** Keeps a correlation whose highest peak, upwards or downwards, stands out more than the best so far. */
function consider(best: Best, correlation: Float64Array, first: number, end: number): void {
  let power = 0;
  let peak = 0;
  for (const value of correlation) {
    power += value * value;
    peak = Math.max(peak, Math.abs(value));
  }
  const score = power === 0 ? 0 : peak / Math.sqrt(power / correlation.length);
  if (score > best.score) Object.assign(best, { score, first, end });
}
