import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery } from '../rest/me.ts';
import { send } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { authClient } from '../sign-in/auth-client.ts';

const PASSWORD_MIN = 12;

/** Where the one-time link lands: the person is signed in now, and chooses how to come back. */
export function WelcomePage() {
  const { data: me } = useSuspenseQuery(meQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [done, setDone] = useState<string | null>(null);
  const passkey = useMutation({
    mutationFn: async () => {
      const { error } = await authClient.passkey.addPasskey({ name: 'Wheelhouse' });
      if (error !== null) throw new Error(error.message ?? 'The passkey was not made.');
    },
    onSuccess: () => settle('The passkey is made: it signs you in from now on.'),
  });
  const password = useMutation({
    mutationFn: (text: string) => send('POST', '/v1/me/password', { password: text }),
    onSuccess: () => settle('The password is set.'),
  });

  async function settle(words: string) {
    setDone(words);
    await queries.invalidateQueries({ queryKey: meQuery.queryKey });
  }

  if (me === null) return <Navigate to="/sign-in" />;
  return (
    <main className="door">
      <h1>
        <img src="/wheel.svg" alt="" width={28} height={28} /> Welcome, {me.principal.name}
      </h1>
      <div className="card">
        <h2>How will you sign in next time?</h2>
        <p className="soft">The link that brought you here works once.</p>
        <button
          type="button"
          className="primary"
          data-testid="add-passkey"
          disabled={passkey.isPending}
          onClick={() => {
            passkey.mutate();
          }}
        >
          Make a passkey (recommended)
        </button>
        <ProblemNote error={passkey.error} />
        {me.passkeys > 0 && (
          <p className="soft">
            You have {me.passkeys} {me.passkeys === 1 ? 'passkey' : 'passkeys'}.
          </p>
        )}
        <p className="or">or</p>
        {me.hasPassword ? (
          <p className="soft">You have a password.</p>
        ) : (
          <PasswordForm isPending={password.isPending} error={password.error} onSubmit={password.mutate} />
        )}
        {done !== null && (
          <p role="status" className="stored">
            {done}
          </p>
        )}
        <button type="button" className="quiet" data-testid="enter" onClick={() => void navigate({ to: '/sessions' })}>
          {done === null && me.passkeys === 0 && !me.hasPassword ? 'Skip for now' : 'To the sessions'}
        </button>
      </div>
    </main>
  );
}

function PasswordForm({ isPending, error, onSubmit }: { isPending: boolean; error: Error | null; onSubmit: (password: string) => void }) {
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get('password');
        if (typeof text === 'string') onSubmit(text);
      }}
    >
      <label>
        Password, at least {PASSWORD_MIN} characters
        <input name="password" type="password" required minLength={PASSWORD_MIN} autoComplete="new-password" data-testid="new-password" />
      </label>
      <ProblemNote error={error} />
      <button type="submit" disabled={isPending} data-testid="set-password">
        Set password
      </button>
    </form>
  );
}
