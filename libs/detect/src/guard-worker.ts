import { readFile } from 'node:fs/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { NO_SIGNALS, type ScanAnswer, type ScanRequest } from '@wheelhouse/protocol/signals';
import { createGuard, type Guard, type GuardParts } from './guard.ts';
import type { FromGuard, FromGuardWorker, GuardSetup, ToGuard, ToGuardWorker } from './guard-messages.ts';
import { guardSetupOf } from './setups.ts';
import { SlowPort } from './slow-port.ts';
import { createVoiceActivity } from './voice-activity.ts';

/** The same trouble again and again is told once in this long. */
const TROUBLE_MS = 10_000;

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

if (parentPort === null) throw new Error('This module runs as a worker.');
const host = parentPort;
const told = new Map<string, number>();
const slow: SlowPort[] = [];

function tell(message: FromGuardWorker): void {
  host.postMessage(message);
}

function trouble(message: string): void {
  const now = performance.now();
  if (now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < TROUBLE_MS) return;
  if (told.size > 100) told.clear();
  told.set(message, now);
  tell({ type: 'trouble', message });
}

async function textPart({ injection, toxicity }: GuardSetup['models']): Promise<GuardParts['text']> {
  if (injection === null && toxicity === null) return null;
  const port = new SlowPort({ kind: 'text', injection, toxicity });
  slow.push(port);
  await port.ask({ type: 'load' });
  return {
    knows: [...(injection === null ? [] : ['injection' as const]), ...(toxicity === null ? [] : ['toxicity' as const])],
    ask: async (text) => {
      const answer = await port.ask({ type: 'text', text });
      return answer.type === 'text' ? answer.risks : { injection: 'unknown', toxicity: 'unknown' };
    },
  };
}

async function imagePart({ ocr, unsafeImage }: GuardSetup['models']): Promise<GuardParts['image']> {
  if (ocr === null && unsafeImage === null) return null;
  const port = new SlowPort({ kind: 'image', ocr, unsafeImage });
  slow.push(port);
  if (unsafeImage !== null) await port.ask({ type: 'load' });
  return {
    knowsUnsafe: unsafeImage !== null,
    ask: async (image) => {
      const answer = await port.ask({ type: 'image', image });
      return answer.type === 'image' ? answer.findings : { foundOnScreen: [], unsafeImage: 'unknown' };
    },
  };
}

async function openGuard({ models, waitForMs, imageEveryMs }: GuardSetup): Promise<Guard> {
  return createGuard({
    voice: models.silero === null ? null : await createVoiceActivity(await readFile(models.silero)),
    text: await textPart(models),
    image: await imagePart(models),
    clock: { now: () => performance.now(), after: (ms, act) => void setTimeout(act, ms) },
    waitForMs,
    imageEveryMs,
    onTrouble: trouble,
  });
}

/** One stream thread's channel. Answers of one turn go in one message. */
class Channel {
  readonly #port: MessagePort;
  readonly #guard: Guard;
  #answers: ScanAnswer[] = [];
  #late: ScanAnswer[] = [];
  #flushing = false;

  constructor(port: MessagePort, guard: Guard) {
    this.#port = port;
    this.#guard = guard;
    port.on('message', (message: ToGuard) => {
      try {
        this.#take(message);
      } catch (error) {
        trouble(`a message could not be read: ${wordsOf(error)}`);
      }
    });
  }

  #take(message: ToGuard): void {
    switch (message.type) {
      case 'scan':
        for (const request of message.requests) this.#scan(request);
        return;
      case 'forget':
        this.#guard.forget(message.session);
    }
  }

  #scan(request: ScanRequest): void {
    const failed = (error: unknown): void => {
      trouble(`a scan failed: ${wordsOf(error)}`);
      this.#answer({ id: request.id, signals: NO_SIGNALS, spans: [] }, false);
    };
    try {
      this.#guard
        .scan(request, (answer) => {
          this.#answer(answer, true);
        })
        .then((answer) => {
          this.#answer(answer, false);
        }, failed);
    } catch (error) {
      failed(error);
    }
  }

  #answer(answer: ScanAnswer, late: boolean): void {
    (late ? this.#late : this.#answers).push(answer);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#send(this.#answers, false);
      this.#send(this.#late, true);
      this.#answers = [];
      this.#late = [];
    });
  }

  #send(answers: readonly ScanAnswer[], late: boolean): void {
    if (answers.length > 0) this.#port.postMessage({ type: 'scanned', answers, late } satisfies FromGuard);
  }
}

const guard = openGuard(guardSetupOf(workerData));
host.on('message', (message: ToGuardWorker) => {
  switch (message.type) {
    case 'port': {
      const { port } = message;
      // A guard that can't be opened ends this worker by itself, below.
      guard.then((opened) => new Channel(port, opened)).catch(() => undefined);
      return;
    }
    case 'end':
      void Promise.all(slow.map((port) => port.close())).finally(() => process.exit(0));
  }
});
await guard;
tell({ type: 'ready' });
