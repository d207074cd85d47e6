import type { ComparisonView } from '@wheelhouse/protocol/policy-view';
import { plural } from '../ledger/plain-words.ts';
import { requestInWords } from './policy-words.ts';
import { VerdictMark } from './verdict-mark.tsx';

/** Where two bundles answer the same requests differently. */
export function Comparison({ comparison: { decided, differing, differences }, testId }: { comparison: ComparisonView; testId: string }) {
  return (
    <div className="policy-comparison" data-testid={testId}>
      <p>
        <b>{differing === 0 ? 'No decision differs' : `${plural(differing, 'decision')} ${differing === 1 ? 'differs' : 'differ'}`}</b>
        {`, of ${decided} compared.`}
      </p>
      {differences.length > 0 && (
        <div className="charter-scroll" tabIndex={0} role="region" aria-label="Decisions that differ">
          <table className="charter-table">
            <thead>
              <tr>
                <th scope="col">Times</th>
                <th scope="col">Asked</th>
                <th scope="col">In force</th>
                <th scope="col">Candidate</th>
              </tr>
            </thead>
            <tbody>
              {differences.map(({ request, inForce, candidate, count }) => (
                <tr key={JSON.stringify(request)}>
                  <td className="number">{count}</td>
                  <td>{requestInWords(request)}</td>
                  <td>
                    <VerdictMark verdict={inForce.verdict} /> <small>{inForce.policies.join(', ')}</small>
                  </td>
                  <td>
                    <VerdictMark verdict={candidate.verdict} /> <small>{candidate.policies.join(', ')}</small>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
