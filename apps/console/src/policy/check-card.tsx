import type { CheckedPolicy } from '@wheelhouse/protocol/policy-view';
import { ProblemNote } from '../shell/problem-note.tsx';
import { FaultList } from './fault-list.tsx';
import { TestResults } from './test-results.tsx';

type Check = {
  readonly checked: CheckedPolicy | null;
  /** It was checked, and written on since. */
  readonly isStale: boolean;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** Why the files are no bundle yet. */
  readonly why: readonly string[];
  readonly onCheck: () => void;
};

/** What the server makes of a candidate: its faults and its tests. */
export function CheckCard({ checked, isStale, isPending, error, why, onCheck }: Check) {
  return (
    <section className="charter-card" aria-labelledby="check-head" aria-busy={isPending}>
      <header className="charter-head">
        <h2 id="check-head">Check</h2>
        <button type="button" data-testid="check-policy" disabled={isPending || why.length > 0} onClick={onCheck}>
          {isPending ? 'Checking…' : 'Check it'}
        </button>
      </header>
      {why.length > 0 && (
        <ul className="policy-faults" data-testid="candidate-faults" role="status">
          {why.map((one) => (
            <li key={one} className="problem">
              {one}
            </li>
          ))}
        </ul>
      )}
      <ProblemNote error={error} />
      {isStale && <p className="soft">It was changed since it was last checked.</p>}
      {checked === null && !isStale && why.length === 0 && (
        <p className="soft">Whether it loads, whether its tests pass, and what it changes.</p>
      )}
      {checked !== null && (
        <div className="policy-checked" data-testid="checked" data-state={checked.proposable ? 'proposable' : 'not-proposable'}>
          <p className={checked.proposable ? 'policy-good' : 'charter-mark'} role="status">
            {checked.proposable ? 'It can be proposed.' : 'It can not be proposed as it is.'}
          </p>
          <FaultList faults={checked.faults} testId="check-faults" />
          {checked.digest !== null && <TestResults tests={checked.tests} testId="check-tests" />}
          {checked.digest !== null && (
            <p className="soft charter-whole">
              Digest <code>{checked.digest}</code>
            </p>
          )}
        </div>
      )}
    </section>
  );
}
