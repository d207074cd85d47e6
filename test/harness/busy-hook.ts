import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a server with `--import`, which its worker threads inherit. SIGUSR2 keeps every stream thread busy for a while, SIGHUP the
 * control thread: what a long garbage collection or a hot loop does.
 */
const STREAM_BUSY_MS = 700;
const CONTROL_BUSY_MS = 2500;

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const channel = new BroadcastChannel('busy-hook');
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage('spin');
  });
  process.on('SIGHUP', () => {
    spin(CONTROL_BUSY_MS);
  });
} else {
  channel.onmessage = () => {
    spin(STREAM_BUSY_MS);
  };
}
