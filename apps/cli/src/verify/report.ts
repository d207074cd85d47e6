import type { ApprovalReport } from '@wheelhouse/charter/approval-report';
import type { Severity } from '@wheelhouse/ledger/findings';
import type { SessionStory } from './session-story.ts';

/** What was looked at when the finding was made. */
export type Area = 'tree' | 'heads' | 'tiles' | 'entries' | 'sessions' | 'records' | 'guard' | 'proofs' | 'approvals';

export type VerifyFinding = {
  readonly area: Area;
  readonly code: string;
  readonly severity: Severity;
  readonly index?: number;
  readonly session?: string;
  readonly message: string;
};

/** The cosigned checkpoint: which of the named witnesses vouch for its entries and since when; `unchecked` are signers whose keys were not given. */
export type CosignedReport = {
  readonly size: number;
  readonly witnesses: readonly { readonly name: string; readonly time: string }[];
  readonly unchecked: readonly string[];
};

/** What `wheelhouse verify` found, for people and (`--json`) for programs. */
export type Report = {
  readonly ok: boolean;
  /** The log and the key that its heads were checked with: `name+id`. */
  readonly key: string;
  readonly entries: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** The tree recomputed from the entries; `root` in hex. */
  readonly head: { readonly size: number; readonly root: string };
  /** Signed heads, in the database and in the file beside it; `sealed` is the size of the last genuine one in the database. */
  readonly heads: { readonly checked: number; readonly matched: number; readonly sealed: number };
  /** Size in the checkpoint file beside the database; null where there is none. */
  readonly checkpointFile: number | null;
  /** Null where there is no cosigned checkpoint, or none of this log. */
  readonly cosigned: CosignedReport | null;
  readonly tiles: number;
  readonly sessions: { readonly total: number; readonly open: number; readonly ticks: number };
  readonly orders: { readonly total: number; readonly inForce: number };
  /** Proposals, signatures and quorums: what was checked, with how many passkeys of how many people, and what could not be. */
  readonly approvals: Pick<ApprovalReport, 'checked' | 'unchecked' | 'keys' | 'people' | 'charter'>;
  readonly records: { readonly sessions: number; readonly people: number; readonly keys: number };
  readonly faults: number;
  readonly notes: number;
  readonly findings: readonly VerifyFinding[];
  /** Findings beyond the first hundred of their kind. */
  readonly suppressed: number;
  readonly session: SessionStory | null;
};
