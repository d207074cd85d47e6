import type { Decision } from '@wheelhouse/protocol/policy';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Approval } from '../charter/act-port.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import type { ActionBook } from './action-book.ts';
import type { ActionRecords } from './action-records.ts';
import { type ActionRow, checkpointOf, type Settled } from './action-row.ts';

type Parts = {
  readonly book: ActionBook;
  readonly records: ActionRecords;
  readonly ledger: Pick<Ledger, 'appendEntry' | 'appendEntryFirst'>;
  /** Now, in milliseconds since 1970, by a clock that never goes back. */
  readonly now: () => number;
  readonly log: Logger;
};

const JsonRecord = z.record(z.string(), z.json());

/** An asking before it is written. */
export type Draft = Omit<ActionRow, 'askedAt' | 'expiresAt' | 'entry' | 'recorded' | 'settled' | 'usedAt'>;

/** Writes what happens to actions: into the ledger first, and only then it counts. What is decided of an action is always done in its turn. */
export class ActionScribe {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Writes an asking, with what policy said, and tells of it. Rejects where it could not be made durable; then it is as if nobody had asked.
   * `reason` are the asker's own words.
   */
  async asked(draft: Draft, seconds: number, reason: string): Promise<ActionRow> {
    const { records, ledger, book, now } = this.#parts;
    const at = now();
    const askedAt = new Date(at);
    const expiresAt = new Date(at + seconds * 1000);
    const { id, tenant, session, kind, tool, digest, state, decision } = draft;
    const data = {
      ...{ action: id, tenant, ...(session === null ? {} : { session }), what: kind, tool, digest, outcome: state },
      ...{ policies: decision.policies, bundle: decision.bundle, until: expiresAt.toISOString(), reason },
    };
    const entry = entryOf('action.asked', data, draft.asker, { at });
    const row: ActionRow = { ...draft, askedAt, expiresAt, entry: entry.id, recorded: false, settled: null, usedAt: null };
    // Side by side, because each waits for a disk: the row counts for nothing without the entry, and an entry without its row permits nobody anything.
    const [stored, led] = await Promise.allSettled([records.insert(row), ledger.appendEntryFirst(entry)]);
    if (led.status === 'rejected') {
      if (stored.status === 'fulfilled') await this.#takeBack(id);
      throw led.reason;
    }
    if (stored.status === 'rejected') throw stored.reason;
    book.add(row, seconds * 1000, true);
    return row;
  }

  /** Writes a decision that permits, or that somebody waits for: it counts once it is durable, or not at all. `approval`: the votes that it rests on. */
  async decided(row: ActionRow, settled: Settled, reason: string, approval: Approval | null = null): Promise<ActionRow> {
    const { records, ledger, book } = this.#parts;
    await records.stage(row.id, settled);
    try {
      const entry = this.#entry(row, settled, reason, approval);
      await (approval === null ? ledger.appendEntryFirst(entry) : approval.record(entry));
    } catch (error) {
      await this.#unstage(row.id);
      throw error;
    }
    return book.settle(row, settled);
  }

  /** Ends one that nobody decided. Waits for the ledger however long that takes: until then it can't be decided either. */
  async ended(row: ActionRow, state: 'expired' | 'withdrawn' | 'rejected', because: string): Promise<ActionRow> {
    const { records, ledger, book, now } = this.#parts;
    const settled: Settled = { state, by: SYSTEM, at: new Date(now()), editedDigest: null, outcome: null, words: null };
    await records.stage(row.id, settled);
    await ledger.appendEntry(this.#entry(row, settled, because));
    return book.settle(row, settled);
  }

  /**
   * Writes that it is carried out, and what policy said at that moment. The row is marked first, so that of two who try one gets it; where the entry can't be
   * written the mark is taken back, and a crash in between leaves it marked: nothing is carried out twice. False where it was used before.
   */
  async used(row: ActionRow, decision: Decision, request: Record<string, unknown>): Promise<Date | null> {
    const { records, ledger, book, now } = this.#parts;
    const at = new Date(now());
    if (!(await records.use(row.id, at))) return null;
    const { verdict, policies, errors, bundle } = decision;
    const data = {
      ...{ checkpoint: checkpointOf(row.kind), ...(row.session === null ? {} : { session: row.session }), verdict, policies, bundle },
      ...{ problems: errors, request: JsonRecord.parse(request) },
    };
    try {
      await ledger.appendEntryFirst(entryOf('checkpoint.decided', data, row.asker, { cause: row.entry, at: at.getTime() }));
    } catch (error) {
      await this.#unuse(row.id);
      throw error;
    }
    book.used(row, at);
    return at;
  }

  #entry(row: ActionRow, settled: Settled, reason: string, approval: Approval | null = null) {
    const edited = settled.editedDigest === null ? {} : { edited: settled.editedDigest };
    const proposal = approval === null ? {} : { proposal: approval.proposal };
    const data = { action: row.id, ...proposal, outcome: settled.state, digest: row.digest, ...edited, reason };
    return entryOf('action.decided', data, settled.by, { cause: approval?.cause ?? row.entry, at: settled.at.getTime() });
  }

  /** A row that stays behind is found at the next start, and removed there: the ledger does not have it. */
  async #takeBack(id: string): Promise<void> {
    await this.#parts.records.remove(id).catch((error: unknown) => {
      this.#parts.log.warn({ err: error, action: id }, 'an action that the ledger did not take could not be removed');
    });
  }

  async #unuse(id: string): Promise<void> {
    await this.#parts.records.unuse(id).catch((error: unknown) => {
      this.#parts.log.warn(
        { err: error, action: id },
        'an action could neither be recorded as carried out nor freed again: it has to be asked for anew',
      );
    });
  }

  /** What stays staged counts for nothing while the ledger has no decision. */
  async #unstage(id: string): Promise<void> {
    await this.#parts.records.stage(id, null).catch((error: unknown) => {
      this.#parts.log.warn({ err: error, action: id }, 'a decision that the ledger did not take could not be removed');
    });
  }
}
