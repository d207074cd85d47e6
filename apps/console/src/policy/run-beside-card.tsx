import { useNavigate } from '@tanstack/react-router';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useSetShadow } from './use-set-shadow.ts';

/** Runs the candidate in the shadow of the bundle in force, on live traffic. */
export function RunBesideCard({ bundle }: { bundle: PolicyBundle | null }) {
  const navigate = useNavigate();
  const shadow = useSetShadow(() => navigate({ to: '/policy/shadow' }));
  return (
    <section className="charter-card" aria-labelledby="beside-head">
      <header className="charter-head">
        <h2 id="beside-head">Run it beside the one in force</h2>
        <button
          type="button"
          data-testid="run-beside"
          disabled={bundle === null || shadow.isPending}
          onClick={() => {
            shadow.mutate(bundle);
          }}
        >
          Run it in the shadow
        </button>
      </header>
      <p className="soft">It decides on the same live requests and has no effect; every decision that would differ is counted.</p>
      <ProblemNote error={shadow.error} />
    </section>
  );
}
