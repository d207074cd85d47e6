import { useQuery } from '@tanstack/react-query';
import type { PolicyVersion } from '@wheelhouse/protocol/policy-view';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { EntryLink, ProposalLink } from '../charter/record-links.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { FileChanges } from './file-changes.tsx';
import { policyQuery } from './policy-queries.ts';
import { HOW_WORDS, shortDigest } from './policy-words.ts';

/** Every bundle that was in force, with what it changed. */
export function HistoryPage() {
  const { data: view, error } = useQuery(policyQuery);
  return (
    <div className="charter-page">
      <h1>History</h1>
      <ProblemNote error={error} />
      {view?.history.length === 0 && <p className="soft">No bundle was ever in force.</p>}
      <ol className="charter-versions" data-testid="policy-history">
        {view?.history.map((version, i) => (
          <Version key={`${version.since} ${version.digest}`} version={version} isNewest={i === 0} />
        ))}
      </ol>
    </div>
  );
}

function Version({ version, isNewest }: { version: PolicyVersion; isNewest: boolean }) {
  const { name, digest, how, since, entry, proposal, by, byName, reason, changes } = version;
  return (
    <li className="charter-card" data-testid="policy-version" data-how={how}>
      <header className="charter-head">
        <h2>
          {name} {isNewest && <small>in force</small>}
        </h2>
        <span className="soft">
          {HOW_WORDS[how]} <TimeFrom iso={since} />
          {by.kind === 'system' ? '' : ` by ${byName}`}
        </span>
      </header>
      {reason !== null && reason !== '' && <blockquote className="policy-reason">{reason}</blockquote>}
      <p>
        {proposal !== null && (
          <>
            <ProposalLink id={proposal}>The proposal and its votes</ProposalLink>,{' '}
          </>
        )}
        {entry === null ? 'in force, being written to the ledger' : <EntryLink entry={entry} />},{' '}
        <code title={digest} className="charter-whole">
          {shortDigest(digest)}
        </code>
      </p>
      {changes.length === 0 ? (
        <p className="soft">{how === 'shipped' ? 'The bundle that came with Wheelhouse.' : 'It changed no line.'}</p>
      ) : (
        <details open={isNewest}>
          <summary>What it changed</summary>
          <FileChanges changes={changes} testId="policy-version-changes" />
        </details>
      )}
    </li>
  );
}
