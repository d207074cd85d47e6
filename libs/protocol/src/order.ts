import { z } from 'zod';
import { Actor } from './identity.ts';
import { Level } from './level.ts';
import { Scope } from './scope.ts';
import { plainText } from './text.ts';

/** Order kinds that leave a latch in force. Every one is restrictive. */
export const LATCH_KINDS = ['hold', 'mute', 'stop', 'take_over', 'level'] as const;
export const LatchKind = z.enum(LATCH_KINDS);
export type LatchKind = z.infer<typeof LatchKind>;

const Reason = plainText(500);
const base = { id: z.uuid(), scope: Scope, reason: Reason.default('') };

/**
 * A restrictive order: one authorised human, one action. `id` is given by the client and makes the order idempotent: the same id again
 * answers with the first acknowledgement; the same id with other content is refused.
 *
 * - `hold` withholds all engine output until released; the engine goes on listening.
 * - `mute` withholds audio and video; text passes.
 * - `stop` withholds all engine output and ends the engine's turn.
 * - `take_over` withholds the engine; a human's frames pass.
 * - `level` caps the level of autonomy.
 * - `whisper` is guidance that only the engine hears; it leaves no latch.
 */
export const RestrictiveOrder = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('hold') }),
  z.strictObject({ ...base, kind: z.literal('mute') }),
  z.strictObject({ ...base, kind: z.literal('stop') }),
  z.strictObject({ ...base, kind: z.literal('take_over') }),
  z.strictObject({ ...base, kind: z.literal('level'), level: Level }),
  z.strictObject({ ...base, kind: z.literal('whisper'), text: plainText(1000).min(1) }),
]);
export type RestrictiveOrder = z.infer<typeof RestrictiveOrder>;

/** Asks for the release of the latch that order `latch` left. Permissive: another person has to confirm before anything changes. */
export const ReleaseOrder = z.strictObject({ id: z.uuid(), kind: z.literal('release'), latch: z.uuid(), reason: Reason.min(1) });
export type ReleaseOrder = z.infer<typeof ReleaseOrder>;

/** `POST /v1/orders` */
export const OrderRequest = z.discriminatedUnion('kind', [...RestrictiveOrder.options, ReleaseOrder]);
export type OrderRequest = z.infer<typeof OrderRequest>;

/** What an order met in one session. `settled` false: a frame was still under way to a slow client when the answer was written. */
export const SessionEffect = z.strictObject({
  session: z.uuid(),
  /** The session's tick when the gate closed. */
  tick: z.number().int(),
  /** Sequence number of the last output frame that left. Nothing of the engine's leaves after it while the latch is in force. */
  lastSequence: z.number().int(),
  settled: z.boolean(),
});
export type SessionEffect = z.infer<typeof SessionEffect>;

/** The answer to a restrictive order, written after the gate closed and before anything was stored. */
export const OrderAck = z.object({
  order: z.uuid(),
  /** Gapless number of the order in this installation. */
  number: z.number().int().positive(),
  kind: z.enum([...LATCH_KINDS, 'whisper']),
  scope: Scope,
  receivedAt: z.iso.datetime(),
  /** Microseconds from the order's arrival at the server until every covered gate word was closed. */
  gateClosedUs: z.number(),
  /**
   * Microseconds from the order's arrival until the last engine byte was handed to any covered socket; negative when that was before. Null
   * when none of the sessions has let anything out.
   */
  lastByteUs: z.number().nullable(),
  sessions: z.array(SessionEffect),
  /** True when this id had been given before and the first acknowledgement is repeated. */
  repeated: z.boolean(),
});
export type OrderAck = z.infer<typeof OrderAck>;

/** A latch in force: the order that left it. */
export const Latch = z.object({
  order: z.uuid(),
  number: z.number().int().positive(),
  kind: LatchKind,
  level: Level.nullable(),
  scope: Scope,
  reason: z.string(),
  author: Actor,
  authorName: z.string(),
  givenAt: z.iso.datetime(),
});
export type Latch = z.infer<typeof Latch>;

/** A release that somebody asked for. It takes effect only when another person confirms it and that is durable in the ledger. */
export const Release = z.object({
  id: z.uuid(),
  latch: z.uuid(),
  reason: z.string(),
  askedBy: Actor,
  askedByName: z.string(),
  askedAt: z.iso.datetime(),
  state: z.enum(['waiting', 'confirmed', 'withdrawn']),
  confirmedBy: Actor.nullable(),
  confirmedAt: z.iso.datetime().nullable(),
  /** Where a charter is in force: the proposal that decides instead of one other person. */
  proposal: z.uuid().optional(),
});
export type Release = z.infer<typeof Release>;

/** An order as listed by `GET /v1/orders`; `entry` is its index in the ledger, null until it is stored. */
export const OrderRecord = OrderAck.omit({ repeated: true }).extend({
  reason: z.string(),
  author: Actor,
  level: Level.nullable(),
  released: z.boolean(),
  entry: z.number().int().nullable(),
});
export type OrderRecord = z.infer<typeof OrderRecord>;
