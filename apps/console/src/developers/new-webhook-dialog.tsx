import { useMutation } from '@tanstack/react-query';
import { WebhookRequest, WebhookWithSecret } from '@wheelhouse/protocol/webhook';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { call } from '../rest/call.ts';
import { SecretDialog } from './secret-dialog.tsx';

export function NewWebhookDialog({ onClose }: { onClose: () => void }) {
  const make = useMutation({ mutationFn: (request: WebhookRequest) => call(WebhookWithSecret, 'POST', '/v1/webhooks', request) });
  const [wrong, setWrong] = useState<string | null>(null);
  if (make.data !== undefined) return <SecretDialog secret={make.data.secret} onClose={onClose} />;
  return (
    <ActDialog
      title="Add a webhook"
      verb="Add it"
      testId="webhook-submit"
      isPending={make.isPending}
      error={wrong ?? make.error}
      onSubmit={(form) => {
        const request = WebhookRequest.safeParse({ url: textIn(form, 'url'), description: textIn(form, 'description') });
        setWrong(request.success ? null : 'An address is needed, with https:// and at most 2000 characters.');
        if (request.success) make.mutate(request.data);
      }}
      onClose={onClose}
    >
      <label>
        Address
        <input name="url" type="url" required maxLength={2000} placeholder="https://" autoComplete="off" data-testid="webhook-url" />
      </label>
      <label>
        What it is for
        <input name="description" maxLength={200} autoComplete="off" data-testid="webhook-description" />
      </label>
    </ActDialog>
  );
}
