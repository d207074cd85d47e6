/** A fast Fourier transform of one length, a power of two; its tables are made once. Radix 2, in place, over real and imaginary parts. */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;

  constructor(size: number) {
    const bits = 31 - Math.clz32(size);
    if (size < 2 || 1 << bits !== size) throw new RangeError(`a transform has a length that is a power of two, not ${size}`);
    this.size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));
    this.#reversed = new Uint32Array(size);
    for (let i = 1; i < size; i += 1) this.#reversed[i] = ((this.#reversed[i >> 1] ?? 0) >> 1) | ((i & 1) << (bits - 1));
  }

  /** The sum over n of x[n] * exp(-2 pi i k n / size), for each k, in the place of x. */
  forward(real: Float64Array, imaginary: Float64Array): void {
    const { size } = this;
    for (let i = 0; i < size; i += 1) {
      const j = this.#reversed[i] ?? 0;
      if (j <= i) continue;
      swap(real, i, j);
      swap(imaginary, i, j);
    }
    for (let half = 1; half < size; half *= 2) this.#pass(real, imaginary, half);
  }

  /** The inverse of `forward`. */
  inverse(real: Float64Array, imaginary: Float64Array): void {
    // With the parts exchanged, forward turns the other way round.
    this.forward(imaginary, real);
    for (let i = 0; i < this.size; i += 1) {
      real[i] = (real[i] ?? 0) / this.size;
      imaginary[i] = (imaginary[i] ?? 0) / this.size;
    }
  }

  /** Joins transforms of length `half`, two by two. */
  #pass(real: Float64Array, imaginary: Float64Array, half: number): void {
    const stride = this.size / (2 * half);
    for (let from = 0; from < this.size; from += 2 * half) {
      for (let k = 0; k < half; k += 1) {
        const cos = this.#cos[k * stride] ?? 0;
        const sin = this.#sin[k * stride] ?? 0;
        const a = from + k;
        const b = a + half;
        const x = real[b] ?? 0;
        const y = imaginary[b] ?? 0;
        const turnedX = x * cos + y * sin;
        const turnedY = y * cos - x * sin;
        real[b] = (real[a] ?? 0) - turnedX;
        imaginary[b] = (imaginary[a] ?? 0) - turnedY;
        real[a] = (real[a] ?? 0) + turnedX;
        imaginary[a] = (imaginary[a] ?? 0) + turnedY;
      }
    }
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = values[i] ?? 0;
  values[i] = values[j] ?? 0;
  values[j] = kept;
}
