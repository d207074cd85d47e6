import type { Signals } from '@wheelhouse/protocol/signals';

/** Levels in dB relative to a full-scale square wave, over a whole tick. Speech at a usual distance lies around -35 to -18. */
const SILENT_BELOW = -55;
const LOUD_FROM = -14;

/** The root mean square of PCM16 samples in dBFS; -Infinity for digital silence. */
export function rmsOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(sum / samples.length / 32_768 ** 2);
}

export function loudnessOf(samples: Int16Array): Signals['loudness'] {
  const level = rmsOf(samples);
  if (level < SILENT_BELOW) return 'silent';
  return level >= LOUD_FROM ? 'loud' : 'normal';
}
