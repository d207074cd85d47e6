import { randomUUID } from 'node:crypto';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Notices, ReadRequest } from '@wheelhouse/protocol/notice';
import type { Logger } from 'pino';
import { fixedId } from './fixed-id.ts';
import { type Notice, NoticeShape } from './notice.ts';
import { noticeView, type Outbox } from './outbox.ts';
import { placeAfter, placeOf } from './place.ts';
import type { Addresses, ChannelRecords, ChannelRow, NoticeRecords, NoticeRow } from './records.ts';

export type NoticeDeskParts = {
  readonly notices: NoticeRecords;
  readonly channels: Pick<ChannelRecords, 'of' | 'addMissing'>;
  readonly outbox: Outbox;
  /** Null where the installation sends no mail. */
  readonly addresses: Addresses | null;
  readonly now: () => Date;
  readonly log: Logger;
  /** After which pauses, in milliseconds, a notice that could not be stored is tried again. */
  readonly againMs?: readonly number[];
};

const AGAIN_MS: readonly number[] = [1000, 5000, 30_000, 120_000];

/** Where the house tells people what waits for them, and where they read it. */
export class NoticeDesk {
  readonly #parts: NoticeDeskParts;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(parts: NoticeDeskParts) {
    this.#parts = parts;
  }

  /**
   * Tells people (by their ids) something. Returns at once and never rejects: storing, showing and sending happen behind it, and what goes wrong is
   * logged. A crash right after may lose it; whoever sends it again under the same key does no harm.
   */
  send(notice: Notice, to: readonly string[]): Promise<void> {
    const stored = this.#store(notice, [...new Set(to)]).finally(() => this.#underWay.delete(stored));
    this.#underWay.add(stored);
    return Promise.resolve();
  }

  /** Waits for everything that was sent to be stored, or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Gives what could not be stored yet a last chance to be logged. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.settled();
  }

  /** One's own, newest first. */
  async list(by: Principal, { unread, cursor, limit }: { unread: boolean; cursor: string | null; limit: number }): Promise<Notices> {
    const { notices } = this.#parts;
    const rows = await notices.page(by.person, { unread, before: placeOf(cursor), limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items: items.map(noticeView), next: placeAfter(items, rows.length > limit), unread: await notices.countUnread(by.person) };
  }

  async read(by: Principal, request: ReadRequest): Promise<void> {
    await this.#parts.notices.markRead(by.person, 'ids' in request ? request.ids : null, this.#parts.now());
  }

  async #store(notice: Notice, to: readonly string[]): Promise<void> {
    const { log, againMs = AGAIN_MS } = this.#parts;
    const shape = NoticeShape.safeParse(notice);
    if (!shape.success) {
      log.error({ kind: notice.kind, problem: shape.error.issues }, 'a notice has not the form of one, and was not sent');
      return;
    }
    if (to.length === 0) return;
    const rows = to.map((person) => this.#rowOf(notice, person));
    for (const pause of [...againMs, null]) {
      try {
        await this.#putOnce(rows, to);
        return;
      } catch (error) {
        if (pause === null || this.#stop.signal.aborted) {
          log.error({ err: error, kind: notice.kind, key: notice.key }, 'a notice could not be stored, and is lost');
          return;
        }
        log.warn({ err: error, kind: notice.kind }, 'a notice could not be stored; trying again');
        await waitOrStop(pause, this.#stop.signal);
      }
    }
  }

  async #putOnce(rows: readonly NoticeRow[], to: readonly string[]): Promise<void> {
    const { channels, outbox } = this.#parts;
    await this.#openMail(to);
    await outbox.put(rows, await channels.of(to));
  }

  /** Mail is on unless somebody switched theirs off: whoever has to vote must not have to find a switch first. */
  async #openMail(to: readonly string[]): Promise<void> {
    const { addresses, channels, now } = this.#parts;
    const reached = addresses === null ? [] : [...(await addresses.of(to)).keys()];
    if (reached.length > 0) await channels.addMissing(reached.map((person) => mailChannel(person, { enabled: true, at: now() })));
  }

  #rowOf({ kind, title, path, urgent, key }: Notice, person: string): NoticeRow {
    return { id: randomUUID(), key, kind, title, path, urgent, person, createdAt: this.#parts.now(), readAt: null };
  }
}

/** A person's mail: one channel each. Its address is the account's, looked up when something is sent. */
export function mailChannel(person: string, { enabled, at }: { enabled: boolean; at: Date }): ChannelRow {
  const id = fixedId('email', person);
  return { id, kind: 'email', person, endpoint: '', kinds: [], enabled, createdBy: person, createdAt: at, removedAt: null };
}

function waitOrStop(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
