import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { textIn } from '../content/act-dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { usePropose } from './use-propose.ts';

type Proposing = {
  /** What is proposed; null while there is nothing to propose. */
  readonly act: ProposedAct | null;
  /** Why it can't be proposed; null where it can. */
  readonly blocked: string | null;
  /** What comes of it, where it can. */
  readonly then: string;
  readonly testId: string;
  readonly onProposed: () => void;
};

/** Opens a proposal with a reason, and goes to its page. */
export function ProposeCard({ act, blocked, then, testId, onProposed }: Proposing) {
  const propose = usePropose(onProposed);
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
        <p id="propose-blocked" className="soft" data-testid="propose-blocked">
          {blocked ?? then}
        </p>
        <div className="actions">
          <button
            type="submit"
            className="primary"
            data-testid={testId}
            disabled={act === null || blocked !== null || propose.isPending}
            aria-describedby="propose-blocked"
          >
            Open the proposal
          </button>
        </div>
      </form>
    </section>
  );
}
