import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { Problem } from '@wheelhouse/protocol/problem';
import { meQuery } from '../rest/me.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { PublicLink } from '../transparency/public-link.tsx';
import { authClient } from './auth-client.ts';

type Outcome = { readonly error: { readonly message?: string | undefined; readonly statusText?: string | undefined } | null };

function demandSuccess({ error }: Outcome): void {
  if (error === null) return;
  const problem = Problem.safeParse(error);
  if (problem.success) throw new Error(problem.data.detail);
  throw new Error(error.message ?? error.statusText ?? 'Signing in did not work.');
}

export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const queries = useQueryClient();
  const passkey = useMutation({
    mutationFn: async () => {
      demandSuccess(await authClient.signIn.passkey());
    },
    onSuccess: enter,
  });
  const password = useMutation({
    mutationFn: async (form: FormData) => {
      demandSuccess(await authClient.signIn.email({ email: field(form, 'email'), password: field(form, 'password') }));
    },
    onSuccess: enter,
  });

  async function enter() {
    await queries.resetQueries({ queryKey: meQuery.queryKey });
    router.history.push(next ?? '/sessions');
  }

  return (
    <main className="door">
      <h1>
        <img src="/wheel.svg" alt="" width={28} height={28} /> Wheelhouse
      </h1>
      <div className="card">
        <h2>Sign in</h2>
        <button
          type="button"
          className="primary"
          data-testid="sign-in-passkey"
          disabled={passkey.isPending}
          onClick={() => {
            passkey.mutate();
          }}
        >
          Use a passkey
        </button>
        <ProblemNote error={passkey.error} />
        <p className="or">or</p>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            password.mutate(new FormData(event.currentTarget));
          }}
        >
          <label>
            E-mail
            <input name="email" type="email" required autoComplete="username webauthn" />
          </label>
          <label>
            Password
            <input name="password" type="password" required autoComplete="current-password" />
          </label>
          <ProblemNote error={password.error} />
          <button type="submit" disabled={password.isPending}>
            Sign in
          </button>
        </form>
      </div>
      <p className="soft">No way in yet? Whoever runs this installation can hand you a one-time link.</p>
      <p className="soft">
        <PublicLink>Who holds the wheel here, for everybody to read and to check</PublicLink>
      </p>
    </main>
  );
}

function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
