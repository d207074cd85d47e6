import { z } from 'zod';
import { PageQuery, pageOf } from './page.ts';

/** What a notice may be about. */
export const NOTICE_KINDS = [
  'vote_wanted',
  'vote_reminder',
  'vote_escalated',
  'proposal_closed',
  'glass_broken',
  'glass_review_due',
  'glass_review_overdue',
  'handover_waiting',
  'seat_changed',
  'charter_adopted',
  'action_wanted',
] as const;
export const NoticeKind = z.enum(NOTICE_KINDS);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** What arrives: also a `test`, which somebody asked for to see that a channel works. */
export const SentKind = z.enum([...NOTICE_KINDS, 'test']);
export type SentKind = z.infer<typeof SentKind>;

/** A notice as its person sees it. `path` is a page of the console. */
export const NoticeView = z.object({
  id: z.uuid(),
  kind: SentKind,
  title: z.string(),
  path: z.string(),
  urgent: z.boolean(),
  createdAt: z.iso.datetime(),
  readAt: z.iso.datetime().nullable(),
});
export type NoticeView = z.infer<typeof NoticeView>;

/** `GET /v1/notices`. `unread` counts all of the person's, not only those of this page. */
export const Notices = pageOf(NoticeView).extend({ unread: z.number().int().nonnegative() });
export type Notices = z.infer<typeof Notices>;

/** `?unread` alone means the same as `?unread=true`. */
export const NoticesQuery = PageQuery.extend({
  unread: z
    .union([z.literal('').transform(() => true), z.stringbool()])
    .optional()
    .default(false),
  cursor: z
    .string()
    .regex(/^\d{1,15}_[0-9a-f-]{36}$/)
    .optional(),
});

/** `POST /v1/notices/read` */
export const ReadRequest = z.union([z.strictObject({ ids: z.array(z.uuid()).min(1).max(200) }), z.strictObject({ all: z.literal(true) })]);
export type ReadRequest = z.infer<typeof ReadRequest>;

/** So many bytes in base64url, as browsers name the keys of a push subscription. */
const keyOf = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}=*$`), `is not ${bytes} bytes in base64url`)
    .max(100);

/** A browser's `PushSubscription.toJSON()`. */
export const PushSubscriptionData = z.object({
  endpoint: z.url().max(2000),
  keys: z.object({ p256dh: keyOf(65), auth: keyOf(16) }),
});
export type PushSubscriptionData = z.infer<typeof PushSubscriptionData>;

/** `POST /v1/me/notice-channels`: push to this browser, or mail on and off. */
export const OwnChannelRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('web_push'), subscription: PushSubscriptionData }),
  z.strictObject({ kind: z.literal('email'), enabled: z.boolean() }),
]);
export type OwnChannelRequest = z.infer<typeof OwnChannelRequest>;

/** A channel of one's own. `host`: the push service of the browser; null for mail, which goes to the account's address. */
export const OwnChannel = z.object({
  id: z.uuid(),
  kind: z.enum(['web_push', 'email']),
  host: z.string().nullable(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type OwnChannel = z.infer<typeof OwnChannel>;

/** `GET /v1/me/notice-channels`. `mail` is `unavailable` where the installation sends none or the account has no address that mail reaches. */
export const OwnChannels = z.object({ items: z.array(OwnChannel), mail: z.enum(['on', 'off', 'unavailable']) });
export type OwnChannels = z.infer<typeof OwnChannels>;

/** `POST /v1/notice-channels`: a channel of the house. Without `kinds`, it gets notices of every kind. */
export const HouseChannelRequest = z.strictObject({
  kind: z.enum(['slack', 'webhook']),
  url: z.url().max(2000),
  kinds: z.array(NoticeKind).max(NOTICE_KINDS.length).default([]),
});
export type HouseChannelRequest = z.infer<typeof HouseChannelRequest>;

/** A channel of the house. `url` without what may be a secret of the receiver's: its query, and for Slack its path. */
export const HouseChannel = z.object({
  id: z.uuid(),
  kind: z.enum(['slack', 'webhook']),
  url: z.string(),
  kinds: z.array(NoticeKind),
  enabled: z.boolean(),
  createdBy: z.string(),
  createdByName: z.string(),
  createdAt: z.iso.datetime(),
});
export type HouseChannel = z.infer<typeof HouseChannel>;
export const HouseChannels = z.object({ items: z.array(HouseChannel) });

/** A channel that was just made. `secret` (`whsec_` and base64) checks a webhook's signatures; it is shown this once, and null for Slack. */
export const MadeHouseChannel = HouseChannel.extend({ secret: z.string().nullable() });
export type MadeHouseChannel = z.infer<typeof MadeHouseChannel>;

/** `waiting`: not tried yet. `failed`: tried in vain, and to be tried again. `gave_up`: not any more. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'failed', 'gave_up'] as const;
export const DeliveryState = z.enum(DELIVERY_STATES);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** How far something that is delivered with retries has come. */
export const DeliveryProgress = z.object({
  state: DeliveryState,
  attempts: z.number().int().nonnegative(),
  createdAt: z.iso.datetime(),
  /** When it was last tried. */
  lastAt: z.iso.datetime().nullable(),
  /** Why it was in vain, in a few words. */
  lastError: z.string().nullable(),
  /** When it is tried next. */
  nextAt: z.iso.datetime().nullable(),
});

/** `GET /v1/notice-channels/:id/deliveries`: one notice on its way through one channel. */
export const Delivery = z.object({ id: z.uuid(), notice: z.uuid(), kind: SentKind, ...DeliveryProgress.shape });
export type Delivery = z.infer<typeof Delivery>;
export const Deliveries = pageOf(Delivery);
export type Deliveries = z.infer<typeof Deliveries>;

/** `GET /v1/notices/vapid-key`: the key under which a browser subscribes to this server's pushes (RFC 8292), in base64url. */
export const VapidKey = z.object({ key: z.string() });

/** What a webhook of the house gets, as Standard Webhooks says. */
export const WebhookBody = z.strictObject({
  type: z.literal('wheelhouse.notice'),
  timestamp: z.iso.datetime(),
  data: z.strictObject({ kind: SentKind, title: z.string(), url: z.url(), person: z.string(), urgent: z.boolean() }),
});
export type WebhookBody = z.infer<typeof WebhookBody>;

/** What a browser is pushed. */
export const PushBody = z.strictObject({ title: z.string(), path: z.string(), kind: SentKind });
export type PushBody = z.infer<typeof PushBody>;
