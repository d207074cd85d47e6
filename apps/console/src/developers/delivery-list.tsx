import { useQuery } from '@tanstack/react-query';
import type { WebhookDelivery } from '@wheelhouse/protocol/webhook';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { plural } from '../ledger/plain-words.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { deliveriesQuery } from './developers-queries.ts';

const STATES: Readonly<Record<WebhookDelivery['state'], string>> = {
  waiting: 'waiting',
  delivered: 'delivered',
  failed: 'failed, tried again',
  gave_up: 'given up',
};

/** What was sent to a webhook and what became of it, newest first. */
export function DeliveryList({ webhook }: { webhook: string }) {
  const { data: deliveries, error } = useQuery(deliveriesQuery(webhook));
  return (
    <>
      <ProblemNote error={error} />
      {deliveries?.length === 0 && <p className="soft">Nothing was sent yet.</p>}
      <ul className="deliveries" data-testid="deliveries">
        {deliveries?.map(({ id, type, state, attempts, createdAt, lastError, nextAt }) => (
          <li key={id} data-state={state}>
            <span className={state === 'delivered' ? 'webhook-on' : state === 'waiting' ? 'soft' : 'charter-mark'}>{STATES[state]}</span>
            <code>{type}</code>
            <span className="soft">
              <TimeFrom iso={createdAt} />, {plural(attempts, 'attempt')}
              {lastError !== null && `: ${lastError}`}
              {nextAt !== null && (
                <>
                  , next <TimeFrom iso={nextAt} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
