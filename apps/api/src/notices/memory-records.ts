import type { Addresses, Before, ChannelRecords, ChannelRow, DeliveryRecords, DeliveryRow, NoticeRecords, NoticeRow } from './records.ts';

/** Everything that the notices' room keeps, in memory: the twin of the database's for tests, and what a test may look into or break. */
export class MemoryRecords {
  readonly noticeRows = new Map<string, NoticeRow>();
  readonly channelRows = new Map<string, ChannelRow>();
  readonly deliveryRows = new Map<string, DeliveryRow>();
  readonly mail = new Map<string, string>();
  away = false;

  readonly notices: NoticeRecords = {
    add: (notices, deliveries) =>
      this.#answer(() => {
        const isKnown = (one: NoticeRow) =>
          [...this.noticeRows.values()].some(({ person, key }) => person === one.person && key === one.key);
        const fresh = notices.filter((one) => !isKnown(one));
        for (const one of fresh) this.noticeRows.set(one.id, one);
        const ids = fresh.map(({ id }) => id);
        const added = deliveries.filter((one) => ids.includes(one.notice) && this.#keep(one));
        return { notices: ids, deliveries: added.map(({ id }) => id) };
      }),
    page: (person, { unread, before, limit }) =>
      this.#answer(() =>
        newestFirst([...this.noticeRows.values()], before)
          .filter((one) => one.person === person && (!unread || one.readAt === null))
          .slice(0, limit),
      ),
    countUnread: (person) =>
      this.#answer(() => [...this.noticeRows.values()].filter((one) => one.person === person && one.readAt === null).length),
    markRead: (person, ids, at) =>
      this.#answer(() => {
        for (const one of this.noticeRows.values())
          if (one.person === person && one.readAt === null && (ids === null || ids.includes(one.id)))
            this.noticeRows.set(one.id, { ...one, readAt: at });
      }),
  };

  readonly channels: ChannelRecords = {
    of: (people) =>
      this.#answer(() =>
        [...this.channelRows.values()].filter(
          ({ person, removedAt }) => removedAt === null && (person === null || people.includes(person)),
        ),
      ),
    get: (id) => this.#answer(() => this.channelRows.get(id) ?? null),
    put: (channel) =>
      this.#answer(() => {
        this.channelRows.set(channel.id, channel);
      }),
    addMissing: (channels) =>
      this.#answer(() => {
        for (const channel of channels) if (!this.channelRows.has(channel.id)) this.channelRows.set(channel.id, channel);
      }),
  };

  readonly deliveries: DeliveryRecords = {
    due: () => this.#answer(() => [...this.deliveryRows.values()].flatMap(({ id, nextAt }) => (nextAt === null ? [] : [{ id, nextAt }]))),
    get: (id) =>
      this.#answer(() => {
        const delivery = this.deliveryRows.get(id);
        const notice = delivery === undefined ? undefined : this.noticeRows.get(delivery.notice);
        const channel = delivery === undefined ? undefined : this.channelRows.get(delivery.channel);
        return delivery === undefined || notice === undefined || channel === undefined ? null : { delivery, notice, channel };
      }),
    record: (id, outcome) =>
      this.#answer(() => {
        const known = this.deliveryRows.get(id);
        if (known !== undefined) this.deliveryRows.set(id, { ...known, ...outcome });
      }),
    page: (channel, { person, before, limit }) =>
      this.#answer(() =>
        newestFirst([...this.deliveryRows.values()], before)
          .flatMap((row) => {
            const notice = this.noticeRows.get(row.notice);
            const isIt = row.channel === channel && notice !== undefined && (person === null || notice.person === person);
            return isIt ? [{ ...row, kind: notice.kind }] : [];
          })
          .slice(0, limit),
      ),
  };

  readonly addresses: Addresses = {
    of: (people) => this.#answer(() => new Map([...this.mail].filter(([person]) => people.includes(person)))),
  };

  /** False for a second one of the same id. */
  #keep(delivery: DeliveryRow): boolean {
    if (this.deliveryRows.has(delivery.id)) return false;
    this.deliveryRows.set(delivery.id, delivery);
    return true;
  }

  #answer<T>(work: () => T): Promise<T> {
    return this.away ? Promise.reject(new Error('the database is away')) : Promise.resolve(work());
  }
}

function newestFirst<T extends { readonly id: string; readonly createdAt: Date }>(rows: readonly T[], before: Before | null): T[] {
  const isAfter = (a: T, b: { at: Date; id: string }) =>
    a.createdAt.getTime() < b.at.getTime() || (a.createdAt.getTime() === b.at.getTime() && a.id < b.id);
  return rows.filter((row) => before === null || isAfter(row, before)).sort((a, b) => (isAfter(a, { at: b.createdAt, id: b.id }) ? 1 : -1));
}
