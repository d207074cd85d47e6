import { isMainThread } from 'node:worker_threads';

/** Loaded into a server with `--import`, which its worker threads inherit. SIGUSR2 ends every stream thread at once, as a crash in it does. */
const channel = new BroadcastChannel('crash-hook');
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage('crash');
  });
} else {
  channel.onmessage = () => {
    process.exit(1);
  };
}
