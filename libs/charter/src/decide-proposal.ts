import type { Vote } from '@wheelhouse/protocol/charter';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { Charter } from './charter.ts';
import { evaluate, type Standing } from './evaluate.ts';
import { uncountedInWords } from './explain.ts';
import type { Proposal, ProposalFacts, ProposalLife, SupersededBy } from './proposal.ts';
import type { Refusal } from './refusal.ts';

/**
 * What is done with a proposal. `look` asks what time and change have made of it: timers call it. `execute` uses an approval up; the caller
 * stores the event and the effect together or neither. `fail` uses it up too, after an effect that could not be had.
 */
export type ProposalAct =
  | { readonly type: 'open'; readonly proposal: Proposal }
  | { readonly type: 'vote'; readonly by: Actor; readonly vote: Vote }
  | { readonly type: 'withdraw'; readonly by: string; readonly reason: string }
  | { readonly type: 'look' }
  | { readonly type: 'execute'; readonly digest: string }
  | { readonly type: 'fail'; readonly why: string };

/** What happened to a proposal. The ledger holds these; folding them with `evolveProposal` gives it back. */
export type ProposalEvent =
  | { readonly type: 'opened'; readonly proposal: Proposal }
  | { readonly type: 'voted'; readonly vote: Vote }
  | { readonly type: 'passed'; readonly passedAt: number; readonly executeBy: number }
  | { readonly type: 'vetoed'; readonly by: string; readonly reason: string; readonly at: number }
  | { readonly type: 'rejected'; readonly at: number }
  | { readonly type: 'expired'; readonly stage: 'vote' | 'execution'; readonly at: number }
  | { readonly type: 'withdrawn'; readonly reason: string; readonly at: number }
  | { readonly type: 'superseded'; readonly by: SupersededBy; readonly at: number }
  | { readonly type: 'executed'; readonly at: number }
  | { readonly type: 'failed'; readonly why: string; readonly at: number };

type Decision = readonly ProposalEvent[] | Refusal;

/** What proposals are decided under: the charter in force, and the facts at `facts.now`. */
export type ProposalContext = { readonly charter: Charter; readonly facts: ProposalFacts };

/** Decides an act on a proposal; `life` is null before it is opened. */
export function decideProposal(life: ProposalLife | null, act: ProposalAct, context: ProposalContext): Decision {
  if (act.type === 'open') return life === null ? decideOpen(act.proposal, context) : conflict('A proposal with this id exists already.');
  if (life === null) return { refused: 'not_found', message: 'There is no such proposal.' };
  if (life.state !== 'open' && life.state !== 'passed') return conflict(`This proposal is ${life.state} already.`);
  const due = dueEvents(life, context);
  switch (act.type) {
    case 'look':
      return due;
    case 'vote':
      if (life.state !== 'open' || due.length > 0) return conflict('The vote is over; nothing can be added to it.');
      return decideVote(life, act, context);
    case 'withdraw':
      if (act.by !== life.proposal.proposer) return { refused: 'forbidden', message: 'Only the proposer can withdraw a proposal.' };
      return [{ type: 'withdrawn', reason: act.reason, at: context.facts.now }];
    case 'execute': {
      if (act.digest !== life.proposal.digest) return conflict('What is to be executed is not what was voted on.');
      if (life.state !== 'passed') return conflict('This proposal has not passed.');
      return due.length > 0 ? due : [{ type: 'executed', at: context.facts.now }];
    }
    case 'fail':
      if (life.state !== 'passed') return conflict('This proposal has not passed, so its execution could not fail.');
      return [{ type: 'failed', why: act.why, at: context.facts.now }];
  }
}

function conflict(message: string): Refusal {
  return { refused: 'conflict', message };
}

function decideOpen(proposal: Proposal, { charter, facts }: ProposalContext): Decision {
  if (!charter.powers.has(proposal.power))
    return { refused: 'forbidden', message: `The charter gives nobody the power ${proposal.power}.` };
  if (proposal.charter !== facts.charter || proposal.policy !== facts.policy || proposal.subject !== facts.subject)
    return conflict('The charter, the policy or the subject has changed; propose it again as it is now.');
  return [{ type: 'opened', proposal: { ...proposal, openedAt: facts.now } }];
}

function decideVote(life: ProposalLife, act: Extract<ProposalAct, { type: 'vote' }>, context: ProposalContext): Decision {
  const vote: Vote = { ...act.vote, at: context.facts.now };
  if (act.by.kind !== 'person' || act.by.id !== vote.person)
    return { refused: 'forbidden', message: 'Only people vote, each for themselves; API keys and the system cannot.' };
  if (vote.choice !== 'yes' && vote.reason.trim() === '') return { refused: 'malformed', message: 'A no or a veto takes a reason.' };
  const votes = [...life.votes, vote];
  const standing = evaluate(context.charter, life.proposal, votes, context.facts);
  const uncounted = standing.tally.judged.at(-1)?.uncounted ?? null;
  if (uncounted !== null) return { refused: 'forbidden', message: `This vote would not count: ${uncountedInWords(uncounted)}.` };
  return [{ type: 'voted', vote }, ...eventsOf(standing, context.facts.now)];
}

/** What time and change have made of a proposal that is open or passed. */
function dueEvents(life: ProposalLife, { charter, facts }: ProposalContext): readonly ProposalEvent[] {
  if (life.state !== 'passed') return eventsOf(evaluate(charter, life.proposal, life.votes, facts), facts.now);
  const standing = evaluate(charter, life.proposal, life.votes, facts);
  if (standing.state === 'superseded' || standing.state === 'powerless') return eventsOf(standing, facts.now);
  return facts.now > life.executeBy ? [{ type: 'expired', stage: 'execution', at: life.executeBy }] : [];
}

function eventsOf(standing: Standing, now: number): readonly ProposalEvent[] {
  switch (standing.state) {
    case 'open':
      return [];
    case 'passed':
      return [{ type: 'passed', passedAt: standing.passedAt, executeBy: standing.executeBy }];
    case 'vetoed':
      return [{ type: 'vetoed', by: standing.veto.person, reason: standing.veto.reason, at: standing.veto.at }];
    case 'rejected':
    case 'powerless':
      return [{ type: 'rejected', at: now }];
    case 'expired':
      return [{ type: 'expired', stage: standing.stage, at: standing.at }];
    case 'superseded':
      return [{ type: 'superseded', by: standing.by, at: now }];
  }
}
