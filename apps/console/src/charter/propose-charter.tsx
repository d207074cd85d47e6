import { textIn } from '../content/act-dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { usePropose } from './use-propose.ts';

type Proposing = {
  readonly text: string;
  readonly isFirst: boolean;
  /** Why it can't be proposed; null where it can. */
  readonly blocked: string | null;
  readonly onProposed: () => void;
};

export function ProposeCharter({ text, isFirst, blocked, onProposed }: Proposing) {
  const propose = usePropose(onProposed);
  return (
    <section className="charter-card" aria-labelledby="propose-head">
      <h2 id="propose-head">Propose it</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const reason = textIn(new FormData(event.currentTarget), 'reason');
          propose.mutate({ act: { power: 'charter.amend', text }, reason });
        }}
      >
        <label>
          Why
          <textarea name="reason" required maxLength={500} rows={2} data-testid="propose-reason" />
        </label>
        <ProblemNote error={propose.error} />
        <p id="propose-blocked" className="soft" data-testid="propose-blocked">
          {blocked ??
            (isFirst
              ? 'Everyone whom it seats signs it with their passkey. Then it is in force.'
              : 'It is voted on under the charter in force, which stays so until then.')}
        </p>
        <div className="actions">
          <button
            type="submit"
            className="primary"
            data-testid="propose-charter"
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
