import type { CheckedPolicy } from '@wheelhouse/protocol/policy-view';
import { usePropose } from '../charter/use-propose.ts';
import { textIn } from '../content/act-dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';

type Proposing = {
  /** Of the very text as it stands; null where that was not checked. */
  readonly checked: CheckedPolicy | null;
  readonly isUnchanged: boolean;
  readonly onProposed: () => void;
};

/** Opens the proposal that puts the candidate in force, and goes to its page. */
export function ProposeCard({ checked, isUnchanged, onProposed }: Proposing) {
  const propose = usePropose(onProposed);
  const act =
    checked === null || !checked.proposable || checked.digest === null || checked.text === null
      ? null
      : { power: 'policy.change' as const, bundle: checked.digest, text: checked.text };
  const blocked =
    checked === null
      ? 'Check it first.'
      : isUnchanged
        ? 'It is the bundle in force.'
        : act === null
          ? 'See what keeps it from being proposed.'
          : null;
  return (
    <section className="charter-card" aria-labelledby="propose-head">
      <h2 id="propose-head">Propose it</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const reason = textIn(new FormData(event.currentTarget), 'reason');
          if (act !== null) propose.mutate({ act, reason });
        }}
      >
        <label>
          Why
          <textarea name="reason" required maxLength={500} rows={2} data-testid="propose-reason" />
        </label>
        <ProblemNote error={propose.error} />
        <p id="propose-blocked" className="soft">
          {blocked ?? 'It is voted on under the charter. Until it is adopted, the bundle in force stays so.'}
        </p>
        <div className="actions">
          <button
            type="submit"
            className="primary"
            data-testid="propose-policy"
            disabled={blocked !== null || propose.isPending}
            aria-describedby="propose-blocked"
          >
            Open the proposal
          </button>
        </div>
      </form>
    </section>
  );
}
