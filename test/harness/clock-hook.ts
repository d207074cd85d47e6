import { isMainThread } from 'node:worker_threads';

/** Loaded into a server with `--import`. SIGUSR2 sets its wall clock back by ten minutes, as a person or a time server may. */
const BACK_MS = 600_000;

if (isMainThread) {
  const now = Date.now.bind(Date);
  process.on('SIGUSR2', () => {
    Date.now = () => now() - BACK_MS;
  });
}
