import { PushSubscriptionData, type PushBody } from '@wheelhouse/protocol/notice';
import webPush from 'web-push';
import { DeliveryError } from './delivery-error.ts';
import type { Send } from './parcel.ts';
import { type Post, requireTaken } from './post.ts';
import type { VapidKeys } from './vapid-keys.ts';

/** A browser that is away gets what waits for it for so long. */
const KEPT_S = 24 * 3600;
const GONE: readonly number[] = [404, 410];

/** `contact`: an https: or mailto: address under which the push service finds whoever runs this server. */
type Parts = { readonly post: Post; readonly keys: VapidKeys; readonly contact: string };

/** Web push (RFC 8030, 8188, 8291): encrypted for the browser, so that its push service learns nothing. */
export function pushSender({ post, keys, contact }: Parts): Send {
  return async ({ notice, endpoint }, signal) => {
    const subscription = PushSubscriptionData.parse(JSON.parse(endpoint));
    const content: PushBody = { title: notice.title, path: notice.path, kind: notice.kind };
    const { headers, body } = webPush.generateRequestDetails(subscription, JSON.stringify(content), {
      vapidDetails: { subject: contact, ...keys },
      TTL: KEPT_S,
      urgency: notice.urgent ? 'high' : 'normal',
      contentEncoding: 'aes128gcm',
    });
    const status = await post({ url: subscription.endpoint, headers: inText(headers), body, reach: 'public', signal });
    if (GONE.includes(status)) throw new DeliveryError('the browser has unsubscribed', { gone: true });
    requireTaken(status);
  };
}

function inText(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
