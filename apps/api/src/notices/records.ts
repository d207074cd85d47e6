import type { DeliveryState, NoticeKind, SentKind } from '@wheelhouse/protocol/notice';

/** A notice to one person, as it is stored. */
export type NoticeRow = {
  readonly id: string;
  readonly key: string;
  readonly kind: SentKind;
  readonly title: string;
  readonly path: string;
  readonly urgent: boolean;
  readonly person: string;
  readonly createdAt: Date;
  readonly readAt: Date | null;
};

export type ChannelKind = 'web_push' | 'email' | 'slack' | 'webhook';

/** A way that notices leave by: one person's own, or the house's (`person` null). */
export type ChannelRow = {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly person: string | null;
  /** Address and keys, sealed by `ChannelSecrets`; empty for mail, and once removed. */
  readonly endpoint: string;
  /** What it gets; none named means all. */
  readonly kinds: readonly NoticeKind[];
  readonly enabled: boolean;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly removedAt: Date | null;
};

/** One notice on its way through one channel. `nextAt` is null once nothing more is tried. */
export type DeliveryRow = {
  readonly id: string;
  readonly notice: string;
  readonly channel: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly lastAt: Date | null;
  readonly lastError: string | null;
  readonly nextAt: Date | null;
};

/** What a try changes. */
export type DeliveryOutcome = Pick<DeliveryRow, 'state' | 'attempts' | 'lastAt' | 'lastError' | 'nextAt'>;

/** A place in a list that runs from the newest to the oldest: what comes after it. */
export type Before = { readonly at: Date; readonly id: string };

/** Notices and what became of them. Every method rejects while the database is away, and then has changed nothing. */
export type NoticeRecords = {
  /**
   * Stores the notices whose person does not have their key yet, and the deliveries of those whose id is not there yet: all of it or nothing.
   * Returns the ids of what is new.
   */
  readonly add: (notices: readonly NoticeRow[], deliveries: readonly DeliveryRow[]) => Promise<{ notices: string[]; deliveries: string[] }>;
  /** A person's own, newest first. */
  readonly page: (person: string, query: { unread: boolean; before: Before | null; limit: number }) => Promise<NoticeRow[]>;
  readonly countUnread: (person: string) => Promise<number>;
  /** Marks some of a person's own as read, or all of them (null). Those of others, and those that were read before, stay as they are. */
  readonly markRead: (person: string, ids: readonly string[] | null, at: Date) => Promise<void>;
};

/** Channels. Those that were removed are kept for their deliveries, without their addresses. */
export type ChannelRecords = {
  /** Of these people and of the house, without the removed ones; oldest first. */
  readonly of: (people: readonly string[]) => Promise<ChannelRow[]>;
  /** Also one that was removed. */
  readonly get: (id: string) => Promise<ChannelRow | null>;
  /** Writes it over whatever has its id. */
  readonly put: (channel: ChannelRow) => Promise<void>;
  /** Writes those whose id is not there yet. */
  readonly addMissing: (channels: readonly ChannelRow[]) => Promise<void>;
};

export type DeliveryRecords = {
  /** What is still to be tried, now or later. */
  readonly due: () => Promise<{ id: string; nextAt: Date }[]>;
  readonly get: (id: string) => Promise<{ delivery: DeliveryRow; notice: NoticeRow; channel: ChannelRow } | null>;
  readonly record: (id: string, outcome: DeliveryOutcome) => Promise<void>;
  /** Of one channel, newest first; with a `person`, of that person's notices alone. */
  readonly page: (
    channel: string,
    query: { person: string | null; before: Before | null; limit: number },
  ) => Promise<(DeliveryRow & { readonly kind: SentKind })[]>;
};

/** Where people's mail goes. */
export type Addresses = {
  /** The addresses of these people, by person; without those whom no mail reaches. */
  readonly of: (people: readonly string[]) => Promise<ReadonlyMap<string, string>>;
};
