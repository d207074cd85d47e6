import { lazy, Suspense } from 'react';
import { useMe } from '../shell/use-me.ts';

// What explains comes when somebody looks: nothing of it is needed to stop anything.
const VerdictList = lazy(async () => ({ default: (await import('./verdicts-list.tsx')).VerdictList }));

/** What the checkpoints of a session said last, for those who may read the ledger. */
export function Verdicts({ session }: { session: string }) {
  const { ability } = useMe();
  if (!ability.can('read', 'Entry') || !ability.can('read', 'Policy')) return null;
  return (
    <section className="verdicts" aria-label="Checkpoints" data-testid="verdicts">
      <h3>Checkpoints</h3>
      <Suspense fallback={<p className="soft">Reading the last verdicts…</p>}>
        <VerdictList session={session} />
      </Suspense>
    </section>
  );
}
