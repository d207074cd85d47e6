import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Webhook, WebhookDelivery, WebhookWithSecret } from '@wheelhouse/protocol/webhook';
import { useState } from 'react';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { ActDialog } from '../content/act-dialog.tsx';
import { call, send } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { deliveriesQuery, webhooksQuery } from './developers-queries.ts';
import { SecretDialog } from './secret-dialog.tsx';

/** One webhook, what can be done with it, and what became of what was sent there. */
export function WebhookCard({ webhook }: { webhook: Webhook }) {
  const acts = useWebhookActs(webhook.id);
  const [isOpen, setOpen] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const { id, url, description, enabled, createdAt, rotatedAt } = webhook;
  return (
    <li className="webhook" data-testid={`webhook-${id}`} data-enabled={enabled}>
      <div>
        <p className="webhook-url">
          <code>{url}</code> <span className={enabled ? 'webhook-on' : 'charter-mark'}>{enabled ? 'on' : 'off'}</span>
        </p>
        {description !== '' && <p>{description}</p>}
        <p className="soft">
          Made <TimeFrom iso={createdAt} />
          {rotatedAt !== null && (
            <>
              , new secret <TimeFrom iso={rotatedAt} />
            </>
          )}
        </p>
      </div>
      <div className="charter-actions">
        <button
          type="button"
          data-testid="webhook-test"
          disabled={!enabled || acts.test.isPending}
          onClick={() => {
            setOpen(true);
            acts.test.mutate();
          }}
        >
          Send a test
        </button>
        <button
          type="button"
          data-testid="webhook-switch"
          disabled={acts.change.isPending}
          onClick={() => {
            acts.change.mutate(!enabled);
          }}
        >
          {enabled ? 'Switch off' : 'Switch on'}
        </button>
        <button
          type="button"
          data-testid="webhook-rotate"
          disabled={acts.rotate.isPending}
          onClick={() => {
            acts.rotate.mutate();
          }}
        >
          New secret
        </button>
        <button
          type="button"
          data-testid="webhook-remove"
          onClick={() => {
            setRemoving(true);
          }}
        >
          Remove
        </button>
      </div>
      <ProblemNote error={acts.test.error ?? acts.change.error ?? acts.rotate.error} />
      <details
        open={isOpen}
        onToggle={(event) => {
          setOpen(event.currentTarget.open);
        }}
      >
        <summary data-testid="webhook-deliveries">Deliveries</summary>
        {isOpen && <DeliveryList webhook={id} />}
      </details>
      {acts.rotate.data !== undefined && (
        <SecretDialog
          secret={acts.rotate.data.secret}
          isRotated
          onClose={() => {
            acts.rotate.reset();
          }}
        />
      )}
      {isRemoving && (
        <ActDialog
          title="Remove a webhook"
          verb="Remove it"
          keep="Keep it"
          testId="webhook-remove-submit"
          isPending={acts.remove.isPending}
          error={acts.remove.error}
          onSubmit={() => {
            acts.remove.mutate();
          }}
          onClose={() => {
            setRemoving(false);
          }}
        >
          <p>
            Nothing is sent to <code>{url}</code> any more, and its secret is forgotten.
          </p>
        </ActDialog>
      )}
    </li>
  );
}

function useWebhookActs(id: string) {
  const queries = useQueryClient();
  const path = `/v1/webhooks/${id}`;
  const again = () => queries.invalidateQueries({ queryKey: webhooksQuery.queryKey, exact: true });
  return {
    change: useMutation({ mutationFn: (enabled: boolean) => call(Webhook, 'POST', path, { enabled }), onSuccess: again }),
    rotate: useMutation({ mutationFn: () => call(WebhookWithSecret, 'POST', `${path}/rotate`), onSuccess: again }),
    remove: useMutation({ mutationFn: () => send('DELETE', path), onSuccess: again }),
    test: useMutation({
      mutationFn: () => call(WebhookDelivery, 'POST', `${path}/test`),
      onSuccess: () => queries.invalidateQueries({ queryKey: deliveriesQuery(id).queryKey }),
    }),
  };
}
