import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';

/** Audio leaves the console in slices of 40 ms. */
export const SLICE_SAMPLES = (SAMPLE_RATE * 40) / 1000;

export type Slice = { readonly pcm: Int16Array<ArrayBuffer>; readonly level: number };

/** Cuts a flow of samples into slices of PCM16, each with its loudness. */
export class Slicer {
  #pcm = new Int16Array(SLICE_SAMPLES);
  #filled = 0;
  #energy = 0;

  push(samples: Float32Array): Slice[] {
    const slices: Slice[] = [];
    for (const sample of samples) {
      this.#pcm[this.#filled] = pcm16(sample);
      this.#filled += 1;
      this.#energy += sample * sample;
      if (this.#filled === SLICE_SAMPLES) slices.push(this.#cut());
    }
    return slices;
  }

  #cut(): Slice {
    const slice = { pcm: this.#pcm, level: Math.min(1, Math.sqrt(this.#energy / SLICE_SAMPLES)) };
    this.#pcm = new Int16Array(SLICE_SAMPLES);
    this.#filled = 0;
    this.#energy = 0;
    return slice;
  }
}

/** Clipped, never wrapped: a sample just over full scale must not turn into a crack at the other end. */
function pcm16(sample: number): number {
  return Math.round(Math.max(-32768, Math.min(32767, sample * 32768)));
}
