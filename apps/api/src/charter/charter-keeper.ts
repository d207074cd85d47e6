import { type CharterEntry, CHARTER_KINDS } from '@wheelhouse/charter/charter-kinds';
import { CharterRecord } from '@wheelhouse/charter/charter-record';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Ledger } from '../ledger/ledger.ts';
import { decideUnder } from '../ledger/new-entry.ts';

/**
 * The state of the charter, with the ledger as its only store: a row of the database that somebody changed gives nobody a seat, a key or an approval. Acts
 * come one after the other: what was decided still holds when it is written.
 */
export class CharterKeeper {
  readonly record = new CharterRecord();
  readonly #ledger: Ledger;
  readonly #readers = new Set<(entry: CharterEntry) => void>();
  /** The wall clock less the steady one at start, or more where the latest entry's time is later: time never goes back for the charter. */
  #ahead = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  static async open(ledger: Ledger): Promise<CharterKeeper> {
    const keeper = new CharterKeeper(ledger);
    for await (const { index, entry } of ledger.read(CHARTER_KINDS)) keeper.record.take(index, entry);
    keeper.#ahead = Math.max(Date.now(), keeper.record.latest) - performance.now();
    decideUnder(keeper.record.rules);
    return keeper;
  }

  /**
   * Now, in milliseconds since 1970, by a clock that is set once at start and never steps: a clock that is set while a vote is open neither shortens its
   * notice nor undoes a vote.
   */
  now(): number {
    return Math.floor(Math.max(this.record.latest, this.#ahead + performance.now()));
  }

  /** Makes an entry durable and takes it into the record. Throws `LedgerUnavailableError` when it can't be made durable in time. */
  async write(entry: LedgerEntry): Promise<number> {
    const index = await this.#ledger.appendEntryFirst(entry);
    this.take(index, entry);
    return index;
  }

  /** As `write`, for entries that belong together: all of them become durable, one after the other, or none does. */
  async writeAll(entries: readonly LedgerEntry[]): Promise<void> {
    const indexes = await this.#ledger.appendTogetherFirst(entries);
    for (const [i, entry] of entries.entries()) this.take(indexes[i] ?? 0, entry);
  }

  /** Takes an entry that is durable. Entries that say nothing about the charter change nothing. */
  take(index: number, entry: LedgerEntry): void {
    if (!isCharterEntry(entry)) return;
    this.record.take(index, entry);
    if (entry.kind === 'charter.adopted') decideUnder(this.record.rules);
    for (const read of this.#readers) read(entry);
  }

  /** Calls `read` with each entry about the charter once it is durable and taken. */
  onEntry(read: (entry: CharterEntry) => void): void {
    this.#readers.add(read);
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const KINDS: ReadonlySet<string> = new Set(CHARTER_KINDS);

function isCharterEntry(entry: LedgerEntry): entry is CharterEntry {
  return KINDS.has(entry.kind);
}
