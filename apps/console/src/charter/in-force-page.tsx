import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CharterVersion, CharterView } from '@wheelhouse/protocol/charter-view';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { BodiesTable } from './bodies-table.tsx';
import { analysisQuery, charterQuery } from './charter-queries.ts';
import { CoalitionTable } from './coalition-table.tsx';
import { NoCharter } from './no-charter.tsx';
import { PowersTable } from './powers-table.tsx';
import { EntryLink, ProposalLink } from './record-links.tsx';
import { SeatsTable } from './seats-table.tsx';
import { Verdict } from './verdict.tsx';

/** The charter in force: who holds what, what each power takes, and who could do what with whom. */
export function InForcePage() {
  const { data: view, error } = useQuery(charterQuery);
  return (
    <div className="charter-page">
      <ProblemNote error={error} />
      {view === undefined && error === null && <p className="soft">Loading the charter.</p>}
      {view !== undefined && (view.inForce === null ? <NoCharter /> : <InForce view={view} charter={view.inForce} />)}
    </div>
  );
}

function InForce({ view, charter }: { view: CharterView; charter: CharterVersion }) {
  const { ability } = useMe();
  return (
    <>
      <header className="charter-head">
        <div>
          <h1>The charter, version {charter.version}</h1>
          <p className="soft" data-testid="in-force">
            Came into force <TimeFrom iso={charter.adoptedAt} /> by <ProposalLink id={charter.proposal}>the proposal</ProposalLink>,{' '}
            <EntryLink entry={charter.entry} />, <code title={charter.name}>{charter.name.slice(0, 19)}…</code>
          </p>
        </div>
        {ability.can('propose', 'Proposal') && (
          <Link className="charter-button" to="/charter/amend" data-testid="amend">
            Amend it
          </Link>
        )}
      </header>
      <Ceiling ceiling={view.ceiling} />
      <section className="charter-card" aria-labelledby="charter-seats">
        <h2 id="charter-seats">Seats</h2>
        <SeatsTable view={view} />
      </section>
      <section className="charter-card" aria-labelledby="charter-bodies">
        <h2 id="charter-bodies">Bodies</h2>
        <BodiesTable view={view} />
      </section>
      <section className="charter-card" aria-labelledby="charter-powers">
        <h2 id="charter-powers">Powers</h2>
        <p className="soft">
          A power that is not listed can be exercised by nobody. The proposer never votes, nor does anybody who declared a conflict of
          interest; one person counts once, however many seats they represent.
        </p>
        <PowersTable view={view} />
      </section>
      <Coalitions name={charter.name} />
    </>
  );
}

function Ceiling({ ceiling: { level, because } }: { ceiling: CharterView['ceiling'] }) {
  return (
    <section className={`charter-card ${level < 5 ? 'charter-caution' : ''}`} aria-labelledby="charter-ceiling" data-testid="ceiling">
      <h2 id="charter-ceiling">{level < 5 ? `No session runs above level ${level}` : 'The charter sets no ceiling on levels now'}</h2>
      {because.length > 0 && (
        <ul className="charter-list">
          {because.map((reason) => (
            <li key={reason}>{reason}.</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Coalitions({ name }: { name: string }) {
  const { data: analysis, error } = useQuery(analysisQuery(name));
  return (
    <section className="charter-card" aria-labelledby="charter-coalitions">
      <h2 id="charter-coalitions">Who can do what with whom</h2>
      <p className="soft">
        Computed from the charter alone: the fewest people who could exercise each power through any chain of acts, when nobody else helps.
      </p>
      <ProblemNote error={error} />
      {analysis !== undefined && (
        <>
          <Verdict analysis={analysis} isInForce />
          <CoalitionTable analysis={analysis} />
        </>
      )}
    </section>
  );
}
