import type { Charter } from './charter.ts';
import type { ProposalLife } from './proposal.ts';

/** Why a proposal is looked at again at a moment. */
export type MomentKind = 'next_in_order' | 'reminder' | 'escalation' | 'notice_ends' | 'vote_ends' | 'execution_ends';

export type ProposalMoment = { readonly kind: MomentKind; readonly at: number };

/** Of the time to vote: when those who still could are reminded, and when everybody who belongs to the power's seats is told. */
const REMIND_AFTER = 0.5;
const ESCALATE_AFTER = 0.8;

/**
 * The moments at which a proposal may change by itself, or somebody is to be told, in their order. Milliseconds since 1970. `next_in_order`: an
 * alternate may vote from then on, because those before did not answer. Empty once the proposal has ended.
 */
export function momentsOf(charter: Charter, life: ProposalLife): readonly ProposalMoment[] {
  const power = charter.powers.get(life.proposal.power);
  if (power === undefined) return [];
  if (life.state === 'passed') return [{ kind: 'execution_ends', at: life.executeBy + 1 }];
  if (life.state !== 'open') return [];
  const { openedAt } = life.proposal;
  const ends = openedAt + power.voteWithinMs;
  const moments: ProposalMoment[] = [
    { kind: 'reminder', at: openedAt + power.voteWithinMs * REMIND_AFTER },
    { kind: 'escalation', at: openedAt + power.voteWithinMs * ESCALATE_AFTER },
    { kind: 'vote_ends', at: ends + 1 },
  ];
  if (power.noticeMs > 0) moments.push({ kind: 'notice_ends', at: openedAt + power.noticeMs });
  const { noAnswerMs } = charter.alternates;
  const longest = Math.max(0, ...power.seats.map((seat) => charter.seats.get(seat)?.alternates.length ?? 0));
  for (let turn = 1; noAnswerMs !== null && turn <= longest; turn += 1)
    if (openedAt + turn * noAnswerMs < ends) moments.push({ kind: 'next_in_order', at: openedAt + turn * noAnswerMs });
  return moments.sort((a, b) => a.at - b.at);
}
