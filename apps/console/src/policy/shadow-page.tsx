import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ShadowView } from '@wheelhouse/protocol/policy-view';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { Comparison } from './comparison.tsx';
import { shadowQuery } from './policy-queries.ts';
import { shortDigest } from './policy-words.ts';
import { useSetShadow } from './use-set-shadow.ts';

/** The candidate that runs beside the bundle in force, and what it would have decided otherwise. */
export function ShadowPage() {
  const { data: view, error } = useQuery(shadowQuery);
  return (
    <div className="charter-page">
      <h1>Shadow</h1>
      <p className="soft">A candidate decides on the same live requests as the bundle in force, without effect.</p>
      <ProblemNote error={error} />
      {view !== undefined && (view.candidate === null ? <Nothing /> : <Running view={view} candidate={view.candidate} />)}
    </div>
  );
}

function Nothing() {
  return (
    <section className="charter-card charter-empty" data-testid="no-shadow">
      <h2>Nothing runs in the shadow</h2>
      <p className="soft">Write a candidate, then run it beside the bundle in force.</p>
      <Link className="charter-button" to="/policy/change">
        Write a candidate
      </Link>
    </section>
  );
}

function Running({ view, candidate }: { view: ShadowView; candidate: NonNullable<ShadowView['candidate']> }) {
  const { ability } = useMe();
  const end = useSetShadow();
  return (
    <section className="charter-card" aria-label="The candidate" data-testid="shadow">
      <header className="charter-head">
        <h2>
          {candidate.name} <code title={candidate.digest}>{shortDigest(candidate.digest)}</code>
        </h2>
        {ability.can('propose', 'Proposal') && (
          <button
            type="button"
            data-testid="end-shadow"
            disabled={end.isPending}
            onClick={() => {
              end.mutate(null);
            }}
          >
            End it
          </button>
        )}
      </header>
      <p className="soft">
        Started by {candidate.byName}, <TimeFrom iso={candidate.since} />
      </p>
      <ProblemNote error={end.error} />
      <Comparison comparison={view.comparison} testId="shadow-comparison" />
      {view.leftOut > 0 && <p className="soft">{view.leftOut} decisions were too many to keep apart, and are not compared.</p>}
    </section>
  );
}
