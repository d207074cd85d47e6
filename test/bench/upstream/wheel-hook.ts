import { isMainThread } from 'node:worker_threads';
import { machineNow } from '../crowd/machine-clock.ts';

// Loaded into the server with `node --import`, and into its stream threads, which inherit the flag. The wheel's timers aim at deadlines that lie
// on a grid of 10 ms; once a thread has set enough of them it prints where its grid lies on the machine's clock, and leaves timers alone.

const SAMPLES = 300;

if (!isMainThread) {
  const original = globalThis.setTimeout;
  const seen: number[] = [];
  const watched = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    // Nothing else there sets timers of a fraction of a millisecond.
    if (ms !== undefined && ms > 0 && ms <= 10 && !Number.isInteger(ms)) seen.push((machineNow() + ms) % 10);
    if (seen.length === SAMPLES) {
      globalThis.setTimeout = original;
      const [first = 0] = seen;
      const around = seen.map((phase) => ((phase - first + 15) % 10) - 5).sort((a, b) => a - b);
      process.stdout.write(`{"wheel":${(first + (around[SAMPLES >> 1] ?? 0) + 10) % 10}}\n`);
    }
    return original(callback, ms, ...args);
  };
  globalThis.setTimeout = Object.assign(watched, original);
}
