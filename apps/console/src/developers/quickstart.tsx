import { useState } from 'react';
import { useMe } from '../shell/use-me.ts';
import { CopyButton } from './copy-button.tsx';
import { addressesOf, filled } from './quickstart-text.ts';
import { QUICKSTARTS } from './quickstarts.ts';

/** The quickstarts with this installation's own addresses. */
export function Quickstart() {
  const { me } = useMe();
  const [chosen, setChosen] = useState('curl');
  const addresses = addressesOf(window.location, me.streamUrl);
  const shown = QUICKSTARTS.find(({ id }) => id === chosen) ?? QUICKSTARTS[0];
  return (
    <section className="charter-card" aria-labelledby="quickstart">
      <h2 id="quickstart">Quickstart</h2>
      <dl className="facts developers-addresses">
        <Address name="API" value={addresses.api} />
        <Address name="Streams" value={addresses.stream} />
      </dl>
      <div className="developers-tabs" role="group" aria-label="Example">
        {QUICKSTARTS.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === shown?.id}
            data-testid={`example-${id}`}
            onClick={() => {
              setChosen(id);
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {shown !== undefined && (
        <div className="developers-example">
          <header className="charter-head">
            <p>
              {shown.lead}{' '}
              {shown.scope !== null && (
                <span className="soft">
                  Scope <code>{shown.scope}</code>.
                </span>
              )}
            </p>
            <CopyButton key={shown.id} text={filled(shown.text, addresses)} label={shown.id} />
          </header>
          {shown.id === 'openai' && addresses.stream.startsWith('ws:') && (
            <p className="charter-mark">
              This installation speaks no TLS yet: set WHEELHOUSE_TLS_CERT and WHEELHOUSE_TLS_KEY, or take the agents client.
            </p>
          )}
          <pre className="charter-text" tabIndex={0} data-testid="example-text">
            {filled(shown.text, addresses)}
          </pre>
          {shown.language === 'js' && (
            <p className="soft">
              Save it as <code>quickstart.mjs</code> in the folder of an installation, where the packages are, and run{' '}
              <code>npx node quickstart.mjs</code>
            </p>
          )}
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
