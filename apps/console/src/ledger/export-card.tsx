import { Link } from '@tanstack/react-router';
import type { Export, MadeExport } from '@wheelhouse/protocol/export';
import { useDecidedByVotes, VotesLink } from '../approvals/votes-link.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import type { Names } from './names.ts';
import { filterInWords, PROFILE_SHORT, STATE_WORDS, titleOf } from './export-words.ts';
import { bytesInWords, capital, dateTime, plural } from './plain-words.ts';
import { mayExport } from './rights.tsx';
import { useConfirmExport, useFetchExport } from './use-exports.ts';

/** One export: what it is of, how far it is, and this person's next step with it. */
export function ExportCard({ one, names }: { one: Export; names: Names }) {
  return (
    <li className={`export export-${one.state}`} data-testid={`export-${one.id}`} data-state={one.state}>
      <header>
        <h3>{titleOf(one)}</h3>
        <span className={`export-state export-state-${one.state}`}>{STATE_WORDS[one.state]}</span>
      </header>
      <p>
        {capital(filterInWords(one.filter, names))}; {PROFILE_SHORT[one.profile]}
      </p>
      <p className="soft">
        {one.askedByName} asked on {dateTime(one.askedAt)} (
        <Link to="/ledger/$index" params={{ index: String(one.entry) }}>
          entry #{one.entry}
        </Link>
        ): “{one.reason}”
        {one.confirmedAt !== null && ` Confirmed by ${one.confirmedByName ?? 'another person'} on ${dateTime(one.confirmedAt)}.`}
      </p>
      <Progress one={one} />
    </li>
  );
}

function Progress({ one }: { one: Export }) {
  switch (one.state) {
    case 'waits':
      return <Waiting one={one} />;
    case 'queued':
      return <progress aria-label="In the queue" max={1} />;
    case 'running':
      return (
        <div className="export-progress">
          <progress aria-label="Being made" max={1} value={one.progress} />
          <span className="number">{Math.floor(one.progress * 100)} %</span>
        </div>
      );
    case 'made':
      return one.made === null ? null : <Ready one={one} made={one.made} />;
    case 'failed':
      return (
        <p className="problem">
          {one.problem?.detail ?? 'It could not be made.'} Nothing was handed out. Ask for it again once that is mended.
        </p>
      );
    case 'expired':
      return (
        <p className="soft">
          {one.made === null ? 'Nobody confirmed it in time.' : 'Its file was deleted, its time having come. Ask for another.'}
        </p>
      );
  }
}

function Waiting({ one }: { one: Export }) {
  const { me, ability } = useMe();
  const confirm = useConfirmExport(one.id);
  // A key of theirs that asked is they themselves.
  const isOwn = (one.askedBy.person ?? one.askedBy.id) === me.principal.person;
  if (useDecidedByVotes()) return <VotesLink id={one.id} />;
  return (
    <div className="waiting">
      <p>
        {isOwn ? 'Another person has to confirm it' : 'It shows everything: names, and what people typed. It can be confirmed'}
        {one.expiresAt === null ? '.' : ` until ${dateTime(one.expiresAt)}.`}
      </p>
      {!isOwn && mayExport(ability, 'confirm') && (
        <button
          type="button"
          className="primary"
          disabled={confirm.isPending}
          data-testid="confirm-export"
          onClick={() => {
            confirm.mutate();
          }}
        >
          Confirm this export
        </button>
      )}
      <ProblemNote error={confirm.error} />
    </div>
  );
}

function Ready({ one, made }: { one: Export; made: MadeExport }) {
  const fetching = useFetchExport(one);
  return (
    <>
      <div className="export-ready">
        <button
          type="button"
          className="primary"
          disabled={fetching.isPending}
          data-testid="download"
          aria-label={`Download ${one.fileName}`}
          onClick={() => {
            fetching.mutate();
          }}
        >
          Download, {bytesInWords(made.bytes)}
        </button>
        <span className="soft">
          {plural(made.entries, 'entry', 'entries')} of the {made.treeSize.toLocaleString('en')} in the log
          {one.expiresAt === null ? '' : `; kept until ${dateTime(one.expiresAt)}`}
        </span>
      </div>
      <small>
        SHA-256 <code className="whole">{made.digest}</code>
      </small>
      <ProblemNote error={fetching.error} />
    </>
  );
}
