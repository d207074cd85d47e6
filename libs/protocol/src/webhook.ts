import { z } from 'zod';
import { ACTION_STATES } from './action.ts';
import { Digest } from './charter.ts';
import { DeliveryProgress } from './notice.ts';
import { PageQuery, pageOf } from './page.ts';
import { plainText } from './text.ts';

/** `POST /v1/webhooks`: an address of the caller's own that decisions are sent to. */
export const WebhookRequest = z.strictObject({ url: z.url().max(2000), description: plainText(200).default('') });
export type WebhookRequest = z.infer<typeof WebhookRequest>;

/** `POST /v1/webhooks/:id`: changes what is named, and leaves the rest. */
export const WebhookChange = z.strictObject({
  url: z.url().max(2000).optional(),
  description: plainText(200).optional(),
  enabled: z.boolean().optional(),
});
export type WebhookChange = z.infer<typeof WebhookChange>;

/** A webhook of one's own. `url` is shown without its query, which may hold a secret. */
export const Webhook = z.object({
  id: z.uuid(),
  url: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  /** When its secret was last made anew. */
  rotatedAt: z.iso.datetime().nullable(),
});
export type Webhook = z.infer<typeof Webhook>;
export const Webhooks = z.object({ items: z.array(Webhook) });

/** `secret` (`whsec_` and base64) checks the signatures, as Standard Webhooks says. It is shown when it is made, and never again. */
export const WebhookWithSecret = Webhook.extend({ secret: z.string() });
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>;

/** After the secret was made anew, deliveries are signed with the old one as well for so long. */
export const OLD_SECRET_HOURS = 24;

const about = { id: z.uuid() };

/** What arrives. It says that something was decided and what its digest is, never what it is about: that is behind `GET /v1/actions/:id`. */
export const WebhookEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('action.decided'),
    timestamp: z.iso.datetime(),
    data: z.strictObject({
      ...about,
      state: z.enum(ACTION_STATES),
      /** Of what was asked for. */
      digest: Digest,
      /** Of what the human made of it; null unless `state` is `edited`. */
      edited: Digest.nullable(),
      session: z.uuid().nullable(),
      decidedAt: z.iso.datetime(),
    }),
  }),
  z.strictObject({ type: z.literal('webhook.test'), timestamp: z.iso.datetime(), data: z.strictObject(about) }),
]);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** `GET /v1/webhooks/:id/deliveries`: one event on its way, newest first. */
export const WebhookDelivery = z.object({
  id: z.uuid(),
  type: z.enum(['action.decided', 'webhook.test']),
  action: z.uuid().nullable(),
  ...DeliveryProgress.shape,
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
export const WebhookDeliveries = pageOf(WebhookDelivery);
export type WebhookDeliveries = z.infer<typeof WebhookDeliveries>;

export const WebhookDeliveriesQuery = PageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,15}_[0-9a-f-]{36}$/)
    .optional(),
});
