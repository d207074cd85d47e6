import type { ActionState } from '@wheelhouse/protocol/action';
import type { Logger } from 'pino';
import type { ActionRecords } from './action-records.ts';
import type { ActionRow, Settled } from './action-row.ts';

type Parts = { readonly records: ActionRecords; readonly log: Logger; readonly nowMs: () => number };

/** Rows that came out of waiting stay at hand for those who ask for them next; the oldest go first. */
const MOST_AT_HAND = 5000;
/** So many may wait for a decision of somebody else at once, before new ones are answered without waiting. */
const MOST_WAITERS = 2000;

type Waiter = () => void;

/**
 * The actions that wait, in memory; those that don't, in the database and for a while here. Whatever is done to an action is done in its turn, one after
 * the other: of two people who decide at the same time, the second finds it decided.
 */
export class ActionBook {
  readonly #parts: Parts;
  readonly #rows = new Map<string, ActionRow>();
  readonly #pending = new Set<string>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #listeners = new Set<(row: ActionRow) => void>();
  /** What the database was not told yet: the ledger has it. */
  readonly #unsettled = new Map<string, ActionState>();
  readonly #unrecorded = new Set<string>();
  /** The steady clock's time by which each has run out. */
  readonly #deadlines = new Map<string, number>();
  #waiting = 0;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Ids of those that wait. */
  get pending(): ReadonlySet<string> {
    return this.#pending;
  }

  at(id: string): ActionRow | null {
    return this.#rows.get(id) ?? null;
  }

  async find(id: string): Promise<ActionRow | null> {
    return this.#rows.get(id) ?? (await this.#parts.records.get(id));
  }

  /** Calls `tell` with each action that was asked for or decided, once that is durable. */
  onChange(tell: (row: ActionRow) => void): void {
    this.#listeners.add(tell);
  }

  /** Does `work` when everything that was begun with this action before is done. */
  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(id, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(id) === settled) this.#turns.delete(id);
    }
  }

  /** Takes in one that is durable. `leftMs`: until it runs out, by a clock that is never set. */
  add(row: ActionRow, leftMs: number, isNew: boolean): void {
    this.#keep(row);
    if (row.state === 'pending') {
      this.#pending.add(row.id);
      this.#deadlines.set(row.id, this.#parts.nowMs() + leftMs);
    }
    if (!row.recorded) this.#unrecorded.add(row.id);
    if (isNew) this.#tell(row);
  }

  /** The ledger has the decision: from now on it counts. */
  settle(row: ActionRow, settled: Settled): ActionRow {
    const decided: ActionRow = { ...row, state: settled.state, settled };
    this.#keep(decided);
    this.#pending.delete(row.id);
    this.#deadlines.delete(row.id);
    this.#unsettled.set(row.id, settled.state);
    this.#tell(decided);
    for (const wake of this.#waiters.get(row.id) ?? []) wake();
    return decided;
  }

  used(row: ActionRow, at: Date): void {
    this.#keep({ ...row, usedAt: at });
  }

  isOver(id: string): boolean {
    const deadline = this.#deadlines.get(id);
    return deadline !== undefined && this.#parts.nowMs() >= deadline;
  }

  /** Those whose time is up. */
  over(): string[] {
    return [...this.#pending].filter((id) => this.isOver(id));
  }

  /** Resolves when the action is decided, after `ms`, when `signal` aborts, or at the stop: whichever comes first. */
  async wait(id: string, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending.has(id) || ms <= 0 || signal.aborted || this.#closed || this.#waiting >= MOST_WAITERS) return;
    const { promise, resolve } = Promise.withResolvers<null>();
    const wake = () => {
      resolve(null);
    };
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(wake));
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
    this.#waiting += 1;
    try {
      await promise;
    } finally {
      this.#waiting -= 1;
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      waiters.delete(wake);
      if (waiters.size === 0) this.#waiters.delete(id);
    }
  }

  /** Has the database say what the ledger says. What fails is tried again the next time. */
  async flush(): Promise<void> {
    const { records, log } = this.#parts;
    try {
      const ids = [...this.#unrecorded];
      if (ids.length > 0) await records.recorded(ids);
      for (const id of ids) this.#unrecorded.delete(id);
      for (const [id, state] of [...this.#unsettled]) {
        await records.settle(id, state);
        this.#unsettled.delete(id);
      }
    } catch (error) {
      log.warn({ err: error }, 'decided actions could not be marked as such in the database; trying again');
    }
  }

  /** Lets everybody go who waits. */
  close(): void {
    this.#closed = true;
    for (const waiters of this.#waiters.values()) for (const wake of waiters) wake();
  }

  #keep(row: ActionRow): void {
    this.#rows.delete(row.id);
    this.#rows.set(row.id, row);
    if (this.#rows.size - this.#pending.size <= MOST_AT_HAND) return;
    for (const id of this.#rows.keys()) {
      if (this.#pending.has(id) || this.#unsettled.has(id) || this.#unrecorded.has(id)) continue;
      this.#rows.delete(id);
      return;
    }
  }

  #tell(row: ActionRow): void {
    for (const tell of this.#listeners) {
      try {
        tell(row);
      } catch (error) {
        this.#parts.log.error({ err: error, action: row.id }, 'somebody could not be told of an action');
      }
    }
  }
}
