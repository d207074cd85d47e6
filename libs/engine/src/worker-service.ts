import { parentPort } from 'node:worker_threads';
import { SpeechError } from './speech-error.ts';

type Asked = { readonly id: number; readonly body: unknown };

function askedOf(message: unknown): Asked | null {
  if (typeof message !== 'object' || message === null || !('id' in message) || !('body' in message)) return null;
  return typeof message.id === 'number' ? { id: message.id, body: message.body } : null;
}

function saysEnd(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'id' in message && message.id === 'end';
}

/** Serves the requests of this worker's port one after the other, in order; says that it is ready first. Call when the model is loaded. Ends the worker when told to. */
export function serveRequests(handle: (body: unknown) => Promise<unknown>): void {
  const port = parentPort;
  if (port === null) throw new Error('this module runs as a worker');
  const serve = async ({ id, body }: Asked): Promise<void> => {
    try {
      port.postMessage({ id, body: await handle(body) });
    } catch (error) {
      const code = error instanceof SpeechError ? error.code : 'model_failed';
      port.postMessage({ id, code, message: error instanceof Error ? error.message : String(error) });
    }
  };
  let last = Promise.resolve();
  port.on('message', (message: unknown) => {
    if (saysEnd(message)) process.exit(0);
    const asked = askedOf(message);
    if (asked !== null) last = last.then(() => serve(asked));
  });
  port.postMessage({ id: 'ready' });
}
