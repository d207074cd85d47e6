import { Worker } from 'node:worker_threads';
import { toBase64 } from '@wheelhouse/ledger/base64';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { CheckTask } from './check-worker.ts';
import type { Ledger } from './ledger.ts';

const Answer = z.object({ index: z.number().nullable(), message: z.string() }).nullable();

/**
 * Checks the database against the signed heads again and again, in a thread of its own. On any difference the ledger is read only from then on, and
 * the operators are alarmed. A check that can't be made (the database is away) is made at the next turn.
 */
export class IntegrityWatch {
  readonly #ledger: Ledger;
  readonly #databaseUrl: string;
  readonly #everyMs: number;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | null = null;
  #worker: Worker | null = null;

  constructor(parts: { ledger: Ledger; databaseUrl: string; everyMs: number; log: Logger }) {
    this.#ledger = parts.ledger;
    this.#databaseUrl = parts.databaseUrl;
    this.#everyMs = parts.everyMs;
    this.#log = parts.log;
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), this.#everyMs);
    if (!this.#ledger.checkedWhole) void this.check();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#worker?.terminate();
  }

  /** One check; while one runs, none is added. */
  async check(): Promise<void> {
    if (this.#worker !== null || this.#ledger.fault !== null) return;
    try {
      const heads = await this.#ledger.signedHeads();
      const difference = await this.#inThread({ databaseUrl: this.#databaseUrl, heads: heads.map(written) });
      if (difference !== null) this.#ledger.suspend(difference);
    } catch (error) {
      this.#log.warn({ err: error }, 'the ledger could not be checked; trying again at the next turn');
    }
  }

  #inThread(task: CheckTask): Promise<z.infer<typeof Answer>> {
    const worker = new Worker(new URL('./check-worker.js', import.meta.url), { workerData: task, name: 'ledger-check' });
    this.#worker = worker;
    return new Promise<z.infer<typeof Answer>>((resolve, reject) => {
      worker.once('message', (message: unknown) => {
        resolve(Answer.parse(message));
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        reject(new Error('The check ended without an answer.'));
      });
    }).finally(() => {
      this.#worker = null;
    });
  }
}

function written({ size, root }: TreeHead): CheckTask['heads'][number] {
  return { size, root: toBase64(root) };
}
