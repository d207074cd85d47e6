import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMe } from '../shell/use-me.ts';
import { CopyButton } from './copy-button.tsx';
import { deploymentsQuery } from './developers-queries.ts';
import { addressesOf, examplesFor } from './quickstart-texts.ts';

/** Examples with this installation's own addresses. */
export function Quickstart() {
  const { me, ability } = useMe();
  const { data: deployments } = useQuery({ ...deploymentsQuery, enabled: ability.can('read', 'Session') });
  const [chosen, setChosen] = useState('curl');
  const deployment = deployments?.find((name) => name === 'relay') ?? deployments?.[0] ?? 'relay';
  const addresses = addressesOf(window.location, me.streamPort, deployment);
  const examples = examplesFor(addresses);
  const example = examples.find(({ id }) => id === chosen) ?? examples[0];
  return (
    <section className="charter-card" aria-labelledby="quickstart">
      <h2 id="quickstart">Quickstart</h2>
      <dl className="facts developers-addresses">
        <Address name="API" value={addresses.api} />
        <Address name="Streams" value={`${addresses.stream}/v1`} />
      </dl>
      <div className="developers-tabs" role="group" aria-label="Example">
        {examples.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === example?.id}
            data-testid={`example-${id}`}
            onClick={() => {
              setChosen(id);
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {example !== undefined && (
        <div className="developers-example">
          <header className="charter-head">
            <p>
              {example.lead}{' '}
              <span className="soft">
                Scope <code>{example.scope}</code>.
              </span>
            </p>
            <CopyButton key={example.id} text={example.text} label={example.id} />
          </header>
          <pre className="charter-text" tabIndex={0} data-testid="example-text">
            {example.text}
          </pre>
        </div>
      )}
      <p className="soft">
        Put your key into the environment first, so that it is in no file: <code>read -rs WHEELHOUSE_KEY; export WHEELHOUSE_KEY</code>
      </p>
    </section>
  );
}

function Address({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} <CopyButton text={value} label={name.toLowerCase()} />
      </dd>
    </div>
  );
}
