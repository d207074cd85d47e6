import type { WebhookBody } from '@wheelhouse/protocol/notice';
import { Webhook } from 'standardwebhooks';
import type { ChannelSecrets } from './channel-secrets.ts';
import type { Send } from './parcel.ts';
import { type Post, requireTaken } from './post.ts';

type Parts = { readonly post: Post; readonly secrets: ChannelSecrets; readonly now: () => Date };

/** Signed webhooks, as Standard Webhooks says. */
export function webhookSender({ post, secrets, now }: Parts): Send {
  return async ({ delivery, channel, notice, link, endpoint }, signal) => {
    const { kind, title, person, urgent, createdAt } = notice;
    const content: WebhookBody = {
      type: 'wheelhouse.notice',
      timestamp: createdAt.toISOString(),
      data: { kind, title, url: link, person, urgent },
    };
    const body = JSON.stringify(content);
    const id = `msg_${delivery}`;
    const at = now();
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Wheelhouse',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secrets.signingSecret(channel)).sign(id, at, body),
    };
    requireTaken(await post({ url: endpoint, headers, body, reach: 'anywhere', signal }));
  };
}
