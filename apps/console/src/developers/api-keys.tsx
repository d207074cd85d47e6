import { subject } from '@casl/ability';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '@wheelhouse/protocol/identity';
import { useState } from 'react';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { ActDialog } from '../content/act-dialog.tsx';
import { send } from '../rest/call.ts';
import { KeyDialog } from '../shell/key-dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { keysQuery } from './developers-queries.ts';

/** The reader's own API keys. */
export function ApiKeys() {
  const { me, ability } = useMe();
  const queries = useQueryClient();
  const { data: keys, error } = useQuery(keysQuery);
  const [open, setOpen] = useState<'issue' | ApiKey | null>(null);
  const own = subject('Key', { tenant: me.principal.tenant, owner: me.principal.person });

  function close() {
    setOpen(null);
    void queries.invalidateQueries({ queryKey: keysQuery.queryKey });
  }

  return (
    <section className="charter-card" aria-labelledby="api-keys">
      <header className="charter-head">
        <h2 id="api-keys">Your API keys</h2>
        {ability.can('issue', own) && (
          <button
            type="button"
            data-testid="new-key"
            onClick={() => {
              setOpen('issue');
            }}
          >
            Issue a key
          </button>
        )}
      </header>
      <p className="soft">
        A key acts for you, within its scopes. It never votes, confirms a release or decides on an action. To rotate one, issue another and
        revoke it.
      </p>
      <ProblemNote error={error} />
      {keys?.length === 0 && <p data-testid="no-keys">You have none.</p>}
      <ul className="developers-rows" data-testid="keys">
        {keys?.map((key) => (
          <li key={key.id} data-testid={`key-${key.name}`}>
            <div>
              <p>
                <b>{key.name}</b> {key.start !== null && <code>{key.start}…</code>}
              </p>
              <p className="developers-scopes">
                {key.scopes.map((scope) => (
                  <code key={scope} className="charter-tag">
                    {scope}
                  </code>
                ))}
              </p>
              <p className="soft">
                Issued <TimeFrom iso={key.createdAt} />
                {key.expiresAt !== null && (
                  <>
                    , ends <TimeFrom iso={key.expiresAt} />
                  </>
                )}
              </p>
            </div>
            {ability.can('revoke', own) && (
              <button
                type="button"
                aria-label={`Revoke ${key.name}`}
                data-testid={`revoke-${key.name}`}
                onClick={() => {
                  setOpen(key);
                }}
              >
                Revoke
              </button>
            )}
          </li>
        ))}
      </ul>
      {open === 'issue' && <KeyDialog onClose={close} />}
      {open !== null && open !== 'issue' && <RevokeDialog apiKey={open} onClose={close} />}
    </section>
  );
}

function RevokeDialog({ apiKey: { id, name }, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const revoke = useMutation({ mutationFn: () => send('DELETE', `/v1/keys/${encodeURIComponent(id)}`), onSuccess: onClose });
  return (
    <ActDialog
      title="Revoke an API key"
      verb="Revoke it"
      keep="Keep it"
      testId="revoke-submit"
      isPending={revoke.isPending}
      error={revoke.error}
      onSubmit={() => {
        revoke.mutate();
      }}
      onClose={onClose}
    >
      <p>
        Whatever uses <b>{name}</b> is refused from now on. This can not be taken back.
      </p>
    </ActDialog>
  );
}
