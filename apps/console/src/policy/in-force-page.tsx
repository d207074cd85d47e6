import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { PolicyView } from '@wheelhouse/protocol/policy-view';
import { useState } from 'react';
import { TimeWhole } from '../approvals/time-shown.tsx';
import { EntryLink } from '../charter/record-links.tsx';
import { plural } from '../ledger/plain-words.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { FaultList } from './fault-list.tsx';
import { PolicyFiles } from './policy-files.tsx';
import { policyQuery } from './policy-queries.ts';
import { HOW_WORDS } from './policy-words.ts';
import { RollbackDialog } from './rollback-dialog.tsx';
import { TestResults } from './test-results.tsx';

/** The bundle that decides now. */
export function InForcePage() {
  const { data: view, error } = useQuery(policyQuery);
  return (
    <div className="charter-page">
      <ProblemNote error={error} />
      {view === undefined && error === null && <p className="soft">Reading the bundle…</p>}
      {view !== undefined && (
        <>
          <Head view={view} />
          {view.bundle !== null && <PolicyFiles bundle={view.bundle} />}
          <section className="charter-card" aria-labelledby="policy-tests">
            <h2 id="policy-tests">Tests</h2>
            <TestResults tests={view.tests} testId="policy-tests" />
          </section>
          {view.bundle !== null && <Tools tools={view.bundle.tools} />}
        </>
      )}
    </div>
  );
}

function Head({ view }: { view: PolicyView }) {
  const { ability } = useMe();
  const [isRollingBack, setRollingBack] = useState(false);
  const newest = view.history[0];
  return (
    <section className="charter-card" aria-label="The bundle in force" data-testid="policy-in-force">
      <header className="charter-head">
        <h1>
          Policy: {view.name === '' ? 'none' : view.name} {view.loads && <small className="policy-good">in force</small>}
        </h1>
        <div className="charter-actions">
          {ability.can('propose', 'Proposal') && (
            <Link className="charter-button" to="/policy/change">
              Change it
            </Link>
          )}
          {view.rollback !== null && ability.can('rollback', 'Policy') && (
            <button
              type="button"
              data-testid="rollback"
              onClick={() => {
                setRollingBack(true);
              }}
            >
              Roll back to {view.rollback.name}
            </button>
          )}
        </div>
      </header>
      {!view.loads && (
        <p role="alert" className="problem">
          This bundle does not load. Until it does, every checkpoint denies.
        </p>
      )}
      <FaultList faults={view.faults} testId="policy-faults" />
      <FaultList faults={view.warnings} testId="policy-warnings" />
      <dl className="facts policy-facts">
        <div className="policy-wide">
          <dt>Digest</dt>
          <dd data-testid="policy-digest">{view.digest}</dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>{view.since === null ? 'never' : <TimeWhole iso={view.since} />}</dd>
        </div>
        {newest !== undefined && (
          <div>
            <dt>How</dt>
            <dd>
              {HOW_WORDS[newest.how]}
              {newest.entry !== null && (
                <>
                  , <EntryLink entry={newest.entry} />
                </>
              )}
            </dd>
          </div>
        )}
      </dl>
      {view.signature === null ? (
        <p className="charter-mark">It is not signed.</p>
      ) : (
        <details>
          <summary>Signed with the ledger’s key (a C2SP signed note)</summary>
          <pre className="charter-text" tabIndex={0} data-testid="policy-signature">
            {view.signature}
          </pre>
        </details>
      )}
      {isRollingBack && view.rollback !== null && (
        <RollbackDialog
          to={view.rollback}
          onClose={() => {
            setRollingBack(false);
          }}
        />
      )}
    </section>
  );
}

function Tools({ tools }: { tools: PolicyBundle['tools'] }) {
  const all = Object.entries(tools);
  return (
    <section className="charter-card" aria-labelledby="policy-tools">
      <h2 id="policy-tools">Tools that are known</h2>
      <p className="soft">
        {plural(all.length, 'tool')}. Any other can’t be taken back and has the risk <code>unknown</code>.
      </p>
      <ul className="policy-rows" data-testid="policy-tools">
        {all.map(([name, { reversible, risks, description }]) => (
          <li key={name}>
            <b>
              <code>{name}</code>
            </b>
            <span>{description}</span>
            <span className="soft">
              {reversible ? 'can be taken back' : 'can’t be taken back'}
              {risks.length === 0 ? '' : `; risks: ${risks.join(', ')}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
