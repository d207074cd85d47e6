import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { webhooksQuery } from './developers-queries.ts';
import { NewWebhookDialog } from './new-webhook-dialog.tsx';
import { WebhookCard } from './webhook-card.tsx';

/** The reader's own webhooks: where the decisions on what they asked for are sent. */
export function WebhookList() {
  const queries = useQueryClient();
  const { data: webhooks, error } = useQuery(webhooksQuery);
  const [isMaking, setMaking] = useState(false);
  return (
    <section className="charter-card" aria-labelledby="webhooks">
      <header className="charter-head">
        <h2 id="webhooks">Your webhooks</h2>
        <button
          type="button"
          data-testid="new-webhook"
          onClick={() => {
            setMaking(true);
          }}
        >
          Add a webhook
        </button>
      </header>
      <p className="soft">
        An action that names one sends its decision there, signed as Standard Webhooks says. What arrives says that something was decided,
        never what it is about.
      </p>
      <ProblemNote error={error} />
      {webhooks?.length === 0 && <p data-testid="no-webhooks">You have none.</p>}
      <ul className="developers-rows">
        {webhooks?.map((webhook) => (
          <WebhookCard key={webhook.id} webhook={webhook} />
        ))}
      </ul>
      {isMaking && (
        <NewWebhookDialog
          onClose={() => {
            setMaking(false);
            void queries.invalidateQueries({ queryKey: webhooksQuery.queryKey });
          }}
        />
      )}
    </section>
  );
}
