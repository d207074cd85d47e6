/** Sample rates that this converts between, in Hz. */
export type AudioRate = 8_000 | 16_000 | 24_000;

/** Kaiser window: over 70 dB of stop band. */
const BETA = 7.2;
const ATTENUATION_DB = 74;
/** Half the width of the band between what passes and what is stopped, as a part of the narrower side's Nyquist frequency. */
const HALF_TRANSITION = 0.15;

type Filter = { readonly phases: readonly Float64Array[]; readonly taps: number; readonly up: number; readonly down: number };

const filters = new Map<string, Filter>();

/**
 * Streaming conversion of mono PCM16 from one rate to another by a windowed-sinc polyphase FIR. What was given so far decides what comes
 * out, not how it was cut into chunks: after n samples in, exactly ceil(n * to / from) are out, delayed by the filter's centre (under 4 ms).
 * Up to 85% of the narrower Nyquist frequency passes as it is; from 115% on, images and aliases are more than 60 dB down.
 */
export class AudioResampler {
  readonly #filter: Filter | null;
  /** The last samples given, oldest first: as many as the filter looks back. */
  #history: Float64Array;
  /** Where the next output lies, in steps of 1/up of an input sample, counted from the next input. */
  #position = 0;

  constructor(from: AudioRate, to: AudioRate) {
    this.#filter = from === to ? null : filterFor(from, to);
    this.#history = new Float64Array(this.#filter === null ? 0 : this.#filter.taps - 1);
  }

  /** The next samples of the stream, converted. `samples` is not kept. */
  take(samples: Int16Array): Int16Array<ArrayBuffer> {
    const filter = this.#filter;
    if (filter === null) return Int16Array.from(samples);
    const { phases, taps, up, down } = filter;
    const past = taps - 1;
    const line = new Float64Array(past + samples.length);
    line.set(this.#history);
    line.set(samples, past);
    const end = samples.length * up;
    const out = new Int16Array(Math.max(0, Math.ceil((end - this.#position) / down)));
    let position = this.#position;
    for (let index = 0; index < out.length; index += 1) {
      const phase = phases[position % up];
      if (phase !== undefined) out[index] = dot(phase, line, Math.floor(position / up));
      position += down;
    }
    this.#position = position - end;
    this.#history = line.slice(samples.length);
    return out;
  }
}

/** One output sample: the filter's phase over `line` from `start` on, rounded and kept within 16 bits. */
function dot(phase: Float64Array, line: Float64Array, start: number): number {
  let sum = 0;
  for (let tap = 0; tap < phase.length; tap += 1) sum += (phase[tap] ?? 0) * (line[start + tap] ?? 0);
  return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
}

function filterFor(from: AudioRate, to: AudioRate): Filter {
  const name = `${from}-${to}`;
  const known = filters.get(name);
  if (known !== undefined) return known;
  const common = greatestCommon(from, to);
  const filter = design(to / common, from / common, { from, to });
  filters.set(name, filter);
  return filter;
}

/** A low-pass at the rate from * up, cut into `up` phases; each sums to one, so that a constant stays exactly what it is. */
function design(up: number, down: number, rates: { readonly from: number; readonly to: number }): Filter {
  const rate = rates.from * up;
  const cutoff = Math.min(rates.from, rates.to) / 2 / rate;
  const transition = 2 * Math.PI * 2 * HALF_TRANSITION * cutoff;
  const taps = Math.ceil((ATTENUATION_DB - 8) / (2.285 * transition) / up);
  const length = taps * up;
  const centre = (length - 1) / 2;
  const prototype = Float64Array.from({ length }, (_, index) => {
    const offset = index - centre;
    const sinc = offset === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * offset) / (Math.PI * offset);
    return sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - (offset / (centre + 1)) ** 2)));
  });
  const phases = Array.from({ length: up }, (_, phase) => {
    // Turned round: the oldest sample meets the filter's end.
    const part = Float64Array.from({ length: taps }, (__, tap) => prototype[phase + (taps - 1 - tap) * up] ?? 0);
    const sum = part.reduce((total, value) => total + value, 0);
    return part.map((value) => value / sum);
  });
  return { phases, taps, up, down };
}

/** The modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let n = 1; term > sum * 1e-12; n += 1) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}
