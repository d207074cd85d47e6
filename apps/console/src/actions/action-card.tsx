import { subject } from '@casl/ability';
import { Link } from '@tanstack/react-router';
import type { Action } from '@wheelhouse/protocol/action';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { useMe } from '../shell/use-me.ts';
import { grouped, pretty, STATE_WORDS, titleOf } from './action-words.ts';
import { DecidePanel, type VerdictName } from './decide-panel.tsx';

type Card = { readonly action: Action; readonly open: VerdictName | null; readonly onOpen: (verdict: VerdictName | null) => void };

/** One action with everything that a decision rests on, and the decision itself. */
export function ActionCard({ action, open, onOpen }: Card) {
  const { ability } = useMe();
  const mayDecide = ability.can('decide', subject('Action', { tenant: action.tenant }));
  return (
    <article className="action-card" data-testid="action" data-state={action.state} aria-label={titleOf(action)}>
      <header className="action-head">
        <h2>
          {titleOf(action)} <ActionMark action={action} />
        </h2>
        <p className="soft">
          {action.agent !== '' && (
            <>
              <b>{action.agent}</b>, by{' '}
            </>
          )}
          {action.askedByName}, <TimeFrom iso={action.askedAt} />
          {action.state === 'pending' && (
            <>
              ; runs out <TimeFrom iso={action.expiresAt} />
            </>
          )}
        </p>
      </header>
      {action.reason !== '' && <blockquote className="action-why">{action.reason}</blockquote>}
      <Because action={action} />
      <Arguments title="Arguments" value={action.arguments} digest={action.digest} testId="action-arguments" />
      <Outcome action={action} />
      {action.state === 'pending' && mayDecide && <DecidePanel action={action} open={open} onOpen={onOpen} hasKeys />}
      {action.state === 'pending' && !mayDecide && <p className="soft">Operators and administrators decide on this.</p>}
      <Places action={action} />
    </article>
  );
}

export function ActionMark({ action: { state, usedAt } }: { action: Pick<Action, 'state' | 'usedAt'> }) {
  return (
    <span className={`state-mark action-${state}`}>
      {STATE_WORDS[state]}
      {usedAt !== null && ', carried out'}
    </span>
  );
}

/** Why it did not simply go through. */
function Because({ action: { because, decision } }: { action: Action }) {
  if (because.length === 0 && decision.errors.length === 0) return null;
  return (
    <ul className="because" aria-label="Why" data-testid="because">
      {because.map(({ policy, reason }) => (
        <li key={policy}>
          <code>{policy}</code> {reason}
        </li>
      ))}
      {decision.errors.map((error) => (
        <li key={error}>{error}</li>
      ))}
    </ul>
  );
}

function Arguments({ title, value, digest, testId }: { title: string; value: unknown; digest: string; testId: string }) {
  return (
    <section className="action-arguments">
      <h3>{title}</h3>
      <pre data-testid={testId} tabIndex={0}>
        {pretty(value)}
      </pre>
      <p className="digest">
        SHA-256 <code>{grouped(digest)}</code>
      </p>
    </section>
  );
}

/** What became of it. */
function Outcome({ action }: { action: Action }) {
  const { state, decidedAt, decidedByName, decidedReason, edited, answer, usedAt } = action;
  if (decidedAt === null) return null;
  return (
    <section className="action-outcome" data-testid="action-outcome">
      <p>
        {STATE_WORDS[state]} {decidedByName !== null && <>by {decidedByName} </>}
        <TimeFrom iso={decidedAt} />
        {decidedReason === '' ? '' : `: ${decidedReason}`}
      </p>
      {edited !== null && <Arguments title="As it may be done" value={edited.arguments} digest={edited.digest} testId="action-edited" />}
      {answer !== null && <blockquote className="action-why">{answer}</blockquote>}
      {usedAt !== null && (
        <p className="soft">
          Carried out <TimeFrom iso={usedAt} />.
        </p>
      )}
    </section>
  );
}

/** Where else it is to be found. */
function Places({ action: { id, session, tenant, decision } }: { action: Action }) {
  const { ability } = useMe();
  return (
    <dl className="facts action-facts">
      <div>
        <dt>Action</dt>
        <dd>{id}</dd>
      </div>
      <div>
        <dt>Tenant</dt>
        <dd>{tenant}</dd>
      </div>
      {session !== null && (
        <div>
          <dt>Session</dt>
          <dd>
            {ability.can('read', 'Session') ? (
              <Link to="/sessions/$id" params={{ id: session }}>
                {session}
              </Link>
            ) : (
              session
            )}
          </dd>
        </div>
      )}
      <div>
        <dt>Policy bundle</dt>
        <dd title={decision.bundle}>{decision.bundle.replace('sha256:', '').slice(0, 12)}…</dd>
      </div>
    </dl>
  );
}
