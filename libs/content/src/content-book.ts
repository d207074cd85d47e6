import { personBehind } from '@wheelhouse/gate/order-book';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { ProblemCode } from '@wheelhouse/protocol/problem';

/** What is kept by law: everything of a data subject, or of one session. */
export type HoldTarget = { readonly subject: string; readonly session: null } | { readonly subject: null; readonly session: string };

export type BookedHold = {
  readonly id: string;
  readonly target: HoldTarget;
  readonly by: Actor;
  readonly reason: string;
  readonly at: string;
  readonly liftedAt: string | null;
};

export type BookedErasure = {
  readonly id: string;
  readonly subject: string;
  readonly askedBy: Actor;
  readonly reason: string;
  readonly askedAt: string;
} & (
  | { readonly state: 'waiting' }
  | { readonly state: 'withdrawn' }
  | { readonly state: 'confirmed'; readonly confirmedBy: Actor; readonly confirmedAt: string; readonly entry: number }
);

/** A session of which something is recorded. `entry`: where the ledger has its opening. */
export type RecordedSession = {
  readonly session: string;
  readonly tenant: string;
  readonly subject: string;
  readonly record: { readonly what: readonly string[]; readonly retention: string; readonly consent: string };
  readonly entry: number;
};

/** What the ledger says about content: who is recorded, what is on hold, who was erased. `sessions` is the caller's, who adds to it. */
export type ContentBook = {
  readonly sessions: ReadonlyMap<string, RecordedSession>;
  readonly holds: ReadonlyMap<string, BookedHold>;
  readonly erasures: ReadonlyMap<string, BookedErasure>;
};

export function emptyContentBook(sessions: ReadonlyMap<string, RecordedSession>): ContentBook {
  return { sessions, holds: new Map(), erasures: new Map() };
}

export type ContentAct =
  | {
      readonly type: 'hold';
      readonly hold: string;
      readonly target: HoldTarget;
      readonly by: Actor;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly type: 'lift'; readonly hold: string; readonly by: Actor; readonly at: string }
  | {
      readonly type: 'ask';
      readonly erasure: string;
      readonly subject: string;
      readonly by: Actor;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly type: 'withdraw'; readonly erasure: string }
  | { readonly type: 'confirm'; readonly erasure: string; readonly by: Actor }
  /** A quorum approved it by the charter. Who had to vote is not this book's to judge. */
  | { readonly type: 'approve'; readonly erasure: string; readonly subject: string };

/** What happened, as the ledger holds it. */
export type ContentEvent =
  | {
      readonly type: 'held';
      readonly hold: string;
      readonly target: HoldTarget;
      readonly by: Actor;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly type: 'lifted'; readonly hold: string; readonly at: string }
  | {
      readonly type: 'asked';
      readonly erasure: string;
      readonly subject: string;
      readonly by: Actor;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly type: 'withdrawn'; readonly erasure: string }
  | { readonly type: 'erased'; readonly erasure: string; readonly by: Actor; readonly at: string; readonly entry: number };

export type ContentRefusal = { readonly refused: ProblemCode; readonly message: string };

/** Whether an act may be taken now; null when it may. */
export function refusalOf(book: ContentBook, act: ContentAct): ContentRefusal | null {
  switch (act.type) {
    case 'hold':
      return book.holds.has(act.hold) ? { refused: 'conflict', message: 'A hold with this id exists already; choose a new id.' } : null;
    case 'lift':
      return refuseLift(book, act);
    case 'ask':
      return refuseAsk(book, act);
    case 'withdraw':
      return refuseUnlessWaiting(book, act.erasure);
    case 'confirm':
      return refuseConfirm(book, act);
    case 'approve':
      return refuseApprove(book, act);
  }
}

/** Lifting lets things be destroyed: it takes another person than the one who placed the hold. */
function refuseLift(book: ContentBook, { hold: id, by }: Extract<ContentAct, { type: 'lift' }>): ContentRefusal | null {
  const hold = book.holds.get(id);
  if (hold === undefined) return { refused: 'not_found', message: `There is no hold ${id}.` };
  if (hold.liftedAt !== null) return { refused: 'conflict', message: 'This hold was lifted already.' };
  if (by.kind !== 'person') return { refused: 'forbidden', message: 'Only a person can lift a hold.' };
  if (personBehind(hold.by) === personBehind(by))
    return { refused: 'same_person', message: 'You placed this hold yourself: somebody else has to lift it.' };
  return null;
}

function refuseAsk(book: ContentBook, { erasure: id, subject }: Extract<ContentAct, { type: 'ask' }>): ContentRefusal | null {
  if (book.erasures.has(id)) return { refused: 'conflict', message: 'An erasure with this id exists already; choose a new id.' };
  for (const erasure of book.erasures.values()) {
    if (erasure.subject === subject && erasure.state === 'waiting')
      return { refused: 'conflict', message: `Erasure ${erasure.id} of this data subject waits for a confirmation already.` };
  }
  return null;
}

