import type { Logger } from 'pino';
import type { JobLine, JobLineParts } from '../jobs/job-room.ts';
import { SealError } from './channel-secrets.ts';
import { DeliveryError } from './delivery-error.ts';
import type { DeliveryOutcome, DeliveryRow } from './records.ts';

/** How far a delivery has come. */
export type Tried = Pick<DeliveryRow, 'id' | 'attempts' | 'nextAt'>;

export type RetryLineParts<Found> = {
  /** Of its queue. */
  readonly name: string;
  readonly records: {
    /** What is still to be tried, now or later. */
    readonly due: () => Promise<{ id: string; nextAt: Date }[]>;
    readonly get: (id: string) => Promise<Found | null>;
    readonly record: (id: string, outcome: DeliveryOutcome) => Promise<void>;
  };
  readonly triedOf: (found: Found) => Tried;
  /** Sends it. Rejects with `DeliveryError` when that was in vain, and with the signal's reason when the server is stopping. */
  readonly send: (found: Found, signal: AbortSignal) => Promise<void>;
  /** Told of each try in vain, once it is recorded. */
  readonly failed?: (found: Found, problem: DeliveryError, at: Date) => Promise<void>;
  readonly jobs: { readonly open: (parts: JobLineParts) => Promise<JobLine> };
  /** How long after each try in vain the next one is made, in milliseconds; after the last, no more are. */
  readonly retryMs: readonly number[];
  readonly now: () => Date;
  readonly log: Logger;
};

/** A receiver that hangs holds up one of these, not the others. */
const AT_ONCE = 8;
const SWEEP_MS = 30_000;
/** Clocks of the queue and of this process may differ a little. */
const EARLY_MS = 1000;

/**
 * Carries deliveries out: each by a job, tried again with growing pauses, what became of each try in the database. A delivery that arrived, but
 * could not be recorded as such, is sent again under the same id.
 */
export class RetryLine<Found> {
  readonly #parts: RetryLineParts<Found>;
  /** Those that are in the queue or in hand. */
  readonly #lined = new Set<string>();
  #line: JobLine | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(parts: RetryLineParts<Found>) {
    this.#parts = parts;
  }

  /** Takes up what was left undone. */
  async open(): Promise<void> {
    const { name, jobs, log } = this.#parts;
    this.#line = await jobs.open({ name, due: [], atOnce: AT_ONCE, work: (id, signal) => this.#carryOut(id, signal) });
    await this.#takeUp();
    this.#sweep = setInterval(() => {
      this.#takeUp().catch((error: unknown) => {
        log.warn({ err: error }, `deliveries of ${name} that are due could not be looked up`);
      });
    }, SWEEP_MS);
  }

  enqueue(id: string, delayMs = 0): void {
    if (this.#lined.has(id)) return;
    this.#lined.add(id);
    this.#line?.add(id, delayMs);
  }

  async close(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    await this.#line?.close();
  }

  /** Puts what is to be tried into the queue: at start all of it, later what a failing database made the queue forget. */
  async #takeUp(): Promise<void> {
    const now = this.#parts.now().getTime();
    for (const { id, nextAt } of await this.#parts.records.due()) this.enqueue(id, Math.max(0, nextAt.getTime() - now));
  }

  async #carryOut(id: string, signal: AbortSignal): Promise<void> {
    const again = await this.#try(id, signal).finally(() => this.#lined.delete(id));
    if (again !== null) this.enqueue(id, again);
  }

  /** Tries once. Returns after how many milliseconds to try again; null for never. */
  async #try(id: string, signal: AbortSignal): Promise<number | null> {
    const { records, triedOf, retryMs, now, failed } = this.#parts;
    const found = await records.get(id);
    if (found === null) return null;
    const tried = triedOf(found);
    // Delivered by another job, or not yet due: somebody put it into the queue a second time.
    const nextAt = tried.nextAt?.getTime() ?? null;
    if (nextAt === null) return null;
    if (nextAt > now().getTime() + EARLY_MS) return nextAt - now().getTime();
    const problem = await this.#problemWith(found, signal);
    const attempts = tried.attempts + 1;
    const pause = problem === null || problem.gone ? null : (retryMs[attempts - 1] ?? null);
    const at = now();
    const outcome: DeliveryOutcome = {
      state: problem === null ? 'delivered' : pause === null ? 'gave_up' : 'failed',
      attempts,
      lastAt: at,
      lastError: problem?.message ?? null,
      nextAt: pause === null ? null : new Date(at.getTime() + pause),
    };
    await records.record(id, outcome);
    if (problem !== null) await failed?.(found, problem, at);
    return pause;
  }

  /** Sends it; null when it arrived. */
  async #problemWith(found: Found, signal: AbortSignal): Promise<DeliveryError | null> {
    const { send, triedOf, name, log } = this.#parts;
    try {
      await send(found, signal);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DeliveryError) return error;
      if (error instanceof SealError) return new DeliveryError(error.message, { gone: true, cause: error });
      log.error({ err: error, delivery: triedOf(found).id }, `a delivery of ${name} could not be sent`);
      return new DeliveryError('an error on our side; the log has it', { cause: error });
    }
  }
}
