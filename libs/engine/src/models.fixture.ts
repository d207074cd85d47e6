import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { readWav } from './wav.ts';

/** Where the tests' set-up (`npm run setup`) puts the model files. */
export const modelsFolder = fileURLToPath(new URL('../../../.wheelhouse/models', import.meta.url));

/** The samples of a recording in test/fixtures. */
export async function recording(name: string): Promise<Int16Array> {
  const wav = readWav(await readFile(new URL(`../../../test/fixtures/${name}`, import.meta.url)));
  if (wav === null) throw new Error(`${name} is no WAV file`);
  return wav.samples;
}

/** Audio cut into ticks, the last one padded with silence, then `more` ticks of silence. */
export function inTicks(samples: Int16Array, more: number): Int16Array[] {
  return Array.from({ length: Math.ceil(samples.length / TICK_SAMPLES) + more }, (_, tick) => {
    const audio = new Int16Array(TICK_SAMPLES);
    audio.set(samples.subarray(tick * TICK_SAMPLES, (tick + 1) * TICK_SAMPLES));
    return audio;
  });
}
