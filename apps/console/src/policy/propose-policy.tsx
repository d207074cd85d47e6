import type { CheckedPolicy } from '@wheelhouse/protocol/policy-view';
import { ProposeCard } from '../charter/propose-card.tsx';

type Proposing = {
  /** Of the very text as it stands; null where that was not checked. */
  readonly checked: CheckedPolicy | null;
  readonly isUnchanged: boolean;
  readonly onProposed: () => void;
};

/** Opens the proposal that puts the candidate in force. */
export function ProposePolicy({ checked, isUnchanged, onProposed }: Proposing) {
  const act =
    checked === null || !checked.proposable || checked.digest === null || checked.text === null
      ? null
      : { power: 'policy.change' as const, bundle: checked.digest, text: checked.text };
  return (
    <ProposeCard
      {...{ act, onProposed }}
      blocked={blockedBy(checked, isUnchanged, act !== null)}
      then="It is voted on under the charter. Until it is adopted, the bundle in force stays so."
      testId="propose-policy"
    />
  );
}

function blockedBy(checked: CheckedPolicy | null, isUnchanged: boolean, isProposable: boolean): string | null {
  if (checked === null) return 'Check it first.';
  if (isUnchanged) return 'It is the bundle in force.';
  return isProposable ? null : 'See what keeps it from being proposed.';
}
