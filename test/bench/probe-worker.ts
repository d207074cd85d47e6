import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';

/** A turn of the loop below takes well under a microsecond; what takes longer than this was spent elsewhere. */
const GAP_MS = 0.2;

const spinMs = z.number().parse(workerData);
const start = performance.now();
let last = start;
let lost = 0;
let gaps = 0;
let longestMs = 0;
while (last - start < spinMs) {
  const now = performance.now();
  const gap = now - last;
  if (gap > GAP_MS) {
    lost += gap;
    gaps += 1;
    longestMs = Math.max(longestMs, gap);
  }
  last = now;
}
parentPort?.postMessage({ lostPercent: (lost / spinMs) * 100, longestMs, gaps });
