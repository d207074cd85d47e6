const FIRST_MS = 250;
const LONGEST_MS = 5000;

/** Before the `nth` try again, in milliseconds: twice as long each time up to five seconds, and never quite the same, so that callers do not come back all at once. */
export function pauseBefore(nth: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (nth - 1)) * (0.5 + Math.random() / 2);
}

/** Waits for so many milliseconds; rejects with the signal's reason when that aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<null>();
  const timer = setTimeout(() => {
    resolve(null);
  }, ms);
  const stop = () => {
    reject(signal?.reason instanceof Error ? signal.reason : new Error('the wait was ended'));
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  return promise
    .finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    })
    .then(() => undefined);
}
