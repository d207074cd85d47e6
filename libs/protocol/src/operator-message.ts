import { z } from 'zod';
import { ActionState } from './action.ts';
import { Principal } from './identity.ts';
import { NoticeView } from './notice.ts';
import { Latch, OrderAck, OrderRequest, Release, SessionEffect } from './order.ts';
import { Problem } from './problem.ts';
import { Session, TranscriptLine } from './session.ts';
import { SupervisionView } from './supervisor.ts';

/**
 * The operator channel: JSON over the WebSocket `/v1/operator`, each message `{ event, data }`.
 * Signed-in people connect with their cookie, API keys with `Authorization: Bearer`.
 */
export const OperatorRequest = z.discriminatedUnion('event', [
  /** Give an order. Answered by `order.ack`, `release` or `refused`. */
  z.strictObject({ event: z.literal('order'), data: OrderRequest }),
  /** Confirm another person's release. Answered by `release` or `refused`. */
  z.strictObject({ event: z.literal('release.confirm'), data: z.strictObject({ release: z.uuid() }) }),
  /** Follow the transcript of these sessions, and no others. */
  z.strictObject({ event: z.literal('watch'), data: z.strictObject({ sessions: z.array(z.uuid()).max(50) }) }),
  /** Renew the watch lease: a human is on watch. Consoles send it every five seconds while their page is visible. */
  z.strictObject({ event: z.literal('heartbeat'), data: z.strictObject({}) }),
]);
export type OperatorRequest = z.infer<typeof OperatorRequest>;

/** Live figures of a session: [id, tick, last output sequence, input level 0..1, output level 0..1, gate word]. */
export const SessionMeter = z.tuple([z.uuid(), z.number(), z.number(), z.number(), z.number(), z.number()]);
export type SessionMeter = z.infer<typeof SessionMeter>;

export const OperatorEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('welcome'),
    data: z.object({
      me: Principal,
      sessions: z.array(Session),
      latches: z.array(Latch),
      releases: z.array(Release),
      /** Of the sessions that this caller may join: those with somebody in them, or asking for somebody. */
      supervision: z.array(SupervisionView).optional(),
    }),
  }),
  z.object({ event: z.literal('session'), data: Session }),
  z.object({ event: z.literal('meters'), data: z.array(SessionMeter) }),
  z.object({ event: z.literal('transcript'), data: z.array(TranscriptLine) }),
  z.object({ event: z.literal('order.ack'), data: OrderAck }),
  /** A frame that was under way when the order was acknowledged has now left or was cut off. */
  z.object({ event: z.literal('order.settled'), data: z.object({ order: z.uuid(), sessions: z.array(SessionEffect) }) }),
  z.object({ event: z.literal('order.stored'), data: z.object({ order: z.uuid(), entry: z.number().int() }) }),
  z.object({ event: z.literal('latch'), data: Latch }),
  z.object({ event: z.literal('latch.released'), data: z.object({ order: z.uuid(), release: z.uuid() }) }),
  z.object({ event: z.literal('release'), data: Release }),
  /** A proposal was opened or changed. */
  z.object({ event: z.literal('proposal'), data: z.object({ id: z.uuid() }) }),
  /** An action was asked for that a human has to decide, or was decided. */
  z.object({ event: z.literal('action'), data: z.object({ id: z.uuid(), state: ActionState, session: z.uuid().nullable() }) }),
  /** Something for this person alone; consoles show it at once. */
  z.object({ event: z.literal('notice'), data: NoticeView }),
  /** Who listens in and speaks in a session, and whether its engine asks for a human. Told to those who may join it. */
  z.object({ event: z.literal('supervision'), data: SupervisionView }),
  /** `path`: the console's page where something can be done about it. */
  z.object({
    event: z.literal('alarm'),
    data: z.object({ code: z.string(), message: z.string(), raised: z.boolean(), path: z.string().optional() }),
  }),
  /** `request` is the id of the order or release that was refused, or null when the message could not be read. */
  z.object({ event: z.literal('refused'), data: z.object({ request: z.string().nullable(), problem: Problem }) }),
]);
export type OperatorEvent = z.infer<typeof OperatorEvent>;
