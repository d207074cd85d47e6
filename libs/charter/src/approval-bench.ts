import type { EntryOf, LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { ModelCheckpoint } from '@wheelhouse/protocol/policy';
import type { ApprovalBook } from './approval-report.ts';
import type { Sha256 } from './ballot.ts';
import type { CharterRecord } from './charter-record.ts';
import type { PolicyStanding } from './policy-standing.ts';

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
  /** Of each action that takes a power of the charter, what was asked for. */
  readonly actions: Map<string, AskedAction>;
  /** Glasses that a latch was released by. */
  readonly spent: Set<string>;
  /** Whether a policy bundle was adopted already: the first one is shipped, and takes no approval. */
  policyAdopted: boolean;
  /** The bundles that stand, and the rollbacks that there were. */
  readonly policies: PolicyStanding<{ readonly digest: string }>;
  readonly rollbacks: Set<string>;
  /** The tenant of each person who joined, and every role that they ever had: what they do may still bear the one before. */
  readonly people: Map<string, { readonly roles: Set<string>; readonly tenant: string }>;
  /** Whether somebody joined in an entry whose fields are withheld. */
  somebodyHidden: boolean;
  /** The latest time of any entry read, in milliseconds since 1970. */
  latest: number;
};

/** A fine-tune or a promotion that was asked for. */
export type AskedAction = { readonly power: ModelCheckpoint; readonly name: string; readonly digest: string };

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
