import type { Logger } from 'pino';
import type { JobLine, JobLineParts } from '../jobs/job-room.ts';
import { type ChannelSecrets, SealError } from './channel-secrets.ts';
import { DeliveryError } from './delivery-error.ts';
import type { Parcel, Send } from './parcel.ts';
import type { ChannelKind, ChannelRecords, ChannelRow, DeliveryOutcome, DeliveryRecords, DeliveryRow, NoticeRow } from './records.ts';

export type DeliveryLineParts = {
  readonly deliveries: DeliveryRecords;
  readonly channels: Pick<ChannelRecords, 'put'>;
  readonly secrets: ChannelSecrets;
  readonly senders: Readonly<Record<ChannelKind, Send>>;
  readonly jobs: { readonly open: (parts: JobLineParts) => Promise<JobLine> };
  /** How long after each try in vain the next one is made, in milliseconds; after the last, no more are. */
  readonly retryMs: readonly number[];
  /** The address that people reach the console under. */
  readonly url: string;
  readonly now: () => Date;
  readonly log: Logger;
};

type Found = { readonly delivery: DeliveryRow; readonly notice: NoticeRow; readonly channel: ChannelRow };

/** A receiver that hangs holds up one of these, not the others. */
const AT_ONCE = 8;
const SWEEP_MS = 30_000;
/** Clocks of the queue and of this process may differ a little. */
const EARLY_MS = 1000;

/**
 * Carries deliveries out: each by a job, tried again with growing pauses, what became of each try in the database. A delivery that arrived, but
 * could not be recorded as such, is sent again under the same id.
 */
export class DeliveryLine {
  readonly #parts: DeliveryLineParts;
  /** Those that are in the queue or in hand. */
  readonly #lined = new Set<string>();
  #line: JobLine | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(parts: DeliveryLineParts) {
    this.#parts = parts;
  }

  /** Takes up what was left undone. */
  async open(): Promise<void> {
    this.#line = await this.#parts.jobs.open({
      name: 'notices',
      due: [],
      atOnce: AT_ONCE,
      work: (id, signal) => this.#carryOut(id, signal),
    });
    await this.#takeUp();
    this.#sweep = setInterval(() => {
      this.#takeUp().catch((error: unknown) => {
        this.#parts.log.warn({ err: error }, 'deliveries of notices that are due could not be looked up');
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
    for (const { id, nextAt } of await this.#parts.deliveries.due()) this.enqueue(id, Math.max(0, nextAt.getTime() - now));
  }

  async #carryOut(id: string, signal: AbortSignal): Promise<void> {
    const again = await this.#try(id, signal).finally(() => this.#lined.delete(id));
    if (again !== null) this.enqueue(id, again);
  }

  /** Tries once. Returns after how many milliseconds to try again; null for never. */
  async #try(id: string, signal: AbortSignal): Promise<number | null> {
    const { deliveries, retryMs, now } = this.#parts;
    const found = await deliveries.get(id);
    // Delivered by another job, or not yet due: somebody put it into the queue a second time.
    const nextAt = found?.delivery.nextAt?.getTime() ?? null;
    if (found === null || nextAt === null) return null;
    if (nextAt > now().getTime() + EARLY_MS) return nextAt - now().getTime();
    const problem = isOpen(found) ? await this.#problemWith(found, signal) : CLOSED;
    const attempts = found.delivery.attempts + 1;
    const pause = problem === null || problem.gone ? null : (retryMs[attempts - 1] ?? null);
    const at = now();
    const outcome: DeliveryOutcome = {
      state: problem === null ? 'delivered' : pause === null ? 'gave_up' : 'failed',
      attempts,
      lastAt: at,
      lastError: problem?.message ?? null,
      nextAt: pause === null ? null : new Date(at.getTime() + pause),
    };
    await deliveries.record(id, outcome);
    if (problem?.gone === true && problem !== CLOSED && found.channel.kind === 'web_push') await this.#remove(found.channel, at);
    return pause;
  }

  /** Sends it; null when it arrived. */
  async #problemWith(found: Found, signal: AbortSignal): Promise<DeliveryError | null> {
    const { senders, log } = this.#parts;
    try {
      await senders[found.channel.kind](this.#parcelOf(found), signal);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DeliveryError) return error;
      if (error instanceof SealError) return new DeliveryError(error.message, { gone: true, cause: error });
      log.error({ err: error, delivery: found.delivery.id }, 'a notice could not be sent');
      return new DeliveryError('an error on our side; the log has it', { cause: error });
    }
  }

  #parcelOf({ delivery, notice, channel }: Found): Parcel {
    const endpoint = channel.endpoint === '' ? '' : this.#parts.secrets.open(channel.id, channel.endpoint);
    return { delivery: delivery.id, channel: channel.id, notice, endpoint, link: new URL(notice.path, this.#parts.url).href };
  }

  /** A subscription that its browser gave up. */
  async #remove(channel: ChannelRow, at: Date): Promise<void> {
    await this.#parts.channels.put({ ...channel, endpoint: '', removedAt: at });
  }
}

const CLOSED = new DeliveryError('the channel was removed or switched off', { gone: true });

/** A browser may have come to be another person's since: what was for the first one does not go there. */
function isOpen({ notice, channel: { removedAt, enabled, person } }: Found): boolean {
  return removedAt === null && enabled && (person === null || person === notice.person);
}
