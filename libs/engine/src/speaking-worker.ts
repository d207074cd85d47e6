import { workerData } from 'node:worker_threads';
import { createSpeaker } from './speaking.ts';
import { SpeechError } from './speech-error.ts';
import { loadWeights } from './weights-store.ts';
import { serveRequests } from './worker-service.ts';

const speaker = await createSpeaker(new Uint8Array(await loadWeights(String(workerData), 'flite')));

serveRequests(async (body) => {
  if (typeof body !== 'string') throw new SpeechError('bad_request', 'text is a string');
  return speaker.speak(body);
});
