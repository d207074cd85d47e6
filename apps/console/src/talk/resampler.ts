/** Zero crossings of the sinc on each side: enough that speech shows no aliasing, cheap enough for the audio thread. */
const CROSSINGS = 12;
/** Table steps between two zero crossings. */
const STEPS = 128;

/**
 * Turns mono samples of one rate into another's, block by block without seams: a windowed sinc whose cut-off lies under the lower of the
 * two Nyquist rates. The capture graph runs at the device's own rate, since not every browser lets a microphone into a graph of another rate.
 */
export class Resampler {
  readonly #ratio: number;
  readonly #cutoff: number;
  readonly #reach: number;
  readonly #table: Float32Array;
  #held: Float32Array;
  /** Position of the next output sample, in input samples from the start of `#held`. */
  #position: number;

  constructor(from: number, to: number) {
    this.#ratio = from / to;
    this.#cutoff = Math.min(1, to / from) * 0.94;
    this.#reach = Math.ceil(CROSSINGS / this.#cutoff);
    this.#table = sincTable();
    // Silence before the start, so that the first samples have a left side.
    this.#held = new Float32Array(this.#reach);
    this.#position = this.#reach;
  }

  push(input: Float32Array): Float32Array {
    const samples = new Float32Array(this.#held.length + input.length);
    samples.set(this.#held);
    samples.set(input, this.#held.length);
    const last = samples.length - this.#reach - 1;
    const count = Math.max(0, Math.floor((last - this.#position) / this.#ratio) + 1);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i += 1) out[i] = this.#at(samples, this.#position + i * this.#ratio);
    this.#position += count * this.#ratio;
    const keepFrom = Math.max(0, Math.floor(this.#position) - this.#reach);
    this.#held = samples.slice(keepFrom);
    this.#position -= keepFrom;
    return out;
  }

  #at(samples: Float32Array, position: number): number {
    const first = Math.max(0, Math.ceil(position - this.#reach));
    const last = Math.min(samples.length - 1, Math.floor(position + this.#reach));
    let sum = 0;
    for (let i = first; i <= last; i += 1) {
      const step = Math.abs(position - i) * this.#cutoff * STEPS;
      const below = Math.floor(step);
      const a = this.#table[below] ?? 0;
      const b = this.#table[below + 1] ?? 0;
      sum += (samples[i] ?? 0) * (a + (b - a) * (step - below));
    }
    return sum * this.#cutoff;
  }
}

function sincTable(): Float32Array {
  return Float32Array.from({ length: CROSSINGS * STEPS + 2 }, (_, i) => {
    const x = i / STEPS;
    if (x === 0) return 1;
    if (x >= CROSSINGS) return 0;
    const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS) + 0.08 * Math.cos((2 * Math.PI * x) / CROSSINGS);
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  });
}