function refuseUnlessWaiting(book: ContentBook, id: string): ContentRefusal | null {
  const erasure = book.erasures.get(id);
  if (erasure === undefined) return { refused: 'not_found', message: `No erasure ${id} was asked for.` };
  return erasure.state === 'waiting' ? null : { refused: 'conflict', message: `This erasure is ${erasure.state} already.` };
}

function refuseConfirm(book: ContentBook, { erasure: id, by }: Extract<ContentAct, { type: 'confirm' }>): ContentRefusal | null {
  const waiting = refuseUnlessWaiting(book, id);
  const erasure = book.erasures.get(id);
  if (waiting !== null || erasure === undefined) return waiting;
  if (by.kind !== 'person')
    return { refused: 'forbidden', message: 'Only a person can confirm an erasure; API keys and the system cannot.' };
  if (personBehind(erasure.askedBy) === personBehind(by))
    return { refused: 'same_person', message: 'You asked for this erasure yourself: somebody else has to confirm it.' };
  return refuseApprove(book, { erasure: id, subject: erasure.subject });
}

function refuseApprove(book: ContentBook, { erasure: id, subject }: { erasure: string; subject: string }): ContentRefusal | null {
  const waiting = refuseUnlessWaiting(book, id);
  const erasure = book.erasures.get(id);
  if (waiting !== null || erasure === undefined) return waiting;
  if (erasure.subject !== subject) return { refused: 'conflict', message: 'This erasure was asked for another data subject.' };
  const hold = holdsOver(book, erasure.subject)[0];
  if (hold !== undefined) {
    const what = hold.target.session === null ? 'this data subject' : `session ${hold.target.session} of this data subject`;
    return { refused: 'held', message: `Hold ${hold.id} covers ${what}. It has to be lifted before anything can be erased.` };
  }
  return null;
}

/** The holds in force that cover anything of a data subject. */
export function holdsOver(book: ContentBook, subject: string): BookedHold[] {
  return inForce(book).filter(
    ({ target }) => (target.session === null ? target.subject : book.sessions.get(target.session)?.subject) === subject,
  );
}

/** The holds in force that cover a session: those on it, and those on its data subject. */
export function holdsOverSession(book: ContentBook, { session, subject }: RecordedSession): BookedHold[] {
  return inForce(book).filter(({ target }) => (target.session === null ? target.subject === subject : target.session === session));
}

export function inForce(book: ContentBook): BookedHold[] {
  return [...book.holds.values()].filter((hold) => hold.liftedAt === null);
}

/** The last erasure that was confirmed of a data subject. */
export function lastErasure(book: ContentBook, subject: string): Extract<BookedErasure, { state: 'confirmed' }> | null {
  const confirmed = [...book.erasures.values()].filter((erasure) => erasure.state === 'confirmed' && erasure.subject === subject);
  return confirmed.reduce<Extract<BookedErasure, { state: 'confirmed' }> | null>(
    (last, one) => (one.state === 'confirmed' && one.entry > (last?.entry ?? -1) ? one : last),
    null,
  );
}

/** Whether a session may be recorded: not after its data subject was erased. Whoever wants to be recorded again opens another session. */
export function mayRecordOn(book: ContentBook, session: RecordedSession): boolean {
  return (lastErasure(book, session.subject)?.entry ?? -1) < session.entry;
}

/** The book after an event. Events from the ledger are facts: they are applied, not judged. */
export function evolveContent(book: ContentBook, event: ContentEvent): ContentBook {
  switch (event.type) {
    case 'held': {
      const { hold: id, target, by, reason, at } = event;
      return { ...book, holds: new Map(book.holds).set(id, { id, target, by, reason, at, liftedAt: null }) };
    }
    case 'lifted': {
      const hold = book.holds.get(event.hold);
      return hold === undefined ? book : { ...book, holds: new Map(book.holds).set(hold.id, { ...hold, liftedAt: event.at }) };
    }
    case 'asked': {
      const { erasure: id, subject, by, reason, at } = event;
      return withErasure(book, { id, subject, askedBy: by, reason, askedAt: at, state: 'waiting' });
    }
    case 'withdrawn': {
      const erasure = book.erasures.get(event.erasure);
      return erasure === undefined ? book : withErasure(book, { ...asAsked(erasure), state: 'withdrawn' });
    }
    case 'erased': {
      const erasure = book.erasures.get(event.erasure);
      if (erasure === undefined) return book;
      const { by: confirmedBy, at: confirmedAt, entry } = event;
      return withErasure(book, { ...asAsked(erasure), state: 'confirmed', confirmedBy, confirmedAt, entry });
    }
  }
}

function asAsked({ id, subject, askedBy, reason, askedAt }: BookedErasure) {
  return { id, subject, askedBy, reason, askedAt };
}

function withErasure(book: ContentBook, erasure: BookedErasure): ContentBook {
  return { ...book, erasures: new Map(book.erasures).set(erasure.id, erasure) };
}
