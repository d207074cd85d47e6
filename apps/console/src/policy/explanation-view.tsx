import type { Explanation } from '@wheelhouse/protocol/policy';
import { obligationsInWords, shortDigest } from './policy-words.ts';
import { VerdictMark } from './verdict-mark.tsx';

/** A verdict with everything that it rests on. */
export function ExplanationView({ explanation: { decision, because, words } }: { explanation: Explanation }) {
  const obligations = obligationsInWords(decision.obligations);
  return (
    <div className="policy-explanation" data-testid="explanation" data-verdict={decision.verdict}>
      <p>
        <VerdictMark verdict={decision.verdict} /> {words}
      </p>
      {decision.errors.map((error) => (
        <p key={error} className="problem">
          {error}
        </p>
      ))}
      <ul className="policy-because">
        {because.map(({ policy, effect, verdict, reason, text }) => (
          <li key={policy}>
            <p>
              <code>{policy}</code> <VerdictMark verdict={verdict} /> <span className="soft">({effect})</span>
            </p>
            <p>{reason}</p>
            <details>
              <summary>Text</summary>
              <pre tabIndex={0}>{text}</pre>
            </details>
          </li>
        ))}
      </ul>
      <p className="soft">
        {obligations === '' ? '' : `Obligations: ${obligations}. `}Bundle{' '}
        <code title={decision.bundle}>{shortDigest(decision.bundle)}</code>
      </p>
    </div>
  );
}
