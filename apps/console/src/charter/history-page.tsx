import { useQuery } from '@tanstack/react-query';
import type { CharterVersion } from '@wheelhouse/protocol/charter-view';
import { ProblemNote } from '../shell/problem-note.tsx';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { versionsQuery } from './charter-queries.ts';
import { DiffView } from './diff-view.tsx';
import { EntryLink, ProposalLink } from './record-links.tsx';

/** Every charter that there was, with what each changed. */
export function HistoryPage() {
  const { data: versions, error } = useQuery(versionsQuery);
  return (
    <div className="charter-page">
      <h1>History</h1>
      <ProblemNote error={error} />
      {versions?.length === 0 && <p className="soft">There was no charter yet.</p>}
      <ol className="charter-versions">
        {versions?.map((version, i) => (
          <Version key={version.entry} version={version} before={versions[i + 1] ?? null} isNewest={i === 0} />
        ))}
      </ol>
    </div>
  );
}

function Version({ version, before, isNewest }: { version: CharterVersion; before: CharterVersion | null; isNewest: boolean }) {
  return (
    <li className="charter-card" data-testid={`version-${version.version}`}>
      <header className="charter-head">
        <h2>
          Version {version.version} {isNewest && <small>in force</small>}
        </h2>
        <span className="soft">
          came into force <TimeFrom iso={version.adoptedAt} />
        </span>
      </header>
      <p>
        <ProposalLink id={version.proposal}>The proposal and its votes</ProposalLink>, <EntryLink entry={version.entry} />,{' '}
        <code className="charter-whole">{version.name}</code>
      </p>
      {before === null ? (
        <p className="soft">The first charter.</p>
      ) : (
        <details open={isNewest}>
          <summary>What it changed in version {before.version}</summary>
          <DiffView before={before.text} after={version.text} testId={`diff-${version.version}`} />
        </details>
      )}
      <details>
        <summary>Its whole text</summary>
        <pre className="charter-text" tabIndex={0}>
          {version.text}
        </pre>
      </details>
    </li>
  );
}
