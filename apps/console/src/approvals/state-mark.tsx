import type { ProposalState } from '@wheelhouse/protocol/charter';
import { STATE_WORDS } from './proposal-words.ts';

export function StateMark({ state }: { state: ProposalState }) {
  return <span className={`state-mark state-${state}`}>{STATE_WORDS[state]}</span>;
}
