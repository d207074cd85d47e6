import { Link } from '@tanstack/react-router';
import type { LinkedEntry } from '@wheelhouse/protocol/ledger-view';
import { ProblemNote } from '../shell/problem-note.tsx';
import { sentenceOf } from './entry-words.ts';
import { kindInWords } from './kind-words.ts';
import { useEntry, useLinks } from './use-entry.ts';
import { useNames } from './use-names.ts';

/** Followers that are told in a sentence each; the rest by their kind, so that one entry does not ask for fifty. */
const TOLD = 8;

/** The entry that led here, and those that followed from it. */
export function EntryTrail({ index }: { index: number }) {
  const links = useLinks(index);
  const { cause = null, followed = [] } = links.data ?? {};
  return (
    <section className="card-section" aria-label="What led here, and what followed">
      <h2>What led here, what followed</h2>
      <ProblemNote error={links.error} />
      <ol className="trail" data-testid="trail">
        {cause !== null && <Linked entry={cause} label="Led here" isTold />}
        <li className="trail-here" aria-current="true">
          <span className="number">#{index}</span> this entry
        </li>
        {followed.map((entry, at) => (
          <Linked key={entry.index} entry={entry} label="Followed" isTold={at < TOLD} />
        ))}
      </ol>
      {links.data !== undefined && cause === null && followed.length === 0 && (
        <p className="soft">It names no cause, and no entry names it as its cause.</p>
      )}
    </section>
  );
}

function Linked({ entry, label, isTold }: { entry: LinkedEntry; label: string; isTold: boolean }) {
  return (
    <li>
      <span className="sr-only">{label}: </span>
      <Link to="/ledger/$index" params={{ index: String(entry.index) }}>
        <span className="number">#{entry.index}</span> {isTold ? <Told entry={entry} /> : kindInWords(entry.kind)}
      </Link>
    </li>
  );
}

function Told({ entry: { index, kind } }: { entry: LinkedEntry }) {
  const { shown } = useEntry(index);
  const names = useNames();
  return <>{shown !== null && 'entry' in shown && shown.entry !== null ? sentenceOf(shown.entry, names) : kindInWords(kind)}</>;
}
