import { isMainThread } from 'node:worker_threads';

// Loaded into the server with `node --import`, and into its stream threads, which inherit the flag. On SIGUSR2 every stream thread does
// nothing for half a second but turn: no timer fires, no socket is read. Orders must take effect all the same.
export const BUSY_MS = 500;

const channel = new BroadcastChannel('wheelhouse-bench-busy');
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage('busy');
  });
} else {
  channel.onmessage = () => {
    const end = performance.now() + BUSY_MS;
    while (performance.now() < end);
  };
}
