import type { AnalysisView } from '@wheelhouse/protocol/charter-view';
import { breachInWords } from './charter-words.ts';

/** Breaches whose chains are open from the start. One weak rule often breaks many powers in the same way. */
const OPEN = 2;

/** Whether law 5 holds; where it does not, each breach with the chain of acts that proves it. */
export function Verdict({ analysis, isInForce = false }: { analysis: AnalysisView; isInForce?: boolean }) {
  const { breaches, powers } = analysis;
  if (breaches.length === 0)
    return (
      <p className="charter-holds" data-testid="verdict" data-verdict="holds">
        <b>✓ Law 5 holds.</b> None of the {powers.length} powers is one person's by any chain of acts, and none needs one particular person.
      </p>
    );
  return (
    <div className="charter-breaches" data-testid="verdict" data-verdict="broken">
      <p>
        <b>✗ Law 5 is broken in {breaches.length === 1 ? 'one way' : `${breaches.length} ways`}.</b>{' '}
        {isInForce ? 'It held when it was adopted; time has passed since. Amend it.' : 'Such a charter is refused.'}
      </p>
      {breaches.map((breach, i) => (
        <details key={`${breach.kind} ${breach.power} ${breach.people.join()}`} open={i < OPEN} data-testid={`breach-${breach.power}`}>
          <summary>
            <b>{breachInWords(breach.kind)}:</b> {breach.message}
          </summary>
          <ol className="charter-chain">
            {breach.chain.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </details>
      ))}
    </div>
  );
}
