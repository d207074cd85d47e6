import type { Logger } from 'pino';
import type { JobLine, JobLineParts } from '../jobs/job-room.ts';
import type { ChannelSecrets } from '../notices/channel-secrets.ts';
import { DeliveryError } from '../notices/delivery-error.ts';
import { type Post, requireTaken } from '../notices/post.ts';
import { RetryLine } from '../notices/retry-line.ts';
import { signedHeaders } from '../notices/signed-headers.ts';
import { secretsOf } from './webhook-desk.ts';
import type { WebhookDeliveryRow, WebhookRecords, WebhookRow } from './webhook-records.ts';

type Parts = {
  readonly records: WebhookRecords;
  readonly secrets: ChannelSecrets;
  readonly post: Post;
  readonly jobs: { readonly open: (parts: JobLineParts) => Promise<JobLine> };
  readonly retryMs: readonly number[];
  readonly now: () => Date;
  readonly log: Logger;
};

type Found = { readonly delivery: WebhookDeliveryRow; readonly webhook: WebhookRow };

/** Sends decisions to people's own webhooks, by the same machinery that carries notices. */
export function webhookLine({ records, secrets, post, jobs, retryMs, now, log }: Parts): RetryLine<Found> {
  return new RetryLine<Found>({
    ...{ name: 'webhooks', jobs, retryMs, now, log },
    records: { due: records.due, get: records.delivery, record: records.record },
    triedOf: ({ delivery }) => delivery,
    send: async ({ delivery: { id, body }, webhook }, signal) => {
      if (webhook.removedAt !== null || !webhook.enabled)
        throw new DeliveryError('the webhook was removed or switched off', { gone: true });
      const url = secrets.open(webhook.id, webhook.endpoint);
      const headers = signedHeaders({ id: `msg_${id}`, at: now(), body, secrets: secretsOf(webhook, secrets, now()) });
      requireTaken(await post({ url, headers, body, reach: webhook.inside ? 'anywhere' : 'public', signal }));
    },
  });
}
