import { workerData } from 'node:worker_threads';
import { createListener } from './hearing.ts';
import { SpeechError } from './speech-error.ts';
import { loadWeights } from './weights-store.ts';
import { serveRequests } from './worker-service.ts';

const folder = String(workerData);
const listener = await createListener(
  await loadWeights(folder, 'moonshine-tiny-encoder'),
  await loadWeights(folder, 'moonshine-tiny-decoder'),
);

serveRequests(async (body) => {
  if (!(body instanceof Int16Array)) throw new SpeechError('bad_request', 'audio is an Int16Array');
  return listener.transcribe(body);
});
