import { z } from 'zod';
import { LatchKind, Release } from './order.ts';
import { Level } from './level.ts';
import { Problem } from './problem.ts';
import { Session, TranscriptLine } from './session.ts';
import { GateEvent, StreamErrorCode } from './stream-event.ts';
import { SupervisionVerb, SupervisionView } from './supervisor.ts';
import { plainText } from './text.ts';

/** The WebSocket of a supervisor: the path is `/v1/supervise/<session>` on the stream port. */
export const SUPERVISE_PATH = '/v1/supervise/';
export const SUPERVISE_PROTOCOL = 'wheelhouse.supervise.v1';
/** The subprotocol that carries the ticket: `supervise.<ticket>`. */
export const SUPERVISE_TICKET_PREFIX = 'supervise.';

/** `POST /v1/sessions/:id/supervise`: how to join. The ticket is good for one connection within 30 seconds. */
export const SuperviseTicket = z.object({
  session: Session,
  supervision: z.uuid(),
  url: z.string(),
  ticket: z.string(),
  expiresAt: z.iso.datetime(),
});
export type SuperviseTicket = z.infer<typeof SuperviseTicket>;

/**
 * `POST /v1/sessions/:id/hand-back`: asks for the release of the latch of a take-over, as any release is asked for, with what the engine is to know
 * when it goes on. `id` becomes the release's.
 */
export const HandBackRequest = z.strictObject({
  id: z.uuid(),
  /** The latch to release; without it the newest `take_over` over this session alone. */
  latch: z.uuid().optional(),
  summary: plainText(4000).min(1),
  reason: plainText(500).min(1).default('handed back'),
});
export type HandBackRequest = z.infer<typeof HandBackRequest>;

/** `kept`: the summary is stored, encrypted, until the engine has it; `memory`: a restart of the server would lose it. */
export const HandBack = z.object({ release: Release, kept: z.enum(['stored', 'memory']) });
export type HandBack = z.infer<typeof HandBack>;

/** What a supervisor may send, as JSON in a frame of kind `event` and source `human`. */
export const SuperviseCommand = z.discriminatedUnion('type', [
  /**
   * From now on. Answered by `verb` or `refused`. For `take_over`: `order` is the order's id, made up where it is absent; `engineHears`: whether the
   * engine hears the human too, whom it does not otherwise.
   */
  z.strictObject({
    type: z.literal('verb'),
    verb: SupervisionVerb,
    order: z.uuid().optional(),
    reason: plainText(500).default(''),
    engineHears: z.boolean().default(false),
  }),
  /** Guidance that only the engine hears: the order `whisper`. Answered by `whispered` or `refused`. */
  z.strictObject({ type: z.literal('whisper'), text: plainText(1000).min(1) }),
  z.strictObject({ type: z.literal('leave') }),
]);
export type SuperviseCommand = z.input<typeof SuperviseCommand>;

/** What a supervisor is told, as JSON in a frame of kind `event` and source `gate`. */
export const SuperviseEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    session: z.uuid(),
    supervision: z.uuid(),
    tick: z.number().int(),
    level: Level,
    latched: z.array(LatchKind),
    sampleRate: z.literal(16_000),
    tickMs: z.literal(200),
  }),
  /** What this supervisor does from now on: asked for, or because the latch of a take-over was released. `order`: the latch under which they speak. */
  z.object({ type: z.literal('verb'), verb: SupervisionVerb, order: z.uuid().nullable(), because: z.string() }),
  z.object({ type: z.literal('whispered'), order: z.uuid() }),
  /** What was asked for did not happen, or not all of it: `problem` says. */
  z.object({ type: z.literal('refused'), what: z.enum(['verb', 'whisper']), problem: Problem }),
  /** Everybody who is there now, and the engine's request for a human. */
  z.object({ type: z.literal('supervision'), supervision: SupervisionView }),
  z.object({ type: z.literal('transcript'), lines: z.array(TranscriptLine) }),
  /** What the person typed. */
  z.object({ type: z.literal('typed'), tick: z.number().int(), text: z.string() }),
  /** What the gate told the client. */
  z.object({ type: z.literal('gate'), event: GateEvent }),
  /** Whether a client is attached: without one there is nothing to hear, and nobody to hear you. */
  z.object({ type: z.literal('client'), attached: z.boolean() }),
  z.object({ type: z.literal('error'), code: StreamErrorCode, message: z.string(), fatal: z.boolean() }),
  z.object({ type: z.literal('ended'), reason: z.string() }),
]);
export type SuperviseEvent = z.infer<typeof SuperviseEvent>;
