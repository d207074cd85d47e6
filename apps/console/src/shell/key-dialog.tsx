import { useMutation } from '@tanstack/react-query';
import { IssuedKey, KEY_SCOPES, KeyRequest } from '@wheelhouse/protocol/identity';
import { useState, type SubmitEvent } from 'react';
import { call } from '../rest/call.ts';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem-note.tsx';
import { ShownOnce } from './shown-once.tsx';

/** What each scope lets a program do, in words. */
const SCOPE_WORDS: Readonly<Record<(typeof KEY_SCOPES)[number], string>> = {
  'sessions:open': 'open and end sessions',
  'sessions:read': 'read sessions',
  'orders:give': 'give orders, ask for releases (never confirm them)',
  'ledger:read': 'read the ledger',
  'proposals:open': 'make and read proposals (never vote)',
  'actions:ask': 'ask whether an action is allowed (never decide it)',
  'policy:read': 'read the policy bundle and have it explained',
};

/** Not ticked beforehand: they change something for others. */
const DELIBERATE: ReadonlySet<string> = new Set(['orders:give', 'proposals:open']);

export function KeyDialog({ onClose }: { onClose: () => void }) {
  const issue = useMutation({ mutationFn: (request: KeyRequest) => call(IssuedKey, 'POST', '/v1/keys', request) });
  const [wrong, setWrong] = useState<string | null>(null);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const request = KeyRequest.safeParse({
      name: form.get('name'),
      scopes: form.getAll('scopes'),
      expiresInDays: Number(form.get('days')),
    });
    setWrong(request.success ? null : 'A name, at least one scope, and 1 to 365 days are needed.');
    if (request.success) issue.mutate(request.data);
  }

  return (
    <Dialog title="Issue an API key" onClose={onClose}>
      {issue.data === undefined ? (
        <form onSubmit={submit} className="form">
          <label>
            Name of the program
            <input name="name" required maxLength={120} autoComplete="off" />
          </label>
          <fieldset className="choice scopes">
            <legend>It may</legend>
            {KEY_SCOPES.map((scope) => (
              <label key={scope}>
                <input type="checkbox" name="scopes" value={scope} defaultChecked={!DELIBERATE.has(scope)} /> {SCOPE_WORDS[scope]}
              </label>
            ))}
          </fieldset>
          <label>
            Days until it ends
            <input name="days" type="number" required min={1} max={365} defaultValue={90} />
          </label>
          <ProblemNote error={wrong ?? issue.error} />
          <button type="submit" className="primary" disabled={issue.isPending} data-testid="issue-key">
            Issue the key
          </button>
        </form>
      ) : (
        <div className="form">
          <p>The key is shown this once. Send it as “Authorization: Bearer”; it acts for you, and never confirms a release or votes.</p>
          <ShownOnce label="Key" value={issue.data.key} testId="issued-key" />
        </div>
      )}
    </Dialog>
  );
}
