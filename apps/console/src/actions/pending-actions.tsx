import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Action } from '@wheelhouse/protocol/action';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { ActionMark } from './action-card.tsx';
import { pretty, titleOf } from './action-words.ts';
import { sessionActionsQuery } from './actions-queries.ts';
import { DecidePanel, useVerdictForm } from './decide-panel.tsx';
import { subject } from '@casl/ability';
import { TimeFrom } from '../approvals/time-shown.tsx';
import './actions.css';

/** What one session waits for, to be decided on the spot, and the last of what was. Nothing where it never asked. */
export function PendingActions({ session }: { session: string }) {
  const { ability } = useMe();
  const mayRead = ability.can('read', 'Action');
  const { data, error } = useQuery({ ...sessionActionsQuery(session), enabled: mayRead });
  if (!mayRead || (data ?? []).length === 0) return <ProblemNote error={error} />;
  const pending = data?.filter(({ state }) => state === 'pending') ?? [];
  const [last] = data?.filter(({ state }) => state !== 'pending') ?? [];
  return (
    <section className="pending-actions" aria-label="Waits for a human" data-testid="pending-actions">
      <h3>{pending.length === 0 ? 'Actions' : `Waits for a human (${pending.length})`}</h3>
      {pending.map((action) => (
        <PendingAction key={action.id} action={action} />
      ))}
      {last !== undefined && (
        <p className="soft">
          Last:{' '}
          <Link to="/actions/$id" params={{ id: last.id }}>
            {titleOf(last)}
          </Link>{' '}
          <ActionMark action={last} />
        </p>
      )}
    </section>
  );
}

function PendingAction({ action }: { action: Action }) {
  const { ability } = useMe();
  const { open, setOpen } = useVerdictForm(action.id);
  const text = textOf(action);
  return (
    <article className="pending-action" data-testid={`pending-${action.id}`}>
      <p>
        <Link to="/actions/$id" params={{ id: action.id }}>
          <b>{titleOf(action)}</b>
        </Link>{' '}
        <span className="soft">
          <TimeFrom iso={action.askedAt} />: {action.because.map(({ reason }) => reason).join(' ')}
        </span>
      </p>
      {text === null ? <pre>{pretty(action.arguments)}</pre> : <blockquote>{text}</blockquote>}
      {ability.can('decide', subject('Action', { tenant: action.tenant })) && (
        <DecidePanel action={action} open={open} onOpen={setOpen} hasKeys={false} />
      )}
    </article>
  );
}

/** Words are read as words; everything else as JSON. */
function textOf({ kind, arguments: given }: Action): string | null {
  if (kind === 'tool' || typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  return typeof given['text'] === 'string' ? given['text'] : null;
}
