import type { Marker } from '@wheelhouse/watermark/marker';
import type { HeldOutput } from './held-output.ts';

/**
 * The output as it leaves: where policy asks for it, its sound carries the mark of a machine. After redaction, so that what is masked is silent, and before
 * the gate, so that evidence, recordings and whoever listens have the sound that left.
 */
export function markedOutput(marker: Marker | null, output: HeldOutput): HeldOutput {
  const { audio, watermark } = output;
  return audio === null || !watermark ? output : { ...output, frames: null, audio: marked(marker, audio) };
}

/** A copy of the next sound that carries the mark. Without anything to mark it with it is silent: what has to be marked does not leave unmarked. */
export function marked(marker: Marker | null, sound: Int16Array): Int16Array {
  const copy = new Int16Array(sound.length);
  marker?.mark(sound, copy);
  return copy;
}
