import { useQuery } from '@tanstack/react-query';
import { checkQuery, versionsQuery } from '../charter/charter-queries.ts';
import { CoalitionTable } from '../charter/coalition-table.tsx';
import { DiffView } from '../charter/diff-view.tsx';
import { Verdict } from '../charter/verdict.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { Disclosure } from './disclosure.tsx';
import '../charter/charter.css';
import '../charter/editor.css';

/** What an amendment changes against the charter that it was proposed under, and what the charter would then let whom do. */
export function AmendmentEvidence({ text, charter, onOpen }: { text: string; charter: string; onOpen: () => void }) {
  const versions = useQuery(versionsQuery);
  const before = versions.data?.find(({ name }) => name === charter)?.text;
  const isFirst = versions.data !== undefined && before === undefined;
  return (
    <>
      <Disclosure
        title={isFirst ? 'The text of the first charter' : 'What changes against the charter that it was proposed under'}
        testId="evidence-diff"
        onOpen={onOpen}
      >
        <ProblemNote error={versions.error} />
        {before === undefined ? (
          <pre className="exact" tabIndex={0}>
            {text}
          </pre>
        ) : (
          <DiffView before={before} after={text} testId="charter-diff" />
        )}
      </Disclosure>
      <Disclosure title="Who could then do what: the coalition analysis" testId="evidence-analysis" onOpen={onOpen}>
        <Check text={text} />
      </Disclosure>
    </>
  );
}

function Check({ text }: { text: string }) {
  const { data, error, isPending } = useQuery(checkQuery(text));
  if (isPending) return <p className="soft">Computing who could do what…</p>;
  return (
    <>
      <ProblemNote error={error} />
      {data?.faults.map(({ path, message, line }) => (
        <p key={`${path} ${message}`} className="problem">
          {line === null ? path : `Line ${line}`}: {message}
        </p>
      ))}
      {data?.analysis != null && (
        <>
          <Verdict analysis={data.analysis} />
          <CoalitionTable analysis={data.analysis} />
        </>
      )}
    </>
  );
}
