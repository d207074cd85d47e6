import type { StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { inWords } from '../rest/call.ts';
import { browserMemory } from './log-memory.ts';
import { serverLog } from './log-reader.ts';
import { StepList } from './step-list.tsx';
import { verifyEntry } from './verify-entry.ts';
import { verdictOf, type Step, type Verdict } from './verify-step.ts';

type Progress = { readonly state: 'idle' | 'running' | 'done'; readonly steps: readonly Step[]; readonly trouble: string | null };

const IDLE: Progress = { state: 'idle', steps: [], trouble: null };

/** Verifies the entry, as it is shown, in this browser: the server is asked for hashes and signatures, and believed in nothing. */
export function VerifyPanel({ stored }: { stored: StoredEntry }) {
  const [progress, setProgress] = useState<Progress>(IDLE);
  const queries = useQueryClient();

  async function verify() {
    setProgress({ state: 'running', steps: [], trouble: null });
    const tell = (step: Step) => {
      setProgress((before) => ({ ...before, steps: [...before.steps, step] }));
    };
    try {
      await verifyEntry(stored, { log: serverLog, memory: browserMemory }, tell);
      setProgress((before) => ({ ...before, state: 'done' }));
    } catch (error) {
      setProgress((before) => ({ ...before, state: 'done', trouble: inWords(error) }));
    }
    await queries.invalidateQueries({ queryKey: ['ledger', 'key'] });
  }

  const { state, steps, trouble } = progress;
  return (
    <section className="card-section verify" aria-label="Verify">
      <header className="section-head">
        <h2>Proof</h2>
        <button type="button" className="primary" data-testid="verify" disabled={state === 'running'} onClick={() => void verify()}>
          {state === 'idle' ? 'Verify' : state === 'running' ? 'Verifying…' : 'Verify again'}
        </button>
      </header>
      {state === 'idle' && (
        <p className="soft">
          This browser recomputes the hashes itself, from the fields on this page up to the signed head of the log. It believes nothing that
          the server says.
        </p>
      )}
      <div role="status">{state === 'done' && <VerdictLine steps={steps} trouble={trouble} />}</div>
      <StepList steps={steps} />
    </section>
  );
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  verified: 'Verified. This entry is in the log, just as it is shown.',
  failed: 'Verification failed.',
  partial: 'Not everything could be checked.',
};

function VerdictLine({ steps, trouble }: { steps: readonly Step[]; trouble: string | null }) {
  const judged = verdictOf(steps);
  const verdict: Verdict = trouble !== null && judged === 'verified' ? 'partial' : judged;
  const where = steps.find(({ outcome }) => outcome === 'bad');
  return (
    <p className={`verdict verdict-${verdict}`} data-testid="verdict" data-verdict={verdict}>
      <strong>{VERDICT_WORDS[verdict]}</strong>
      {where !== undefined && ` It fails at “${where.title}”.`}
      {trouble !== null && ` ${trouble}`}
    </p>
  );
}
