import { type MessagePort, MessageChannel, Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import type { FromGuardWorker, GuardSetup, ToGuardWorker } from '@wheelhouse/detect/guard-messages';
import type { Logger } from 'pino';

const RESTART_MS = 300;
const START_MS = 60_000;
/** A worker that was told to end is waited for so long. */
const END_MS = 10_000;

export type GuardHostOptions = {
  readonly setup: GuardSetup;
  readonly log: Logger;
  /**
   * The worker died and another is ready. Ports that were handed out are closed, and what was asked over them is never answered: each stream
   * thread has to get a new one from `portFor`.
   */
  readonly onRestart: () => void;
};

/** The detectors' worker: apart from the stream threads, because a scan may take longer than a tick. When it dies, it is started again. */
export class GuardHost {
  readonly #options: GuardHostOptions;
  /** The worker that is ready. */
  #worker: Worker | null = null;
  /** The worker that runs, ready or not. */
  #life: Worker | null = null;
  #stopping = false;

  constructor(options: GuardHostOptions) {
    this.#options = options;
  }

  /** Starts the worker; resolves when it is ready, and rejects with its own words when it can't be started the first time. */
  async start(): Promise<void> {
    this.#stopping = false;
    try {
      await this.#startWorker();
    } catch (error) {
      // It would fail again: whoever starts the server reads why.
      this.#stopping = true;
      throw error;
    }
  }

  /**
   * A fresh channel: the end of the stream thread, to be transferred to it. While the worker is down the port is a closed one; `onRestart` says
   * when to ask again.
   */
  portFor(thread: number): MessagePort {
    this.#options.log.debug({ thread }, 'a stream thread gets a port to the guard');
    const { port1, port2 } = new MessageChannel();
    if (this.#worker === null) port1.close();
    else this.#worker.postMessage({ type: 'port', port: port1 } satisfies ToGuardWorker, [port1]);
    return port2;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const life = this.#life;
    this.#life = null;
    this.#worker = null;
    if (life === null) return;
    const ended = new Promise((resolve) => life.once('exit', resolve));
    endItself(life);
    const timer = setTimeout(() => {
      this.#options.log.warn("the guard's worker did not end in time");
      void life.terminate();
    }, END_MS);
    await ended;
    clearTimeout(timer);
  }

  #startWorker(): Promise<void> {
    const { setup, log } = this.#options;
    const entry = fileURLToPath(import.meta.resolve('@wheelhouse/detect/guard-worker'));
    const worker = new Worker(entry, { workerData: setup, name: 'guard' });
    this.#life = worker;
    const started = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      started.reject(new Error(`The guard's worker did not get ready within ${START_MS / 1000} s.`));
      endItself(worker);
    }, START_MS);
    worker.on('message', (message: FromGuardWorker) => {
      switch (message.type) {
        case 'ready':
          this.#worker = worker;
          started.resolve(undefined);
          return;
        case 'trouble':
          log.warn({ trouble: message.message }, 'a detector failed');
      }
    });
    worker.on('error', (error) => {
      log.error({ err: error }, "the guard's worker failed");
      started.reject(error instanceof Error ? error : new Error(String(error)));
    });
    worker.on('exit', (code) => {
      clearTimeout(timer);
      started.reject(new Error(`The guard's worker ended with code ${code}.`));
      if (this.#worker === worker) this.#worker = null;
      if (this.#life === worker) this.#life = null;
      if (!this.#stopping) this.#startSoon();
    });
    return started.promise.finally(() => {
      clearTimeout(timer);
    });
  }

  #startSoon(): void {
    setTimeout(() => {
      if (this.#stopping) return;
      // A start that fails is told in the log by its worker's own words, and its exit starts another.
      this.#startWorker().then(this.#options.onRestart, () => undefined);
    }, RESTART_MS);
  }
}

function endItself(worker: Worker): void {
  worker.postMessage({ type: 'end' } satisfies ToGuardWorker);
}
