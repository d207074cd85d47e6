import type { ProposalEvent } from './decide-proposal.ts';
import type { ProposalLife } from './proposal.ts';

/** The proposal after an event. Events from the ledger are facts: they are applied, not judged. Null before it was opened. */
export function evolveProposal(life: ProposalLife | null, event: ProposalEvent): ProposalLife | null {
  if (event.type === 'opened') return { proposal: event.proposal, votes: [], state: 'open' };
  if (life === null) return null;
  const { proposal, votes } = life;
  switch (event.type) {
    case 'voted':
      return { ...life, votes: [...votes, event.vote] };
    case 'passed':
      return { proposal, votes, state: 'passed', passedAt: event.passedAt, executeBy: event.executeBy };
    case 'vetoed':
      return { proposal, votes, state: 'vetoed', by: event.by, reason: event.reason, at: event.at };
    case 'rejected':
      return { proposal, votes, state: 'rejected', at: event.at };
    case 'expired':
      return { proposal, votes, state: 'expired', stage: event.stage, at: event.at };
    case 'withdrawn':
      return { proposal, votes, state: 'withdrawn', reason: event.reason, at: event.at };
    case 'superseded':
      return { proposal, votes, state: 'superseded', by: event.by, at: event.at };
    case 'executed':
      return { proposal, votes, state: 'executed', at: event.at };
    case 'failed':
      return { proposal, votes, state: 'failed', why: event.why, at: event.at };
  }
}
