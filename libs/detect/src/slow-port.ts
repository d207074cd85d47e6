import { type Transferable, Worker } from 'node:worker_threads';
import type { SlowAnswer, SlowAsk, SlowSetup } from './slow-messages.ts';

/** An answer that takes longer is not waited for: the worker is stuck, and is replaced. */
const DEADLINE_MS = 30_000;

type Pending = { readonly done: (answer: SlowAnswer) => void; readonly failed: (why: Error) => void; readonly timer: NodeJS.Timeout };
type Body = SlowAsk extends infer Ask ? (Ask extends SlowAsk ? Omit<Ask, 'id'> : never) : never;

/** The way to a worker for slow models. One that dies fails what it was asked, and the next request starts another. */
export class SlowPort {
  readonly #setup: SlowSetup;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #next = 0;

  constructor(setup: SlowSetup) {
    this.#setup = setup;
  }

  /** Throws Error with the worker's own words. */
  ask(body: Body, transfer: readonly Transferable[] = []): Promise<SlowAnswer> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((done, failed) => {
      this.#next += 1;
      const timer = setTimeout(() => {
        this.#end(worker, new Error(`no answer in ${DEADLINE_MS / 1000} s`));
      }, DEADLINE_MS);
      this.#pending.set(this.#next, { done, failed, timer });
      worker.postMessage({ ...body, id: this.#next } satisfies SlowAsk, [...transfer]);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./slow-worker.ts', import.meta.url), { workerData: this.#setup, name: `guard-${this.#setup.kind}` });
    worker.on('message', (answer: SlowAnswer) => {
      const waiting = this.#pending.get(answer.id);
      if (waiting === undefined) return;
      this.#pending.delete(answer.id);
      clearTimeout(waiting.timer);
      if (answer.type === 'failed') waiting.failed(new Error(answer.message));
      else waiting.done(answer);
    });
    worker.on('error', (error: unknown) => {
      this.#end(worker, error instanceof Error ? error : new Error(String(error)));
    });
    worker.on('exit', (code) => {
      this.#end(worker, new Error(`the worker ended with code ${code}`));
    });
    return worker;
  }

  #end(worker: Worker, why: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const { failed, timer } of this.#pending.values()) {
      clearTimeout(timer);
      failed(why);
    }
    this.#pending.clear();
    void worker.terminate();
  }
}
