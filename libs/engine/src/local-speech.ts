import type { Speech, SpokenWord } from './speaking.ts';
import { type WorkerPort, openWorkerPort } from './worker-port.ts';

/** Hearing in its own worker thread: audio in (16 kHz mono PCM16, given away with its memory), text out. */
export type HearingPort = WorkerPort<Int16Array, string>;
/** Speaking in its own worker thread: text in, speech out. */
export type SpeakingPort = WorkerPort<string, Speech>;

const MOST_PENDING = 64;
const DEADLINE_MS = 20_000;

function isWord(value: unknown): value is SpokenWord {
  if (typeof value !== 'object' || value === null || !('text' in value) || !('start' in value)) return false;
  return typeof value.text === 'string' && typeof value.start === 'number';
}

function parseSpeech(body: unknown): Speech | null {
  if (typeof body !== 'object' || body === null || !('audio' in body) || !('words' in body)) return null;
  const { audio, words } = body;
  return audio instanceof Int16Array && Array.isArray(words) && words.every(isWord) ? { audio, words } : null;
}

/** Starts the hearing worker on the weights in `folder`. */
export function openHearing(folder: string): HearingPort {
  const entry = new URL('./hearing-worker.ts', import.meta.url);
  return openWorkerPort({
    entry,
    folder,
    parse: (body) => (typeof body === 'string' ? body : null),
    mostPending: MOST_PENDING,
    deadlineMs: DEADLINE_MS,
  });
}

/** Starts the speaking worker on the weights in `folder`. */
export function openSpeaking(folder: string): SpeakingPort {
  const entry = new URL('./speaking-worker.ts', import.meta.url);
  return openWorkerPort({ entry, folder, parse: parseSpeech, mostPending: MOST_PENDING, deadlineMs: DEADLINE_MS });
}
