import { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import { z } from 'zod';
import { LiveAudioFormat, LiveHistoryItem } from './live-client-session.ts';

const milliseconds = z.number().int().min(0);
const client_event_id = z.string().optional();
const span = { start_ms: milliseconds, end_ms: milliseconds };

/** The session as the server resolved it. A sideband is told what of it is not its primary connection's own. */
export const LiveSessionResource = z.object({
  /** Wheelhouse's own id of the session: the same in its API, console and ledger. */
  id: z.string(),
  /** Unix time in seconds at which the session is ended. */
  expires_at: z.number().int(),
  model: z.string(),
  status: z.literal('active'),
  audio: z.object({
    format: LiveAudioFormat,
    output: z.object({ voice: z.union([z.string(), z.object({ id: z.string() })]) }).optional(),
  }),
  delegation: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('client') }),
      z.object({
        type: z.literal('responses'),
        responses: z.object({
          model: z.string(),
          tool_choice: z.enum(['auto', 'none']),
          tools: z.array(z.looseObject({ name: z.string() })),
        }),
      }),
    ])
    .optional(),
  input: z.array(LiveHistoryItem).optional(),
  instructions: z.string().optional(),
  store: z.literal(false),
  triggers: z.array(z.never()).optional(),
});
export type LiveSessionResource = z.infer<typeof LiveSessionResource>;

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), event_id: z.string(), client_event_id, ...shape });

const usage = z.object({ seconds: z.number().min(0) });

/**
 * An event that the server sends. Shapes: `ServerEvent` in `resources/live/live.d.ts` of the npm package `openai` 7.57. `info` carries, beside the protocol's
 * own fields, what the gate or the engine said (`wheelhouse`), for those who want more than its words.
 */
export const LiveServerEvent = z.discriminatedUnion('type', [
  event('session.started', { session: LiveSessionResource }),
  event('session.updated', { session: LiveSessionResource }),
  event('session.input_audio.muted', {}),
  event('session.input_audio.unmuted', {}),
  event('session.instructions.appended', span),
  event('session.thinking.appended', span),
  event('session.commentary.appended', span),
  event('session.input_transcript.delta', { ...span, delta: z.string() }),
  event('session.output_transcript.delta', { ...span, delta: z.string() }),
  z.object({
    type: z.literal('session.output_audio.delta'),
    delta: z.string(),
    start_ms: milliseconds.optional(),
    end_ms: milliseconds.optional(),
  }),
  /** To a sideband only: what the person's client sent. */
  z.object({ type: z.literal('session.input_audio.append'), audio: z.string() }),
  event('session.delegation.created', {
    offset_ms: milliseconds,
    delegation: z.object({
      id: z.string(),
      target: z.literal('responses'),
      type: z.literal('delegation'),
      response_id: z.string(),
    }),
  }),
  event('response.event', { delegation_id: z.string().nullable(), event: z.looseObject({ type: z.string() }) }),
  event('session.usage.updated', { usage }),
  event('session.closed', {
    reason: z.enum(['close_requested', 'expired', 'content', 'remote_hangup', 'connection_lost']),
    session: LiveSessionResource,
    usage,
  }),
  event('error', {
    error: z.object({ type: z.string(), code: z.string(), message: z.string(), param: z.string().optional(), client_event_id }),
  }),
  event('info', { code: z.string(), message: z.string(), wheelhouse: z.union([GateEvent, EngineEvent]).optional() }),
]);
export type LiveServerEvent = z.infer<typeof LiveServerEvent>;

/** Events that carry an id; sound has none. */
export type NamedLiveEvent = Extract<LiveServerEvent, { event_id: string }>;
