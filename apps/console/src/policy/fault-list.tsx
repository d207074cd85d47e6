import type { PolicyFault } from '@wheelhouse/protocol/policy';

/** What is wrong with a bundle, or may be. */
export function FaultList({ faults, testId }: { faults: readonly PolicyFault[]; testId: string }) {
  if (faults.length === 0) return null;
  return (
    <ul className="policy-faults" data-testid={testId}>
      {faults.map(({ severity, code, file, policy, message }) => (
        <li key={`${code} ${file ?? ''} ${policy ?? ''} ${message}`} className={severity === 'error' ? 'problem' : 'policy-warning'}>
          <b>{severity === 'error' ? 'Fault' : 'Warning'}</b>{' '}
          {(file !== null || policy !== null) && <code>{[file, policy].filter((part) => part !== null).join(': ')}</code>} {message}
        </li>
      ))}
    </ul>
  );
}
