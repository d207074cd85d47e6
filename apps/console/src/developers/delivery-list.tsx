import { useQuery } from '@tanstack/react-query';
import type { DeliveryProgress } from '@wheelhouse/protocol/notice';
import type { z } from 'zod';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { plural } from '../ledger/plain-words.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { deliveriesQuery } from './developers-queries.ts';

/** One delivery as it is listed: what it was, and how far it has come. */
export type ListedDelivery = z.infer<typeof DeliveryProgress> & { readonly id: string; readonly what: string };

const STATES: Readonly<Record<ListedDelivery['state'], string>> = {
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
      {deliveries !== undefined && <DeliveryRows deliveries={deliveries.map((each) => ({ ...each, what: each.type }))} />}
    </>
  );
}

export function DeliveryRows({ deliveries }: { deliveries: readonly ListedDelivery[] }) {
  if (deliveries.length === 0) return <p className="soft">Nothing was sent yet.</p>;
  return (
    <ul className="deliveries" data-testid="deliveries">
      {deliveries.map(({ id, what, state, attempts, createdAt, lastError, nextAt }) => (
        <li key={id} data-state={state}>
          <span className={state === 'delivered' ? 'webhook-on' : state === 'waiting' ? 'soft' : 'charter-mark'}>{STATES[state]}</span>
          <code>{what}</code>
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
  );
}
