import type { ProposalState } from '@wheelhouse/protocol/charter';
import type { ProposalLine, VoteChoice } from '@wheelhouse/protocol/proposal';

export const STATE_WORDS: Readonly<Record<ProposalState, string>> = {
  open: 'Open',
  passed: 'Passed',
  vetoed: 'Vetoed',
  rejected: 'Rejected',
  expired: 'Ran out of time',
  withdrawn: 'Withdrawn',
  superseded: 'Overtaken',
  executed: 'Done',
  failed: 'Failed',
};

export const CHOICE_WORDS: Readonly<Record<VoteChoice, string>> = { yes: 'Yes', no: 'No', veto: 'Veto' };

/** Whether a proposal has ended, one way or the other. */
export function isOver(state: ProposalState): boolean {
  return state !== 'open' && state !== 'passed';
}

type Missing = Pick<ProposalLine, 'yes' | 'takes' | 'from'>;

/** What an open proposal still lacks: `1 more yes, from Safety`; `bodies` of those that have not said yes are needed besides, where known. */
export function missingInWords({ yes, takes, from }: Missing, bodies = 0): string {
  const votes = Math.max(0, takes - yes);
  if (votes === 0 && from.length === 0) return `${yes} of ${takes} yes`;
  const more = `${Math.max(votes, bodies, 1)} more yes`;
  if (from.length === 0) return `${more}, but nobody is left who could give it`;
  const all = bodies > 1 && bodies === from.length;
  const others = yes > 0 && bodies > 0 && bodies < votes ? `, ${bodies} of them from a body that has not said yes` : '';
  return `${more}, from ${listed(from, all ? 'and' : 'or')}${others}`;
}

export function listed(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length <= 1) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;
}

/** Whether a vote of this choice needs a reason. */
export function needsReason(choice: VoteChoice): boolean {
  return choice !== 'yes';
}
