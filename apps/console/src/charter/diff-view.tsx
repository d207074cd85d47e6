import { useMemo, useState } from 'react';
import { countChanges, diffLines, foldDiff, type DiffLine, type DiffPart } from './line-diff.ts';

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;
const SAID = { same: '', added: 'added: ', removed: 'removed: ' } as const;

/** What changed between two texts, line by line; what did not is folded. */
export function DiffView({ before, after, testId }: { before: string; after: string; testId: string }) {
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const { added, removed } = countChanges(lines);
  if (added + removed === 0) return <p className="soft">No line differs.</p>;
  return (
    <div className="diff" data-testid={testId}>
      <p className="soft">
        {added} {added === 1 ? 'line' : 'lines'} added, {removed} removed
      </p>
      <div className="diff-lines">
        {foldDiff(lines).map((part) => (
          <Part key={keyOf(part.lines)} part={part} />
        ))}
      </div>
    </div>
  );
}

function Part({ part }: { part: DiffPart }) {
  const [isOpen, setOpen] = useState(false);
  if (part.kind === 'folded' && !isOpen)
    return (
      <button
        type="button"
        className="diff-fold"
        onClick={() => {
          setOpen(true);
        }}
      >
        {part.count} lines that are the same
      </button>
    );
  return part.lines.map((line) => (
    <div key={keyOf([line])} className={`diff-line diff-${line.kind}`}>
      <span className="diff-number">{line.before}</span>
      <span className="diff-number">{line.after}</span>
      <span className="diff-sign" aria-hidden="true">
        {SIGNS[line.kind]}
      </span>
      <code>
        <span className="charter-unseen">{SAID[line.kind]}</span>
        {line.text}
      </code>
    </div>
  ));
}

function keyOf(lines: readonly DiffLine[]): string {
  return `${lines[0]?.before ?? 'none'} ${lines[0]?.after ?? 'none'}`;
}
