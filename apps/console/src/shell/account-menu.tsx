import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { meQuery } from '../rest/me.ts';
import { authClient } from '../sign-in/auth-client.ts';
import { closeOutside } from './close-outside.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { KeyDialog } from './key-dialog.tsx';
import { ProblemNote } from './problem-note.tsx';
import { applyTheme, storedTheme, THEMES } from './theme.ts';
import { useMe } from './use-me.ts';

export function AccountMenu() {
  const { me, ability } = useMe();
  const [theme, setTheme] = useState(storedTheme);
  const [dialog, setDialog] = useState<'invite' | 'key' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const queries = useQueryClient();
  const navigate = useNavigate();

  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => closeOutside(menu), []);

  function open(which: 'invite' | 'key') {
    if (menu.current !== null) menu.current.open = false;
    setDialog(which);
  }

  function close() {
    setDialog(null);
  }

  async function signOut() {
    const { error } = await authClient.signOut();
    if (error !== null) {
      setProblem(error.message ?? 'Signing out did not work.');
      return;
    }
    queries.setQueryData(meQuery.queryKey, null);
    await navigate({ to: '/sign-in' });
  }

  return (
    <>
      <details ref={menu} className="menu account" data-testid="account-menu">
        <summary aria-label={`Account of ${me.principal.name}`}>
          <span className="account-name">{me.principal.name}</span>
          <span className="account-role">{me.principal.role}</span>
        </summary>
        <div className="menu-body">
          <p className="menu-who">
            <strong>{me.principal.name}</strong>
            <span>
              {me.principal.role} · tenant {me.principal.tenant}
            </span>
          </p>
          <fieldset className="choice">
            <legend>Colours</legend>
            {THEMES.map((choice) => (
              <label key={choice}>
                <input
                  type="radio"
                  name="theme"
                  checked={theme === choice}
                  onChange={() => {
                    setTheme(choice);
                    applyTheme(choice);
                  }}
                />
                {choice}
              </label>
            ))}
          </fieldset>
          {ability.can('invite', 'Person') && (
            <button
              type="button"
              onClick={() => {
                open('invite');
              }}
            >
              Invite a person
            </button>
          )}
          {ability.can('issue', 'Key') && (
            <button
              type="button"
              onClick={() => {
                open('key');
              }}
            >
              Issue an API key
            </button>
          )}
          <button type="button" onClick={() => void navigate({ to: '/welcome' })}>
            Passkey and password
          </button>
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
          <ProblemNote error={problem} />
        </div>
      </details>
      {dialog === 'invite' && <InviteDialog onClose={close} />}
      {dialog === 'key' && <KeyDialog onClose={close} />}
    </>
  );
}
