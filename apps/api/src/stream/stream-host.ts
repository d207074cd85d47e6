import { type MessagePort, Worker } from 'node:worker_threads';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { SafeUtterance } from '@wheelhouse/session/tick-state';
import type { Logger } from 'pino';
import type { TlsIdentity } from '../tls.ts';
import type { SharedClock } from './shared-clock.ts';
import type { FromThread, Notice, ThreadFigures, ThreadSetup, ToThread } from './thread-messages.ts';

const RESTART_MS = 200;
const STOP_MS = 3000;
const FIGURES_MS = 1000;

export type StreamHostOptions = {
  readonly threads: number;
  readonly host: string;
  readonly port: number;
  readonly table: LatchTable;
  readonly clock: SharedClock;
  readonly ticketKey: Uint8Array;
  readonly engineSocket: string;
  readonly tls: TlsIdentity | null;
  readonly log: Logger;
  /** The key of the mark on sound. */
  readonly watermarkKey: Uint8Array;
  /** What a thread is to know when it starts. */
  readonly policy: () => PolicyBundle | null;
  readonly safe: () => SafeUtterance;
  readonly guardPort: (thread: number) => MessagePort | null;
};

export type StreamHostEvents = {
  readonly onMessage: (message: FromThread, thread: number) => void;
  /** A stream thread died with its sessions; it is started again. */
  readonly onThreadLost: (thread: number) => void;
};

/** Starts the stream threads, keeps them running, and carries messages to and from them. Latches do not go this way: they are in the table. */
export class StreamHost {
  readonly #options: StreamHostOptions;
  readonly #events: StreamHostEvents;
  readonly #workers: (Worker | null)[] = [];
  #port: number;
  #stopping = false;

  constructor(options: StreamHostOptions, events: StreamHostEvents) {
    this.#options = options;
    this.#events = events;
    this.#port = options.port;
  }

  /** The port that clients connect to; known after `start`. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    for (let thread = 0; thread < this.#options.threads; thread += 1) this.#port = await this.#startThread(thread);
  }

  send(thread: number, message: ToThread, given: readonly MessagePort[] = []): void {
    this.#workers[thread]?.postMessage(message, given);
  }

  broadcast(message: ToThread): void {
    for (const worker of this.#workers) worker?.postMessage(message);
  }

  /** Another policy epoch: from its next step on every session is judged by it. */
  adopt(bundle: PolicyBundle | null): void {
    this.broadcast({ type: 'policy', bundle });
  }

  /** The detectors were started anew: each thread gets another line to them. */
  reconnectGuard(): void {
    for (const thread of this.#workers.keys()) {
      const port = this.#options.guardPort(thread);
      if (port !== null) this.send(thread, { type: 'guard', port }, [port]);
    }
  }

  /** Tells the threads what changed at the gate of some sessions. Which thread has a session is its own to know. */
  notice(notices: readonly Notice[]): void {
    if (notices.length > 0) this.broadcast({ type: 'notices', notices });
  }

  async figures(): Promise<ThreadFigures[]> {
    const figures = await Promise.all(this.#workers.filter((worker) => worker !== null).map(figuresOf));
    return figures.filter((one) => one !== null);
  }

  async stop(reason: string): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      this.#workers.map(async (worker) => {
        if (worker === null) return;
        const ended = new Promise<void>((resolve) =>
          worker.once('exit', () => {
            resolve();
          }),
        );
        worker.postMessage({ type: 'stop', reason } satisfies ToThread);
        const timer = setTimeout(() => void worker.terminate(), STOP_MS);
        await ended;
        clearTimeout(timer);
      }),
    );
  }

  #startThread(thread: number): Promise<number> {
    const guard = this.#options.guardPort(thread);
    const { host, table, clock, ticketKey, engineSocket, tls, watermarkKey } = this.#options;
    const setup: ThreadSetup = {
      thread,
      host,
      port: this.#port,
      table: table.buffer,
      clockOrigin: clock.origin,
      ticketKey,
      engineSocket,
      tls,
      watermarkKey,
      policy: this.#options.policy(),
      safe: this.#options.safe(),
      guard,
    };
    const worker = new Worker(new URL('./stream-thread.js', import.meta.url), {
      workerData: setup,
      name: `stream-${thread}`,
      transferList: guard === null ? [] : [guard],
    });
    this.#workers[thread] = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.type === 'listening') resolve(message.port);
        this.#events.onMessage(message, thread);
      });
      worker.on('error', (error) => {
        this.#options.log.error({ err: error, thread }, 'a stream thread failed');
        reject(portError(error, this.#options.port));
      });
      worker.on('exit', () => {
        this.#workers[thread] = null;
        if (this.#stopping) return;
        this.#events.onThreadLost(thread);
        setTimeout(() => {
          if (!this.#stopping)
            this.#startThread(thread).catch((error: unknown) => {
              this.#options.log.error({ err: error, thread }, 'a stream thread did not start again');
            });
        }, RESTART_MS);
      });
    });
  }
}

function portError(error: unknown, port: number): Error {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return new Error(`Port ${port} for streams is taken. Set WHEELHOUSE_STREAM_PORT to another, or to 0 for any free one.`, {
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(String(error));
}

function figuresOf(worker: Worker): Promise<ThreadFigures | null> {
  return new Promise((resolve) => {
    const listen = (message: FromThread) => {
      if (message.type === 'figures') done(message.figures);
    };
    const timer = setTimeout(() => {
      done(null);
    }, FIGURES_MS);
    const done = (figures: ThreadFigures | null) => {
      clearTimeout(timer);
      worker.off('message', listen);
      resolve(figures);
    };
    worker.on('message', listen);
    worker.postMessage({ type: 'figures' } satisfies ToThread);
  });
}
