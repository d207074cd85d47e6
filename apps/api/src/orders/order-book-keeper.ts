import { type BookedLatch, type BookedRelease, type BookEvent, emptyBook, evolve, type OrderBook } from '@wheelhouse/gate/order-book';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Latch, OrderAck, OrderRecord, Release, RestrictiveOrder, SessionEffect } from '@wheelhouse/protocol/order';
import { shownWords } from '../content/erased-words.ts';
import type { Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Whose an order is: the tenant of its scope, or the mark of those that reach across tenants. */
export type TenantOf = (scope: RestrictiveOrder['scope']) => string;

/** An order that was given, with its acknowledgement and, once stored, its place in the ledger. */
export type GivenOrder = {
  readonly ack: Omit<OrderAck, 'sessions' | 'repeated'>;
  sessions: SessionEffect[];
  readonly author: Actor;
  readonly reason: string;
  readonly level: Latch['level'];
  /** What was said, for telling a repetition from another order under the same id. */
  readonly content: string;
  readonly tenant: string;
  entry: number | null;
  /** The id of its `order.given`, which what follows from it names as its cause. */
  entryId: string | null;
};

const KINDS = ['session.opened', 'order.given', 'order.applied', 'release.asked', 'release.withdrawn', 'latch.released'] as const;

/** The order book in force and every order given. The ledger is its only store: at start it is folded from there. */
export class OrderBookKeeper {
  #book: OrderBook = emptyBook;
  readonly orders = new Map<string, GivenOrder>();
  /** Of each release, the id of its `release.asked`. */
  readonly askedEntries = new Map<string, string>();
  readonly #principals: Principals;

  constructor(principals: Principals) {
    this.#principals = principals;
  }

  get book(): OrderBook {
    return this.#book;
  }

  apply(event: BookEvent): void {
    this.#book = evolve(this.#book, event);
  }

  /**
   * Reads everything back from the ledger. `across` is the tenant mark of orders that reach across tenants.
   * @returns whose an order of some scope is, by what the ledger says of its sessions
   */
  async load(ledger: Ledger, across: string): Promise<TenantOf> {
    const tenants = new Map<string, string>();
    const tenantOf: TenantOf = (scope) =>
      scope.type === 'session' ? (tenants.get(scope.session) ?? across) : scope.type === 'tenant' ? scope.tenant : across;
    for await (const { index, entry } of ledger.read(KINDS)) {
      if (entry.kind === 'session.opened') tenants.set(entry.data.session, entry.data.tenant);
      else this.recall(entry, index, tenantOf);
    }
    return tenantOf;
  }

  /** Takes one entry, from the ledger or the write-ahead file, back into the book. */
  recall(entry: LedgerEntry, index: number | null, tenantOf: TenantOf): void {
    switch (entry.kind) {
      case 'order.given': {
        const { order, number, kind, scope, reason, receivedAt, gateClosedUs, lastByteUs, level = null, text = null } = entry.data;
        const content = contentOf({ kind, scope, reason, level, text });
        const ack = { order, number, kind, scope, receivedAt, gateClosedUs, lastByteUs };
        const said = { author: entry.by, reason, level };
        this.orders.set(order, { ack, sessions: [], ...said, content, tenant: tenantOf(scope), entry: index, entryId: entry.id });
        this.apply(eventOfOrder(ack, said));
        return;
      }
      case 'order.applied':
        this.orders.get(entry.data.order)?.sessions.push(...entry.data.sessions);
        return;
      case 'release.asked':
        this.askedEntries.set(entry.data.release, entry.id);
        this.apply({
          type: 'asked',
          release: entry.data.release,
          latch: entry.data.latch,
          by: entry.by,
          reason: entry.data.reason,
          at: entry.time,
        });
        return;
      case 'release.withdrawn':
        this.apply({ type: 'withdrawn', release: entry.data.release });
        return;
      case 'latch.released':
        this.apply({ type: 'released', release: entry.data.release, latch: entry.data.latch, by: entry.by, at: entry.time });
        return;
      default:
        return;
    }
  }

  latchView(latch: BookedLatch): Latch {
    // Field by field: the book keeps more of an order than anybody is shown.
    const { order, number, kind, level, scope, author, givenAt } = latch;
    const reason = shownWords(author, latch.reason);
    return { order, number, kind, level, scope, reason, author, authorName: this.#principals.nameOf(author.id), givenAt };
  }

  releaseView(release: BookedRelease): Release {
    const confirmed = release.state === 'confirmed' ? release : null;
    return {
      id: release.id,
      latch: release.latch,
      reason: shownWords(release.askedBy, release.reason),
      askedBy: release.askedBy,
      askedByName: this.#principals.nameOf(release.askedBy.id),
      askedAt: release.askedAt,
      state: release.state,
      confirmedBy: confirmed?.confirmedBy ?? null,
      confirmedAt: confirmed?.confirmedAt ?? null,
    };
  }

  recordView(given: GivenOrder): OrderRecord {
    const { ack, sessions, author, level, entry } = given;
    const reason = shownWords(author, given.reason);
    return { ...ack, sessions, author, reason, level, entry, released: ack.kind !== 'whisper' && !this.#book.latches.has(ack.order) };
  }
}

/** What the book learns from an order: a latch, or for a whisper only its number. */
export function eventOfOrder(ack: GivenOrder['ack'], said: { author: Actor; reason: string; level: Latch['level'] }): BookEvent {
  if (ack.kind === 'whisper') return { type: 'numbered', number: ack.number };
  return {
    type: 'latched',
    latch: { order: ack.order, number: ack.number, kind: ack.kind, scope: ack.scope, givenAt: ack.receivedAt, ...said },
  };
}

/** An order's content in one string. `text` is the digest of a whisper. */
export function contentOf(said: {
  kind: string;
  scope: RestrictiveOrder['scope'];
  reason: string;
  level: number | null;
  text: string | null;
}): string {
  return JSON.stringify([said.kind, said.scope, said.reason, said.level, said.text]);
}
