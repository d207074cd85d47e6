import { useMutation, useQuery } from '@tanstack/react-query';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { CheckedPolicy, type PolicyView } from '@wheelhouse/protocol/policy-view';
import { useMemo } from 'react';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { CandidateEditor } from './candidate-editor.tsx';
import { bundleOf, candidateOf, type Candidate } from './candidate.ts';
import { CheckCard } from './check-card.tsx';
import { FileChanges } from './file-changes.tsx';
import { policyQuery } from './policy-queries.ts';
import { ProposePolicy } from './propose-policy.tsx';
import { ReplayCard } from './replay-card.tsx';
import { RunBesideCard } from './run-beside-card.tsx';
import { useCandidate } from './use-candidate.ts';

/** Where another bundle is written, checked, tried on the past, run beside the one in force, and proposed. */
export function ChangePage() {
  const { data: view, error } = useQuery(policyQuery);
  return (
    <div className="charter-page policy-page-wide">
      <ProblemNote error={error} />
      {view?.bundle === null && (
        <ProblemNote error="The bundle in force does not load: there is no text to start from. Roll it back first." />
      )}
      {view !== undefined && view.bundle !== null && <Change view={view} inForce={view.bundle} />}
    </div>
  );
}

function Change({ view, inForce }: { view: PolicyView; inForce: PolicyBundle }) {
  const { ability } = useMe();
  const [draft, setDraft] = useCandidate();
  const start = useMemo(() => candidateOf(inForce, view.digest), [inForce, view.digest]);
  const candidate: Candidate = draft ?? start;
  const read = useMemo(() => bundleOf(candidate), [candidate]);
  const check = useMutation({
    mutationFn: async ({ bundle }: { bundle: PolicyBundle; of: Candidate }) => call(CheckedPolicy, 'POST', '/v1/policy/check', { bundle }),
  });
  // A result belongs to the very text that was checked, and to no other.
  const checked = check.data !== undefined && check.variables.of === candidate ? check.data : null;
  return (
    <>
      <header className="charter-head">
        <div>
          <h1>Change the policy</h1>
          <p className="soft">Nothing takes effect here: another bundle comes into force by a proposal, under the charter.</p>
        </div>
        <button
          type="button"
          data-testid="begin-again"
          disabled={draft === null}
          onClick={() => {
            setDraft(null);
          }}
        >
          Begin again
        </button>
      </header>
      {candidate.base !== view.digest && (
        <p className="problem" role="alert" data-testid="other-base">
          Another bundle came into force since you began. What changes is said against the one in force now; begin again to start from it.
        </p>
      )}
      <div className="policy-columns policy-columns-editor">
        <CandidateEditor candidate={candidate} onChange={setDraft} />
        <div className="policy-beside">
          <CheckCard
            checked={checked}
            isStale={check.data !== undefined && checked === null}
            isPending={check.isPending}
            error={check.error}
            why={read.ok ? [] : read.why}
            onCheck={() => {
              if (read.ok) check.mutate({ bundle: read.bundle, of: candidate });
            }}
          />
          {ability.can('propose', 'Proposal') && (
            <ProposePolicy
              checked={checked}
              isUnchanged={checked?.digest === view.digest}
              onProposed={() => {
                setDraft(null);
              }}
            />
          )}
        </div>
      </div>
      {checked !== null && (
        <section className="charter-card" aria-labelledby="candidate-changes">
          <h2 id="candidate-changes">What it changes</h2>
          <FileChanges changes={checked.changes} testId="candidate-changes" />
        </section>
      )}
      <ReplayCard bundle={read.ok ? read.bundle : null} />
      {ability.can('propose', 'Proposal') && <RunBesideCard bundle={read.ok ? read.bundle : null} />}
    </>
  );
}
