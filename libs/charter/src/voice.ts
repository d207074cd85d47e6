import { type Charter, type Power, reportingLine } from './charter.ts';
import type { Delegation, Proposal, ProposalFacts } from './proposal.ts';
import { incumbentsAt, isAbsent, seatAt } from './seat-history.ts';

/** Why a person's vote on a proposal never counts, whichever seat it is for. */
export type Exclusion = 'proposer' | 'conflict' | 'author' | 'reporting_line';

/** Everyone whose yes or no on a proposal does not count, and why. A pure function of the charter and who proposed. */
export function exclusions(
  charter: Charter,
  power: Power,
  proposal: Proposal,
  conflicts: ReadonlySet<string>,
): ReadonlyMap<string, Exclusion> {
  const excluded = new Map<string, Exclusion>();
  if (power.excludesLine) for (const person of reportingLine(charter.people, proposal.proposer)) excluded.set(person, 'reporting_line');
  if (power.excludesAuthor) for (const person of proposal.authors) excluded.set(person, 'author');
  for (const person of conflicts) excluded.set(person, 'conflict');
  return excluded.set(proposal.proposer, 'proposer');
}

/** A person who may vote for a seat from `from` on. `delegatedBy` names the one in whose place. */
export type Voice = { readonly person: string; readonly from: number; readonly delegatedBy: string | null };

/** What it takes to say who speaks for a seat on a proposal. */
export type VoiceContext = {
  readonly charter: Charter;
  readonly proposal: Proposal;
  readonly facts: ProposalFacts;
  readonly excluded: ReadonlyMap<string, Exclusion>;
};

/**
 * Who may vote for a seat at `at`, in the order of whose vote counts when several do: the holder in term, then the alternates in their order.
 * One steps in when all before are absent, or each has had the charter's time to answer; a delegate stands right after the delegator.
 */
export function voicesOf({ charter, proposal, facts, excluded }: VoiceContext, seat: string, at: number): readonly Voice[] {
  const state = seatAt(charter, facts.seatEvents, seat, at);
  if (state === null) return [];
  const { holder, alternates } = incumbentsAt(state, at);
  const { onAbsence, noAnswerMs } = charter.alternates;
  const voices: Voice[] = [];
  let waited = 0;
  for (const person of holder === null ? alternates : [holder, ...alternates]) {
    const away = isAbsent(facts.absences, person, at);
    const delegate = delegateOf({ charter, proposal, facts, excluded }, { seat, person, at });
    const from = proposal.openedAt + waited * (noAnswerMs ?? 0);
    const holderStays = person === holder && !onAbsence;
    if (!away) voices.push({ person, from, delegatedBy: null });
    if (delegate !== null) voices.push({ person: delegate, from, delegatedBy: person });
    if (away && delegate === null && !holderStays) continue;
    if (noAnswerMs === null) break;
    waited += 1;
  }
  return voices;
}

function delegateOf(
  { charter, proposal, facts, excluded }: VoiceContext,
  { seat, person, at }: { readonly seat: string; readonly person: string; readonly at: number },
): string | null {
  // Whoever may not vote may not choose who votes instead, or the exclusion would be a formality.
  if (!charter.delegation.allowed || excluded.has(person)) return null;
  const inForce = facts.delegations.filter((d) => d.seat === seat && d.from === person && isInForce(charter, d, at));
  const to = inForce.at(-1)?.to ?? null;
  return to === null || to === proposal.proposer || !charter.people.has(to) ? null : to;
}

/** Whether a delegation runs at `at`; one for longer than the charter allows never does. */
export function isInForce(charter: Charter, { start, end }: Delegation, at: number): boolean {
  const { longestMs } = charter.delegation;
  return start <= at && at < end && (longestMs === null || end - start <= longestMs);
}

/** Whether a person still belongs to a seat at `at`, by holding it in term or as an alternate: votes of those who don't are void. */
export function belongsTo({ charter, facts }: VoiceContext, seat: string, person: string, at: number): boolean {
  const state = seatAt(charter, facts.seatEvents, seat, at);
  if (state === null) return false;
  const { holder, alternates } = incumbentsAt(state, at);
  return holder === person || alternates.includes(person);
}
