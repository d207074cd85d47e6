import type { ActionState } from '@wheelhouse/protocol/action';
import type { Before } from '../notices/records.ts';
import type { ActionRow, Settled } from './action-row.ts';

/** What a list shows: of one tenant or all (null), of one person's askings or everybody's, in one state or all. */
export type ActionsShown = {
  readonly tenant: string | null;
  readonly person: string | null;
  readonly state: ActionState | null;
  readonly session: string | null;
  readonly before: Before | null;
  readonly limit: number;
};

/** Where actions are kept. Every method rejects while the database is away, and then has changed nothing. */
export type ActionRecords = {
  /** Rejects where the id is there already. */
  readonly insert: (row: ActionRow) => Promise<void>;
  readonly get: (id: string) => Promise<ActionRow | null>;
  readonly remove: (id: string) => Promise<void>;
  /** Notes that the ledger has the `action.asked` of each. */
  readonly recorded: (ids: readonly string[]) => Promise<void>;
  /** Keeps what is about to be decided, beside a state that stays `pending`; null takes it back. */
  readonly stage: (id: string, settled: Settled | null) => Promise<void>;
  /** The ledger has it: what was staged counts from now on. */
  readonly settle: (id: string, state: ActionState) => Promise<void>;
  /** Marks it as carried out. False where it was before: of several that try, one gets true. */
  readonly use: (id: string, at: Date) => Promise<boolean>;
  /** Takes `use` back, where the record of it could not be written. */
  readonly unuse: (id: string) => Promise<void>;
  readonly page: (shown: ActionsShown) => Promise<ActionRow[]>;
  /** What a start has to look at: rows that wait, and those of which it is not known whether the ledger has them. */
  readonly unfinished: () => Promise<ActionRow[]>;
  /** The latest time that this database knows of, in milliseconds since 1970. */
  readonly latest: () => Promise<number>;
};
