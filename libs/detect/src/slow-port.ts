import { type Transferable, Worker } from 'node:worker_threads';
import type { SlowAnswer, SlowAsk, SlowEnd, SlowSetup } from './slow-messages.ts';

/** A worker that is asked something and gives no answer to anything for so long is stuck, and is replaced. A long queue is none. */
const DEADLINE_MS = 30_000;

type Pending = { readonly done: (answer: SlowAnswer) => void; readonly failed: (why: Error) => void };
type Body = SlowAsk extends infer Ask ? (Ask extends SlowAsk ? Omit<Ask, 'id'> : never) : never;

/** The way to a worker for slow models. One that dies fails what it was asked, and the next request starts another. */
export class SlowPort {
  readonly #setup: SlowSetup;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  /** One that was told to end and still runs. There is no other while it does: stuck ones don't pile up. */
  #ending: Worker | null = null;
  #watch: NodeJS.Timeout | null = null;
  #next = 0;

  constructor(setup: SlowSetup) {
    this.#setup = setup;
  }

  /** Throws Error with the worker's own words. */
  ask(body: Body, transfer: readonly Transferable[] = []): Promise<SlowAnswer> {
    if (this.#ending !== null) return Promise.reject(new Error('the last worker is still at what it gave no answer to'));
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((done, failed) => {
      this.#next += 1;
      this.#pending.set(this.#next, { done, failed });
      if (this.#watch === null) this.#watchOver(worker);
      worker.postMessage({ ...body, id: this.#next } satisfies SlowAsk, [...transfer]);
    });
  }

  /** Ends the worker; resolves when it has gone, which is after the model that runs. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker !== null) this.#end(worker, new Error('the guard ends'));
    const ending = this.#ending;
    if (ending !== null) await new Promise((resolve) => ending.once('exit', resolve));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./slow-worker.ts', import.meta.url), { workerData: this.#setup, name: `guard-${this.#setup.kind}` });
    worker.on('message', (answer: SlowAnswer) => {
      const waiting = this.#pending.get(answer.id);
      if (waiting === undefined) return;
      this.#pending.delete(answer.id);
      this.#watchOver(worker);
      if (answer.type === 'failed') waiting.failed(new Error(answer.message));
      else waiting.done(answer);
    });
    worker.on('error', (error: unknown) => {
      this.#end(worker, error instanceof Error ? error : new Error(String(error)));
    });
    worker.on('exit', (code) => {
      this.#end(worker, new Error(`the worker ended with code ${code}`));
      if (this.#ending === worker) this.#ending = null;
    });
    return worker;
  }

  /** Counts the time to the next answer anew. */
  #watchOver(worker: Worker): void {
    this.#unwatch();
    if (this.#pending.size === 0) return;
    this.#watch = setTimeout(() => {
      this.#end(worker, new Error(`no answer in ${DEADLINE_MS / 1000} s`));
    }, DEADLINE_MS);
  }

  #unwatch(): void {
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
  }

  #end(worker: Worker, why: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#unwatch();
    for (const { failed } of this.#pending.values()) {
      failed(why);
    }
    this.#pending.clear();
    this.#ending = worker;
    worker.postMessage({ type: 'end' } satisfies SlowEnd);
  }
}
