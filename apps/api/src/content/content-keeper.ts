import {
  type ContentAct,
  type ContentBook,
  type ContentEvent,
  emptyContentBook,
  evolveContent,
  type RecordedSession,
  refusalOf,
} from '@wheelhouse/content/content-book';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';

const KINDS = ['session.opened', 'hold.placed', 'hold.lifted', 'erasure.asked', 'erasure.withdrawn', 'subject.erased'] as const;
type Folded = EntryOf<(typeof KINDS)[number]>;

/** What is recorded, held and erased. The ledger is its only store: a row changed behind its back lifts no hold and takes back no erasure. */
export class ContentKeeper {
  readonly #sessions = new Map<string, RecordedSession>();
  #book: ContentBook = emptyContentBook(this.#sessions);
  #turn: Promise<unknown> = Promise.resolve();
  readonly #whenErased: ((subject: string) => void)[] = [];

  get book(): ContentBook {
    return this.#book;
  }

  apply(event: ContentEvent): void {
    this.#book = evolveContent(this.#book, event);
    if (event.type !== 'erased') return;
    const subject = this.#book.erasures.get(event.erasure)?.subject;
    if (subject !== undefined) for (const tell of this.#whenErased) tell(subject);
  }

  /** `tell` hears of data subjects of which nothing is recorded any more. */
  onErased(tell: (subject: string) => void): void {
    this.#whenErased.push(tell);
  }

  /** A session was opened that is recorded. */
  recorded(session: RecordedSession): void {
    this.#sessions.set(session.session, session);
  }

  async load(ledger: Ledger): Promise<void> {
    for await (const { index, entry } of ledger.read(KINDS)) this.#recall(entry, index);
  }

  refuseUnlessAllowed(act: ContentAct): void {
    const refusal = refusalOf(this.#book, act);
    if (refusal !== null) throw new Refusal(refusal.refused, refusal.message);
  }

  /** One act that destroys, or keeps from destruction, after the other: what was decided still holds when it is carried out. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #recall(entry: Folded, index: number): void {
    switch (entry.kind) {
      case 'session.opened': {
        const { session, tenant, subject, record } = entry.data;
        if (record !== undefined) this.recorded({ session, tenant, subject, record, entry: index });
        return;
      }
      case 'hold.placed': {
        const { hold, subject, session, reason } = entry.data;
        const target = session === undefined ? { subject: subject ?? '', session: null } : { subject: null, session };
        this.apply({ type: 'held', hold, target, by: entry.by, reason, at: entry.time });
        return;
      }
      case 'hold.lifted':
        this.apply({ type: 'lifted', hold: entry.data.hold, at: entry.time });
        return;
      case 'erasure.asked': {
        const { erasure, subject, reason } = entry.data;
        this.apply({ type: 'asked', erasure, subject, by: entry.by, reason, at: entry.time });
        return;
      }
      case 'erasure.withdrawn':
        this.apply({ type: 'withdrawn', erasure: entry.data.erasure });
        return;
      case 'subject.erased':
        this.apply({ type: 'erased', erasure: entry.data.erasure, by: entry.by, at: entry.time, entry: index });
    }
  }
}
