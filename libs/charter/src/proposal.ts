import type { PowerId, Vote } from '@wheelhouse/protocol/charter';
import type { Absence, SeatEvent } from './seat-history.ts';
import type { Trainings } from './training.ts';

/**
 * A permissive act that awaits its quorum. `proposer` is the person behind it, also when an API key proposed. `digest` is the SHA-256 of
 * exactly what will happen; `charter`, `policy` and `subject` are the digests of what was in force and of what it is about when it opened.
 */
export type Proposal = {
  readonly id: string;
  readonly power: PowerId;
  readonly proposer: string;
  readonly digest: string;
  readonly openedAt: number;
  readonly charter: string;
  readonly policy: string;
  readonly subject: string;
  /** The people who made what it is about: data, adapter or policy. */
  readonly authors: readonly string[];
};

/** What a proposal is held against, besides its votes. Times are milliseconds since 1970. */
export type ProposalFacts = {
  readonly now: number;
  readonly seatEvents: readonly SeatEvent[];
  readonly absences: readonly Absence[];
  readonly delegations: readonly Delegation[];
  readonly trainings: Trainings;
  /** People who declared a conflict of interest with this proposal. */
  readonly conflicts: ReadonlySet<string>;
  /** Digests in force now. */
  readonly charter: string;
  readonly policy: string;
  readonly subject: string;
};

/** Somebody votes in another's place for one seat, from `start` until just before `end`. */
export type Delegation = {
  readonly seat: string;
  readonly from: string;
  readonly to: string;
  readonly start: number;
  readonly end: number;
};

export type SupersededBy = 'charter' | 'policy' | 'subject';

/** Which of the digests that a proposal was opened under is not in force any more; null when all are. */
export function supersededBy(proposal: Proposal, facts: ProposalFacts): SupersededBy | null {
  if (proposal.charter !== facts.charter) return 'charter';
  if (proposal.policy !== facts.policy) return 'policy';
  return proposal.subject === facts.subject ? null : 'subject';
}

/** A proposal with its votes and where it stands. All states but `open` and `passed` are final. */
export type ProposalLife = { readonly proposal: Proposal; readonly votes: readonly Vote[] } & (
  | { readonly state: 'open' }
  | { readonly state: 'passed'; readonly passedAt: number; readonly executeBy: number }
  | { readonly state: 'vetoed'; readonly by: string; readonly reason: string; readonly at: number }
  | { readonly state: 'rejected'; readonly at: number }
  | { readonly state: 'expired'; readonly stage: 'vote' | 'execution'; readonly at: number }
  | { readonly state: 'withdrawn'; readonly reason: string; readonly at: number }
  | { readonly state: 'superseded'; readonly by: SupersededBy; readonly at: number }
  | { readonly state: 'executed'; readonly at: number }
  | { readonly state: 'failed'; readonly why: string; readonly at: number }
);
