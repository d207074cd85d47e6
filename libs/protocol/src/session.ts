import { z } from 'zod';
import { Recordable, RecordRequest } from './content.ts';
import { Level } from './level.ts';
import { LatchKind } from './order.ts';
import { Supervisor } from './supervisor.ts';
import { plainText } from './text.ts';

export const ENGINE_KINDS = ['relay', 'echo', 'realtime'] as const;
export const EngineKind = z.enum(ENGINE_KINDS);
export type EngineKind = z.infer<typeof EngineKind>;

/** A model offered to sessions. */
export const Deployment = z.object({
  name: z.string(),
  engine: EngineKind,
  model: z.string(),
  maxLevel: Level,
  /** What its sessions may record, when whoever opens one asks for it with a consent. */
  mayRecord: z.array(Recordable),
  description: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;

/** `POST /v1/sessions` */
export const SessionRequest = z.strictObject({
  deployment: plainText(200).min(1).default('relay'),
  level: Level.default(3),
  /** Whose data the session carries, by a name of the tenant's own; whoever opens it, unless this says otherwise. */
  subject: plainText(200).min(1).optional(),
  /** What is recorded of it. Absent: nothing. */
  record: RecordRequest.optional(),
});
export type SessionRequest = z.infer<typeof SessionRequest>;

/**
 * - `waiting`: opened, or cut off (a lost connection, a server restart); its client may attach with a fresh ticket.
 * - `live`: a client is connected and ticks run.
 * - `ended`: over for good.
 */
export const SessionState = z.enum(['waiting', 'live', 'ended']);
export type SessionState = z.infer<typeof SessionState>;

export const Session = z.object({
  id: z.uuid(),
  tenant: z.string(),
  deployment: z.string(),
  model: z.string(),
  engine: EngineKind,
  /** The level granted when the session was opened. */
  level: Level,
  /** The lowest of the granted level, its caps and the level orders in force. */
  effectiveLevel: Level,
  state: SessionState,
  openedAt: z.iso.datetime(),
  openedByName: z.string(),
  endedAt: z.iso.datetime().nullable(),
  /** Kinds of the latches in force that cover the session. */
  latched: z.array(LatchKind),
  /** What of it is recorded; of a session that has ended, what was to be. Empty: nothing. */
  recorded: z.array(Recordable),
  tick: z.number().int(),
  lastSequence: z.number().int(),
  /** Humans who listen in or speak. Shown to those who may join the session themselves, and to nobody else: monitoring is silent. */
  supervisors: z.array(Supervisor).optional(),
});
export type Session = z.infer<typeof Session>;

/**
 * How to attach to a session: open a WebSocket to `url` with the subprotocols `wheelhouse.v1` and `ticket.<ticket>`.
 * A ticket is good for one connection within 30 seconds.
 */
export const Attachment = z.object({ session: Session, url: z.string(), ticket: z.string(), expiresAt: z.iso.datetime() });
export type Attachment = z.infer<typeof Attachment>;

/** One line of a session's live transcript. Held in memory while the session lives, never logged; stored only where it is recorded (`content.ts`). */
export const TranscriptLine = z.object({
  session: z.uuid(),
  tick: z.number().int(),
  who: z.enum(['heard', 'said', 'gate']),
  /** For `heard`: the utterance it belongs to; a later line of the same utterance replaces it. What is `said` comes in pieces, none final. */
  utterance: z.number().int(),
  text: z.string(),
  final: z.boolean(),
  /** False when the gate withheld it: operators see it, the client did not. */
  left: z.boolean(),
});
export type TranscriptLine = z.infer<typeof TranscriptLine>;
