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
import { RotateDialog } from './rotate-dialog.tsx';

/** The dialog that stands open, if one does. */
type Open = { readonly act: 'issue' } | { readonly act: 'rotate' | 'revoke'; readonly key: ApiKey };

/** The reader's own API keys. */
export function ApiKeys() {
  const { me, ability } = useMe();
  const queries = useQueryClient();
  const { data: keys, error } = useQuery(keysQuery);
  const [open, setOpen] = useState<Open | null>(null);
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
              setOpen({ act: 'issue' });
            }}
          >
            Issue a key
          </button>
        )}
      </header>
      <p className="soft">
        A key acts for you, within its scopes. It never votes, confirms a release or decides on an action. Rotate it when it may have been
        seen, or before it ends: the old one goes on for a while beside the new one.
      </p>
      <ProblemNote error={error} />
      {keys?.length === 0 && <p data-testid="no-keys">You have none.</p>}
      <ul className="developers-rows" data-testid="keys">
        {keys?.map((key) => (
          <KeyRow
            key={key.id}
            apiKey={key}
            mayRotate={ability.can('issue', own) && !key.replaced}
            mayRevoke={ability.can('revoke', own)}
            onAct={(act) => {
              setOpen({ act, key });
            }}
          />
        ))}
      </ul>
      {open?.act === 'issue' && <KeyDialog onClose={close} />}
      {open?.act === 'rotate' && <RotateDialog apiKey={open.key} onClose={close} />}
      {open?.act === 'revoke' && <RevokeDialog apiKey={open.key} onClose={close} />}
    </section>
  );
}

type RowProps = { apiKey: ApiKey; mayRotate: boolean; mayRevoke: boolean; onAct: (act: 'rotate' | 'revoke') => void };

function KeyRow({ apiKey, mayRotate, mayRevoke, onAct }: RowProps) {
  const { name, start, scopes, createdAt, expiresAt, replaced } = apiKey;
  // One that was rotated has the name of the one in its place.
  const id = replaced ? `${name}-replaced` : name;
  return (
    <li data-testid={`key-${id}`}>
      <div>
        <p>
          <b>{name}</b> {start !== null && <code>{start}…</code>} {replaced && <span className="charter-mark">rotated</span>}
        </p>
        <p className="developers-scopes">
          {scopes.map((scope) => (
            <code key={scope} className="charter-tag">
              {scope}
            </code>
          ))}
        </p>
        <p className="soft">
          Issued <TimeFrom iso={createdAt} />
          {expiresAt !== null && (
            <>
              , ends <TimeFrom iso={expiresAt} />
            </>
          )}
        </p>
      </div>
      <div className="charter-actions">
        {mayRotate && (
          <button
            type="button"
            aria-label={`Rotate ${name}`}
            data-testid={`rotate-${id}`}
            onClick={() => {
              onAct('rotate');
            }}
          >
            Rotate
          </button>
        )}
        {mayRevoke && (
          <button
            type="button"
            aria-label={replaced ? `Revoke the old ${name}` : `Revoke ${name}`}
            data-testid={`revoke-${id}`}
            onClick={() => {
              onAct('revoke');
            }}
          >
            Revoke
          </button>
        )}
      </div>
    </li>
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
