import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { Resampler } from './resampler.ts';
import { Slicer } from './slicer.ts';

const BLOCK = 128;

/** Runs on the audio thread, where no busy page and no hidden tab delays it: device rate in, slices of 40 ms at 16 kHz out. */
class CaptureProcessor extends AudioWorkletProcessor {
  readonly #resampler = new Resampler(sampleRate, SAMPLE_RATE);
  readonly #slicer = new Slicer();
  readonly #mixed = new Float32Array(BLOCK);

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    // No input (a recording that ended) is silence: the engine needs the quiet after the last word as much as the word.
    const channels = inputs[0] ?? [];
    const mixed = this.#mixed.fill(0);
    for (const channel of channels) {
      for (let i = 0; i < BLOCK; i += 1) mixed[i] = (mixed[i] ?? 0) + (channel[i] ?? 0) / channels.length;
    }
    for (const slice of this.#slicer.push(this.#resampler.push(mixed))) this.port.postMessage(slice, [slice.pcm.buffer]);
    return true;
  }
}

registerProcessor('wheelhouse-capture', CaptureProcessor);
