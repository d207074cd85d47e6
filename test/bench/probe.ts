import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';

const SPIN_MS = 2000;
/** On a quiet machine a spinning core is seldom away for a tenth of a percent, and never for milliseconds. */
const MOST_LOST_PERCENT = 1;
const MOST_GAP_MS = 4;

const Core = z.object({ lostPercent: z.number(), longestMs: z.number(), gaps: z.number() });
export type Probe = { readonly cpu: string; readonly cores: readonly z.infer<typeof Core>[]; readonly noisy: boolean };

/** Spins every core at once and looks for time that the machine gave to somebody else: nothing measured here can be better than that. */
export async function probeMachine(): Promise<Probe> {
  const cores = await Promise.all(os.cpus().map(spin));
  const noisy = cores.some(({ lostPercent, longestMs }) => lostPercent > MOST_LOST_PERCENT || longestMs > MOST_GAP_MS);
  return { cpu: os.cpus()[0]?.model.trim() ?? 'unknown CPU', cores, noisy };
}

function spin(): Promise<z.infer<typeof Core>> {
  const worker = new Worker(new URL('./probe-worker.ts', import.meta.url), { workerData: SPIN_MS });
  return new Promise((resolve, reject) => {
    worker.once('message', (message) => {
      resolve(Core.parse(message));
    });
    worker.once('error', reject);
  });
}
