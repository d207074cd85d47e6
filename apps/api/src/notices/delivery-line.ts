import type { Logger } from 'pino';
import type { JobLine, JobLineParts } from '../jobs/job-room.ts';
import type { ChannelSecrets } from './channel-secrets.ts';
import { DeliveryError } from './delivery-error.ts';
import type { Parcel, Send } from './parcel.ts';
import type { ChannelKind, ChannelRecords, ChannelRow, DeliveryRecords, DeliveryRow, NoticeRow } from './records.ts';
import { RetryLine } from './retry-line.ts';

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

/** Carries the deliveries of notices out, each through its channel. */
export class DeliveryLine {
  readonly #parts: DeliveryLineParts;
  readonly #line: RetryLine<Found>;

  constructor(parts: DeliveryLineParts) {
    this.#parts = parts;
    const { deliveries, jobs, retryMs, now, log } = parts;
    this.#line = new RetryLine({
      ...{ name: 'notices', records: deliveries, jobs, retryMs, now, log },
      triedOf: ({ delivery }) => delivery,
      send: (found, signal) => this.#send(found, signal),
      failed: (found, problem, at) => this.#failed(found, problem, at),
    });
  }

  /** Takes up what was left undone. */
  open(): Promise<void> {
    return this.#line.open();
  }

  enqueue(id: string, delayMs = 0): void {
    this.#line.enqueue(id, delayMs);
  }

  close(): Promise<void> {
    return this.#line.close();
  }

  async #send(found: Found, signal: AbortSignal): Promise<void> {
    if (!isOpen(found)) throw CLOSED;
    await this.#parts.senders[found.channel.kind](this.#parcelOf(found), signal);
  }

  #parcelOf({ delivery, notice, channel }: Found): Parcel {
    const endpoint = channel.endpoint === '' ? '' : this.#parts.secrets.open(channel.id, channel.endpoint);
    return { delivery: delivery.id, channel: channel.id, notice, endpoint, link: new URL(notice.path, this.#parts.url).href };
  }

  /** A subscription that its browser gave up is removed. */
  async #failed({ channel }: Found, problem: DeliveryError, at: Date): Promise<void> {
    if (!problem.gone || problem === CLOSED || channel.kind !== 'web_push') return;
    await this.#parts.channels.put({ ...channel, endpoint: '', removedAt: at });
  }
}

const CLOSED = new DeliveryError('the channel was removed or switched off', { gone: true });

/** A browser may have come to be another person's since: what was for the first one does not go there. */
function isOpen({ notice, channel: { removedAt, enabled, person } }: Found): boolean {
  return removedAt === null && enabled && (person === null || person === notice.person);
}
