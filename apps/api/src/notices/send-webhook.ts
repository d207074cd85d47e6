import type { WebhookBody } from '@wheelhouse/protocol/notice';
import type { ChannelSecrets } from './channel-secrets.ts';
import type { Send } from './parcel.ts';
import { type Post, requireTaken } from './post.ts';
import { signedHeaders } from './signed-headers.ts';

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
    const headers = signedHeaders({ id: `msg_${delivery}`, at: now(), body, secrets: [secrets.signingSecret(channel)] });
    requireTaken(await post({ url: endpoint, headers, body, reach: 'anywhere', signal }));
  };
}
