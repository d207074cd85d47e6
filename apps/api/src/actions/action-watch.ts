import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { ActionBook } from './action-book.ts';
import type { ActionRecords } from './action-records.ts';
import type { ActionRow, Settled } from './action-row.ts';
import type { ActionScribe } from './action-scribe.ts';

type Parts = {
  readonly book: ActionBook;
  readonly records: ActionRecords;
  readonly scribe: ActionScribe;
  readonly ledger: Pick<Ledger, 'lastAbout' | 'fault'>;
  readonly isOpen: (session: string) => boolean;
  /** Whether the charter's votes decide on it: then it ends with them, and not by its own time. */
  readonly isVotedOn: (id: string) => boolean;
  readonly now: () => number;
  readonly log: Logger;
};

const SWEEP_MS = 500;

/** Takes up at the start what waited when the server stopped, and ends what nobody decided in time. */
export class ActionWatch {
  readonly #parts: Parts;
  readonly #ending = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The ledger is the truth: a row that it does not know is dropped, and one that it knows to be decided is decided. */
  async load(): Promise<void> {
    for (const row of await this.#parts.records.unfinished()) await this.#load(row);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#sweep();
      void this.#parts.book.flush();
    }, SWEEP_MS);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#parts.book.close();
    await this.#parts.book.flush();
  }

  async #load(row: ActionRow): Promise<void> {
    const { ledger, records, book, now, log } = this.#parts;
    const asked = row.recorded ? null : await ledger.lastAbout('action.asked', row.id);
    if (!row.recorded && asked?.id !== row.entry) {
      log.info({ action: row.id }, 'an action that the ledger never took is dropped');
      await records.remove(row.id);
      return;
    }
    // A clock that was set back must give it no more time than it had.
    const whole = row.expiresAt.getTime() - row.askedAt.getTime();
    book.add(row, Math.min(whole, row.expiresAt.getTime() - now()), false);
    const decided = row.state === 'pending' ? await ledger.lastAbout('action.decided', row.id) : null;
    if (decided === null) {
      // The stream that waited for it is gone, and with it what the engine was about to do.
      if (row.state === 'pending' && row.asker.kind === 'system') this.#end(row.id, 'withdrawn');
      return;
    }
    const { outcome: state, edited = null } = decided.data;
    const staged = row.settled?.state === state ? row.settled : null;
    const content = { outcome: staged?.outcome ?? null, words: staged?.words ?? null };
    const settled: Settled = { state, by: decided.by, at: new Date(decided.time), editedDigest: edited, ...content };
    await records.stage(row.id, settled);
    book.settle(row, settled);
  }

  /** Runs out, by a clock that is never set; and what a session asked goes with the session. */
  #sweep(): void {
    const { book, ledger, isOpen, isVotedOn } = this.#parts;
    if (ledger.fault !== null) return;
    for (const id of book.over()) if (!isVotedOn(id)) this.#end(id, 'expired');
    for (const id of book.pending) {
      const session = book.at(id)?.session ?? null;
      if (session !== null && !isOpen(session)) this.#end(id, 'withdrawn');
    }
  }

  #end(id: string, state: 'expired' | 'withdrawn'): void {
    if (this.#ending.has(id)) return;
    this.#ending.add(id);
    const { book, scribe, log } = this.#parts;
    book
      .inTurn(id, async () => {
        const row = book.at(id);
        if (row?.state === 'pending') await scribe.ended(row, state, '');
      })
      .catch((error: unknown) => {
        log.warn({ err: error, action: id }, `an action could not be marked as ${state}; trying again`);
      })
      .finally(() => this.#ending.delete(id));
  }
}
