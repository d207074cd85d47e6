import type { FileChange } from '@wheelhouse/protocol/policy-view';

const SAID = { ' ': '', '+': 'added: ', '-': 'removed: ', '…': '' } as const;
const LOOKS = { ' ': '', '+': 'diff-added', '-': 'diff-removed', '…': 'policy-gap' } as const;

/** What one bundle changes against another, file by file. */
export function FileChanges({ changes, testId }: { changes: readonly FileChange[]; testId: string }) {
  if (changes.length === 0) return <p className="soft">Nothing differs.</p>;
  return (
    <div className="policy-changes" data-testid={testId}>
      {changes.map((change) => (
        <Change key={change.file} change={change} />
      ))}
    </div>
  );
}

function Change({ change: { file, change, added, removed, lines, leftOut } }: { change: FileChange }) {
  return (
    <section aria-label={file}>
      <p>
        <code>{file}</code>{' '}
        <span className="soft">
          {change}: {added} {added === 1 ? 'line' : 'lines'} added, {removed} removed
        </span>
      </p>
      <div className="policy-diff" tabIndex={0} role="region" aria-label={`Lines of ${file}`}>
        {lines.map(({ mark, text }, i) => (
          // Lines have no other name than their place, and never move.
          <div key={i} className={`policy-line ${LOOKS[mark]}`}>
            <span className="policy-sign" aria-hidden="true">
              {mark === '-' ? '−' : mark}
            </span>
            <code>
              <span className="sr-only">{SAID[mark]}</span>
              {text}
            </code>
          </div>
        ))}
      </div>
      {leftOut > 0 && <p className="soft">{leftOut} more lines are not shown.</p>}
    </section>
  );
}
