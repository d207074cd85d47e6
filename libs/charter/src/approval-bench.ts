import type { EntryOf, LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { ApprovalBook } from './approval-report.ts';
import type { Sha256 } from './ballot.ts';
import type { CharterRecord } from './charter-record.ts';

/** What the checks of one audit share. `record` is the state before the entry at hand. */
export type ApprovalBench = {
  readonly sha256: Sha256;
  readonly record: CharterRecord;
  readonly book: ApprovalBook;
  /** Since when not everything is shown, in words; null as long as everything was. What needs all that came before is not judged then. */
  blind: string | null;
  /** Does something after what was put here before: signatures are checked in their order, and not while entries are read. */
  readonly later: (job: () => Promise<void> | void) => void;
  /** What the jobs found out. Asked by later jobs only. */
  readonly forged: Forged;
  /** The kind of each order, and what each export was asked to hold: what an effect must agree with. */
  readonly orders: Map<string, string>;
  readonly exports: Map<string, EntryOf<'export.asked'>['data']>;
  /** Glasses that a latch was released by. */
  readonly spent: Set<string>;
  /** Whether a policy bundle was adopted already: the first one is shipped, and takes no approval. */
  policyAdopted: boolean;
  /** The latest time of any entry read, in milliseconds since 1970. */
  latest: number;
};

/** What does not count, because its signature does not hold: keys by their credential, votes by their id, break glass by `glass person`. */
export type Forged = {
  readonly keys: Set<string>;
  readonly votes: Set<string>;
  readonly glass: Set<string>;
  /** Proposals that are said to have passed, and whether their quorum was there; null where that can't be told. */
  readonly quorums: Map<string, boolean | null>;
};

/** An entry in its place. */
export type Placed<E extends LedgerEntry = LedgerEntry> = { readonly index: number; readonly entry: E };
export type PlacedOf<K extends LedgerEntry['kind']> = Placed<EntryOf<K>>;
