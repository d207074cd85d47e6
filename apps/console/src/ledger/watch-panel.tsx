import { useQuery } from '@tanstack/react-query';
import { browserMemory } from './log-memory.ts';
import { serverLog } from './log-reader.ts';
import { StepList } from './step-list.tsx';
import type { Step } from './verify-step.ts';
import { growthStep, headThatCovers, signatureStep, standingOfKey, witnessStep } from './watch-log.ts';

/** Looks at the latest head as a witness would. Steps that need a good signature are left out where there is none. */
async function lookAtHead(): Promise<Step[]> {
  const standing = await standingOfKey(serverLog, browserMemory);
  const head = await headThatCovers(serverLog, 0);
  if (head === null) throw new Error('The server shows no tree head that can be read.');
  const signature = await signatureStep(head, standing);
  const growth = signature.outcome === 'good' ? [await growthStep(head, serverLog, browserMemory)] : [];
  return [signature, ...growth, await witnessStep(head, serverLog)];
}

/** What this browser itself can say of the latest head. */
export function useWatchedHead() {
  return useQuery({ queryKey: ['ledger', 'watch'], queryFn: lookAtHead, refetchInterval: 15_000, gcTime: 0 });
}

export function WatchPanel() {
  const watched = useWatchedHead();
  return (
    <section className="card-section" aria-label="Checked by this browser" data-testid="watched">
      <h2>Checked by this browser</h2>
      {watched.isPending && <p className="soft">Checking the latest head…</p>}
      {watched.error !== null && (
        <p role="alert" className="problem">
          {watched.error.message}
        </p>
      )}
      <StepList steps={watched.data ?? []} />
    </section>
  );
}
