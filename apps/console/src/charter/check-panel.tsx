import type { CheckedCharter } from '@wheelhouse/protocol/charter-view';
import { ProblemNote } from '../shell/problem-note.tsx';
import { Verdict } from './verdict.tsx';

type Panel = {
  readonly checked: CheckedCharter | null;
  readonly isChecking: boolean;
  readonly error: Error | null;
  readonly onLine: (line: number) => void;
};

/** What the text would mean: its faults by line, or whether it holds law 5. */
export function CheckPanel({ checked, isChecking, error, onLine }: Panel) {
  return (
    <section
      id="charter-check"
      className="charter-card"
      aria-labelledby="charter-check-head"
      aria-busy={isChecking}
      data-testid="check-panel"
      data-state={isChecking ? 'checking' : 'checked'}
    >
      <header className="charter-head">
        <h2 id="charter-check-head">What it would mean</h2>
        <span className="soft" role="status" data-testid="check-state">
          {isChecking ? 'checking…' : inShort(checked)}
        </span>
      </header>
      <ProblemNote error={error} />
      {checked !== null && checked.faults.length > 0 && <Faults faults={checked.faults} onLine={onLine} />}
      {checked?.analysis != null && <Verdict analysis={checked.analysis} />}
    </section>
  );
}

function inShort(checked: CheckedCharter | null): string {
  if (checked === null) return '';
  if (checked.faults.length > 0) return checked.faults.length === 1 ? 'one fault' : `${checked.faults.length} faults`;
  const breaches = checked.analysis?.breaches.length ?? 0;
  return breaches === 0 ? 'no fault, law 5 holds' : 'breaks law 5';
}

function Faults({ faults, onLine }: { faults: CheckedCharter['faults']; onLine: (line: number) => void }) {
  return (
    <ul className="charter-faults" data-testid="faults">
      {faults.map(({ line, path, message }) => (
        <li key={`${line ?? ''} ${path} ${message}`}>
          {line === null ? (
            <b>Somewhere</b>
          ) : (
            <button
              type="button"
              onClick={() => {
                onLine(line);
              }}
            >
              Line {line}
            </button>
          )}
          <span>
            {path !== '' && <code>{path}: </code>}
            {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
