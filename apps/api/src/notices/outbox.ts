import type { NoticeView } from '@wheelhouse/protocol/notice';
import { fixedId } from './fixed-id.ts';
import type { ChannelRow, DeliveryRow, NoticeRecords, NoticeRow } from './records.ts';

export type OutboxParts = {
  readonly notices: Pick<NoticeRecords, 'add'>;
  /** Shows a new notice in the person's open consoles. */
  readonly show: (notice: NoticeView, person: string) => void;
  /** Has a new delivery carried out. */
  readonly enqueue: (delivery: string) => void;
};

/** Stores notices with their deliveries, and sets them off: in the consoles at once, through the channels behind it. */
export class Outbox {
  readonly #parts: OutboxParts;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Stores `notices`, each with a delivery through those of the `channels` that are for it. What is there already is passed over. */
  async put(notices: readonly NoticeRow[], channels: readonly ChannelRow[]): Promise<void> {
    const deliveries = notices.flatMap((notice) =>
      channels.filter((channel) => isFor(channel, notice)).map((to) => deliveryOf(notice, to)),
    );
    const fresh = await this.#parts.notices.add(notices, deliveries);
    const added = new Set(fresh.notices);
    for (const notice of notices) if (added.has(notice.id)) this.#parts.show(noticeView(notice), notice.person);
    for (const delivery of fresh.deliveries) this.#parts.enqueue(delivery);
  }
}

function isFor({ enabled, person, kinds }: ChannelRow, notice: NoticeRow): boolean {
  const wanted = kinds.length === 0 || kinds.some((kind) => kind === notice.kind) || notice.kind === 'test';
  return enabled && wanted && (person === null || person === notice.person);
}

function deliveryOf(notice: NoticeRow, { id: channel, kind }: ChannelRow): DeliveryRow {
  // Everybody in a Slack channel reads the same message, so it comes once, however many people the notice is for.
  const id = fixedId('delivery', channel, kind === 'slack' ? notice.key : notice.id);
  const at = notice.createdAt;
  const untried = { state: 'waiting', attempts: 0, lastAt: null, lastError: null } as const;
  return { id, notice: notice.id, channel, ...untried, createdAt: at, nextAt: at };
}

export function noticeView({ id, kind, title, path, urgent, createdAt, readAt }: NoticeRow): NoticeView {
  return { id, kind, title, path, urgent, createdAt: createdAt.toISOString(), readAt: readAt?.toISOString() ?? null };
}
