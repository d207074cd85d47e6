import { isMainThread, threadId } from 'node:worker_threads';

// Loaded into the server with `node --import`, and into its stream threads, which inherit the flag. On SIGUSR2 every stream thread does
// nothing for half a second but turn: no timer fires, no socket is read. Orders must take effect all the same. On SIGWINCH every thread
// collects its garbage and prints what it still holds: memory that comes and goes is not a session's.
export const BUSY_MS = 500;

const channel = new BroadcastChannel('wheelhouse-bench');
channel.unref();

function printRetained(): void {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`{"retained":${heapUsed + external},"thread":${threadId}}\n`);
}

if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage('busy');
  });
  process.on('SIGWINCH', () => {
    channel.postMessage('retained');
    printRetained();
  });
} else {
  channel.onmessage = ({ data }) => {
    const end = performance.now() + BUSY_MS;
    if (data === 'retained') printRetained();
    else while (performance.now() < end);
  };
}
