import type { Actor } from '@wheelhouse/protocol/identity';
import type { Level } from '@wheelhouse/protocol/level';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { ProblemCode } from '@wheelhouse/protocol/problem';
import type { Scope } from '@wheelhouse/protocol/scope';

/** An order that left a latch, as the book remembers it. */
export type BookedLatch = {
  readonly order: string;
  readonly number: number;
  readonly kind: LatchKind;
  readonly level: Level | null;
  readonly scope: Scope;
  readonly author: Actor;
  readonly reason: string;
  readonly givenAt: string;
};
export type BookedRelease = {
  readonly id: string;
  readonly latch: string;
  readonly askedBy: Actor;
  readonly reason: string;
  readonly askedAt: string;
} & (
  | { readonly state: 'waiting' }
  | { readonly state: 'withdrawn' }
  | { readonly state: 'confirmed'; readonly confirmedBy: Actor; readonly confirmedAt: string }
);

/** Latches in force and the releases asked for. `lastNumber` numbers orders without gaps from 1. */
export type OrderBook = {
  readonly lastNumber: number;
  readonly latches: ReadonlyMap<string, BookedLatch>;
  readonly releases: ReadonlyMap<string, BookedRelease>;
};

export const emptyBook: OrderBook = { lastNumber: 0, latches: new Map(), releases: new Map() };

/** What people ask of the book. Times are ISO 8601 and come from the caller. */
export type BookAct =
  | {
      readonly type: 'ask';
      readonly release: string;
      readonly latch: string;
      readonly by: Actor;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly type: 'confirm'; readonly release: string; readonly by: Actor; readonly at: string }
  /** A quorum approved it by the charter; `by` is whoever voted last, or the system. Who had to vote is not this book's to judge. */
  | { readonly type: 'approve'; readonly release: string; readonly latch: string; readonly by: Actor; readonly at: string }
  | { readonly type: 'withdraw'; readonly release: string; readonly by: Actor };

/** What happened. The ledger holds these; folding them with `evolve` gives the book back after a restart. */
export type BookEvent =
  | { readonly type: 'latched'; readonly latch: BookedLatch }
  | { readonly type: 'numbered'; readonly number: number }
  | {
      readonly type: 'asked';
      readonly release: string;
      readonly latch: string;
      readonly by: Actor;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly type: 'released'; readonly release: string; readonly latch: string; readonly by: Actor; readonly at: string }
  | { readonly type: 'withdrawn'; readonly release: string };

export type BookRefusal = { readonly refused: ProblemCode; readonly message: string };

/** The person behind an actor: a key acts for the person who holds it, so that nobody confirms what their own key asked. */
export function personBehind(actor: Actor): string {
  return actor.kind === 'key' ? (actor.person ?? actor.id) : actor.id;
}

/** Decides a permissive act. A restrictive order needs no decision here: it is always taken (law 1). */
export function decide(book: OrderBook, act: BookAct): readonly BookEvent[] | BookRefusal {
  switch (act.type) {
    case 'ask':
      return decideAsk(book, act);
    case 'confirm':
      return decideConfirm(book, act);
    case 'approve':
      return decideApprove(book, act);
    case 'withdraw': {
      const release = book.releases.get(act.release);
      if (release === undefined) return { refused: 'not_found', message: `No release ${act.release} was asked for.` };
      if (release.state !== 'waiting') return { refused: 'conflict', message: `This release is ${release.state} already.` };
      return [{ type: 'withdrawn', release: act.release }];
    }
  }
}

function decideAsk(book: OrderBook, act: Extract<BookAct, { type: 'ask' }>): readonly BookEvent[] | BookRefusal {
  if (!book.latches.has(act.latch)) {
    return { refused: 'not_in_force', message: `Order ${act.latch} has no latch in force, so there is nothing to release.` };
  }
  for (const release of book.releases.values()) {
    if (release.latch === act.latch && release.state === 'waiting' && release.id !== act.release) {
      return { refused: 'conflict', message: `Release ${release.id} of this latch is waiting for a confirmation already.` };
    }
  }
  if (book.releases.has(act.release)) return { refused: 'conflict', message: 'A release with this id exists already; choose a new id.' };
  return [{ ...act, type: 'asked' }];
}

function decideConfirm(book: OrderBook, act: Extract<BookAct, { type: 'confirm' }>): readonly BookEvent[] | BookRefusal {
  const release = book.releases.get(act.release);
  if (release === undefined) return { refused: 'not_found', message: `No release ${act.release} was asked for.` };
  if (release.state !== 'waiting') return { refused: 'conflict', message: `This release is ${release.state} already.` };
  if (act.by.kind !== 'person')
    return { refused: 'forbidden', message: 'Only a person can confirm a release; API keys and the system cannot.' };
  if (personBehind(release.askedBy) === personBehind(act.by)) {
    return { refused: 'same_person', message: 'You asked for this release yourself: somebody else has to confirm it.' };
  }
  return decideApprove(book, { ...act, type: 'approve', latch: release.latch });
}

function decideApprove(book: OrderBook, act: Extract<BookAct, { type: 'approve' }>): readonly BookEvent[] | BookRefusal {
  const release = book.releases.get(act.release);
  if (release === undefined) return { refused: 'not_found', message: `No release ${act.release} was asked for.` };
  if (release.state !== 'waiting') return { refused: 'conflict', message: `This release is ${release.state} already.` };
  if (release.latch !== act.latch) return { refused: 'conflict', message: 'This release was asked for another latch.' };
  if (!book.latches.has(release.latch)) return { refused: 'not_in_force', message: 'The latch is not in force any more.' };
  return [{ type: 'released', release: release.id, latch: release.latch, by: act.by, at: act.at }];
}

/** The book after an event. Events from the ledger are facts: they are applied, not judged. */
export function evolve(book: OrderBook, event: BookEvent): OrderBook {
  switch (event.type) {
    case 'latched': {
      const latches = new Map(book.latches).set(event.latch.order, event.latch);
      return { ...book, latches, lastNumber: Math.max(book.lastNumber, event.latch.number) };
    }
    case 'numbered':
      return { ...book, lastNumber: Math.max(book.lastNumber, event.number) };
    case 'asked': {
      const { release: id, latch, by, reason, at } = event;
      const releases = new Map(book.releases).set(id, { id, latch, askedBy: by, reason, askedAt: at, state: 'waiting' });
      return { ...book, releases };
    }
    case 'withdrawn': {
      const release = book.releases.get(event.release);
      if (release === undefined) return book;
      const { id, latch, askedBy, reason, askedAt } = release;
      return { ...book, releases: new Map(book.releases).set(id, { id, latch, askedBy, reason, askedAt, state: 'withdrawn' }) };
    }
    case 'released': {
      const latches = new Map(book.latches);
      latches.delete(event.latch);
      const release = book.releases.get(event.release);
      if (release === undefined) return { ...book, latches };
      const { id, latch, askedBy, reason, askedAt } = release;
      const confirmed: BookedRelease = {
        id,
        latch,
        askedBy,
        reason,
        askedAt,
        state: 'confirmed',
        confirmedBy: event.by,
        confirmedAt: event.at,
      };
      return { ...book, latches, releases: new Map(book.releases).set(id, confirmed) };
    }
  }
}
