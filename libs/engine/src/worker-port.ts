import { type Transferable, Worker } from 'node:worker_threads';
import { SpeechError, type SpeechErrorCode } from './speech-error.ts';

/** How to reach a worker that serves one kind of request, one at a time, in order. */
export type WorkerPortOptions<Answer> = {
  readonly entry: URL;
  /** Handed to the worker as `workerData`. */
  readonly folder: string;
  /** Reads an answer off what the worker posted; null when it isn't one. */
  readonly parse: (body: unknown) => Answer | null;
  /** Requests that may wait at once; more are refused with `overloaded`. */
  readonly mostPending: number;
  /** How long one request may take, waiting included, in milliseconds. After that the worker is taken for stuck and is replaced. */
  readonly deadlineMs: number;
};

/** A way to ask a worker. */
export type WorkerPort<Request, Answer> = {
  /** Throws SpeechError. A worker that died fails all that it was asked, and the next request starts another. */
  ask(request: Request, transfer?: readonly Transferable[]): Promise<Answer>;
  pending(): number;
  /** Resolves when the worker has loaded its model; rejects with the worker's own words when it cannot. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** A worker that dies on loading is not started again before this long. */
const RESTART_AFTER_MS = 1_000;
/** A worker that was told to end is terminated after so long. */
const END_MS = 5_000;
const codes: readonly SpeechErrorCode[] = ['worker_died', 'timed_out', 'overloaded', 'bad_request', 'model_failed', 'closed'];

type Pending<Answer> = { resolve: (answer: Answer) => void; reject: (error: SpeechError) => void; timer: NodeJS.Timeout };

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

/** One life of the worker. */
class Life<Request, Answer> {
  readonly #worker: Worker;
  readonly #options: WorkerPortOptions<Answer>;
  readonly #pending = new Map<number, Pending<Answer>>();
  readonly ready: Promise<void>;
  readonly #started = Promise.withResolvers<undefined>();
  readonly #exited = Promise.withResolvers<undefined>();
  #next = 0;
  ended = false;
  loaded = false;

  constructor(options: WorkerPortOptions<Answer>) {
    this.#options = options;
    this.ready = this.#started.promise;
    // Nobody may be waiting for the start; each request learns of the failure by itself.
    this.ready.catch(() => undefined);
    this.#worker = new Worker(options.entry, { workerData: options.folder });
    this.#worker.on('message', (message: unknown) => {
      this.#receive(message);
    });
    this.#worker.on('error', (error: unknown) => {
      this.end(new SpeechError('worker_died', error instanceof Error ? error.message : String(error)));
    });
    this.#worker.on('exit', (code) => {
      this.#exited.resolve(undefined);
      this.end(new SpeechError('worker_died', `the worker ended with code ${code}`));
    });
  }

  get pending(): number {
    return this.#pending.size;
  }

  ask(request: Request, transfer: readonly Transferable[]): Promise<Answer> {
    if (this.#pending.size >= this.#options.mostPending)
      return Promise.reject(new SpeechError('overloaded', 'too many requests are waiting'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.end(new SpeechError('timed_out', `no answer in ${this.#options.deadlineMs} ms`));
      }, this.#options.deadlineMs);
      this.#next += 1;
      this.#pending.set(this.#next, { resolve, reject, timer });
      this.#worker.postMessage({ id: this.#next, body: request }, [...transfer]);
    });
  }

  #receive(message: unknown): void {
    const id = fieldOf(message, 'id');
    if (id === 'ready') {
      this.loaded = true;
      this.#started.resolve(undefined);
    }
    const waiting = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (typeof id !== 'number' || waiting === undefined) return;
    this.#pending.delete(id);
    clearTimeout(waiting.timer);
    const answer = this.#options.parse(fieldOf(message, 'body'));
    if (answer !== null) {
      waiting.resolve(answer);
      return;
    }
    const stated = fieldOf(message, 'code');
    const words = fieldOf(message, 'message');
    waiting.reject(
      new SpeechError(
        codes.find((code) => code === stated) ?? 'model_failed',
        typeof words === 'string' ? words : 'the worker gave no answer',
      ),
    );
  }

  end(why: SpeechError): void {
    if (this.ended) return;
    this.ended = true;
    this.#started.reject(why);
    for (const waiting of this.#pending.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(why);
    }
    this.#pending.clear();
    // Terminated while a model runs, onnxruntime would take the process with it; it ends itself between two calls.
    this.#worker.postMessage({ id: 'end' });
    const timer = setTimeout(() => void this.#worker.terminate(), END_MS);
    void this.#exited.promise.then(() => {
      clearTimeout(timer);
    });
  }

  async close(): Promise<void> {
    this.end(new SpeechError('closed', 'the engine is closing'));
    await this.#exited.promise;
  }
}

/** Starts a worker and keeps one running for as long as there is something to ask. */
export function openWorkerPort<Request, Answer>(options: WorkerPortOptions<Answer>): WorkerPort<Request, Answer> {
  let life = new Life<Request, Answer>(options);
  let born = performance.now();
  let closed = false;
  const living = (): Life<Request, Answer> => {
    const tooSoon = !life.loaded && performance.now() - born < RESTART_AFTER_MS;
    if (life.ended && !closed && !tooSoon) {
      life = new Life(options);
      born = performance.now();
    }
    return life;
  };
  return {
    ask(request, transfer = []) {
      const current = living();
      if (current.ended) return Promise.reject(new SpeechError(closed ? 'closed' : 'worker_died', 'there is no worker to ask'));
      return current.ask(request, transfer);
    },
    pending: () => life.pending,
    ready: () => living().ready,
    close() {
      closed = true;
      return life.close();
    },
  };
}
