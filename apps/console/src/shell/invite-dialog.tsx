import { useMutation } from '@tanstack/react-query';
import { Invite, InviteRequest, ROLES } from '@wheelhouse/protocol/identity';
import { useState, type SubmitEvent } from 'react';
import { call } from '../rest/call.ts';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem-note.tsx';
import { ShownOnce } from './shown-once.tsx';

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const invite = useMutation({ mutationFn: (request: InviteRequest) => call(Invite, 'POST', '/v1/people', request) });
  const [wrong, setWrong] = useState<string | null>(null);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const request = InviteRequest.safeParse(Object.fromEntries(new FormData(event.currentTarget)));
    setWrong(request.success ? null : 'A name, an e-mail address and a role are needed.');
    if (request.success) invite.mutate(request.data);
  }

  return (
    <Dialog title="Invite a person" onClose={onClose}>
      {invite.data === undefined ? (
        <form onSubmit={submit} className="form">
          <label>
            Name
            <input name="name" required maxLength={120} autoComplete="off" />
          </label>
          <label>
            E-mail
            <input name="email" type="email" required maxLength={200} autoComplete="off" />
          </label>
          <label>
            Role
            <select name="role" defaultValue="operator">
              {ROLES.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </select>
          </label>
          <ProblemNote error={wrong ?? invite.error} />
          <button type="submit" className="primary" disabled={invite.isPending}>
            Make a one-time link
          </button>
        </form>
      ) : (
        <InviteLink invite={invite.data} />
      )}
    </Dialog>
  );
}

function InviteLink({ invite }: { invite: Invite }) {
  return (
    <div className="form">
      <p>Hand this link over yourself. It signs in whoever opens it first, once, until {new Date(invite.expiresAt).toLocaleString()}.</p>
      <ShownOnce label="One-time link" value={invite.link} testId="invite-link" />
    </div>
  );
}
