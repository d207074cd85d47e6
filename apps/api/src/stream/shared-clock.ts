/**
 * One monotonic clock for all threads of the process, in milliseconds since the control thread made it. `performance.now()` starts anew in
 * each thread; the offset between it and the process-wide `hrtime` is taken once.
 */
export type SharedClock = { readonly origin: number; readonly now: () => number };

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The clock that counts from `origin`, another thread's; without it, a new one that counts from now. */
export function sharedClock(origin: number = hrtimeMs()): SharedClock {
  const offset = hrtimeMs() - performance.now() - origin;
  return { origin, now: () => performance.now() + offset };
}
