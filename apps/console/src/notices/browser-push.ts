import { OwnChannel, PushSubscriptionData, VapidKey } from '@wheelhouse/protocol/notice';
import { call, send } from '../rest/call.ts';

const WORKER = '/notice-worker.js';
/** Under which id the server knows this browser: to take it back by. */
const CHANNEL = 'wheelhouse.push-channel';

/** Whether this browser can be pushed to from this page at all; without TLS, and in some private windows, it can not. */
export function canBePushedTo(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
}

/** The id of this browser's channel; null where it has none. */
export function pushChannel(): string | null {
  return localStorage.getItem(CHANNEL);
}

/** Has this browser pushed to. Throws, in words for the person, where they or the browser do not allow it. */
export async function startPush(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('The browser does not allow notifications of this page. Its settings for this page change that.');
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  const { key } = await call(VapidKey, 'GET', '/v1/notices/vapid-key');
  // One that was made under another key would be refused by the push service.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscribed = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const subscription = PushSubscriptionData.parse(subscribed.toJSON());
  const { id } = await call(OwnChannel, 'POST', '/v1/me/notice-channels', { kind: 'web_push', subscription });
  localStorage.setItem(CHANNEL, id);
}

/** Ends it, here and at the server. */
export async function endPush(channel: string): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  localStorage.removeItem(CHANNEL);
  await send('DELETE', `/v1/me/notice-channels/${channel}`);
}
