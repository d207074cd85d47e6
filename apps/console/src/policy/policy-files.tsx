import { VERDICTS, type PolicyBundle } from '@wheelhouse/protocol/policy';
import { useMemo } from 'react';
import { plural } from '../ledger/plain-words.ts';
import { cedarPolicies, type CedarPolicy } from './cedar-policies.ts';
import { VerdictMark } from './verdict-mark.tsx';

/** Each policy of a bundle, file by file: what it is for in its author's words, and its text. */
export function PolicyFiles({ bundle }: { bundle: PolicyBundle }) {
  const files = useMemo(
    () => Object.entries(bundle.policies).map(([name, text]) => ({ name, policies: cedarPolicies(text) })),
    [bundle.policies],
  );
  const count = files.reduce((sum, { policies }) => sum + policies.length, 0);
  return (
    <section className="policy-files" aria-labelledby="policy-files">
      <h2 id="policy-files">
        {plural(count, 'policy', 'policies')} in {plural(files.length, 'file')}
      </h2>
      {files.map(({ name, policies }) => (
        <section key={name} aria-label={name}>
          <h3>
            <code>{name}</code>
          </h3>
          <ul className="policy-cards">
            {policies.map((policy) => (
              <Card key={policy.id} policy={policy} />
            ))}
          </ul>
        </section>
      ))}
      <details className="charter-card">
        <summary>
          Schema (<code>schema.cedarschema</code>)
        </summary>
        <pre className="charter-text" tabIndex={0}>
          {bundle.schema}
        </pre>
      </details>
    </section>
  );
}

function Card({ policy: { id, reason, verdict, text } }: { policy: CedarPolicy }) {
  const known = VERDICTS.find((one) => one === verdict);
  return (
    <li className="charter-card policy-card" id={`policy-${id}`} data-testid={`policy-${id}`}>
      <h4>
        <code>{id}</code> {known === undefined ? <span className="verdict-mark">{verdict}</span> : <VerdictMark verdict={known} />}
      </h4>
      <p>{reason === '' ? <span className="charter-mark">Its author gave no reason.</span> : reason}</p>
      <details>
        <summary>Text</summary>
        <pre className="charter-text" tabIndex={0}>
          {text}
        </pre>
      </details>
    </li>
  );
}
