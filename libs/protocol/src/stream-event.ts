import { z } from 'zod';
import { Recordable } from './content.ts';
import { Level } from './level.ts';
import { LATCH_KINDS } from './order.ts';
import { MOST_HOLD_BACK, Verdict } from './policy.ts';
import { EngineConfig, ToolCall, ToolResult } from './tool-call.ts';

/** Codes of the typed error frame on the stream. Each is in docs/errors.md and has a test. */
export const STREAM_ERRORS = [
  'frame_too_short',
  'frame_too_large',
  'frame_version',
  'frame_kind',
  'frame_source',
  'frame_timestamp',
  'not_binary',
  'wrong_session',
  'out_of_order',
  'replayed',
  'sample_rate',
  'odd_audio',
  'bad_text',
  'bad_event',
  'bad_image',
  'too_much_audio',
  'not_speaking',
  'engine_lost',
  'server_stopping',
] as const;
export const StreamErrorCode = z.enum(STREAM_ERRORS);
export type StreamErrorCode = z.infer<typeof StreamErrorCode>;

/** Events that the gate sends to a stream client (source `gate`). */
export const GateEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    session: z.uuid(),
    tick: z.number().int(),
    level: Level,
    sampleRate: z.literal(16_000),
    tickMs: z.literal(200),
    latched: z.array(z.enum(LATCH_KINDS)),
    /** What of the session is recorded. Empty: nothing. */
    recorded: z.array(Recordable),
    /** Ticks for which output is held back until its checkpoint has answered: the delay that policy adds. */
    holdBack: z.number().int().min(0).max(MOST_HOLD_BACK),
  }),
  /** An order landed: drop everything of the engine's that has not been played yet. Nothing of it follows until the latch is released. */
  z.object({
    type: z.literal('flush'),
    order: z.uuid(),
    kind: z.enum(LATCH_KINDS),
    tick: z.number().int(),
    lastSequence: z.number().int(),
  }),
  z.object({ type: z.literal('released'), order: z.uuid(), latched: z.array(z.enum(LATCH_KINDS)), tick: z.number().int() }),
  z.object({ type: z.literal('level'), level: Level, tick: z.number().int() }),
  /** The right to emit ran out (law 4): the gate is closed by itself until the lease is renewed. */
  z.object({ type: z.literal('lease'), held: z.boolean(), tick: z.number().int() }),
  /** From now on output is held back for so many ticks. */
  z.object({ type: z.literal('hold_back'), ticks: z.number().int().min(0).max(MOST_HOLD_BACK), tick: z.number().int() }),
  /** A checkpoint did not simply allow: what the client sent, or what was to reach it, was changed, waits for a human, or was dropped. `action` names a tool call that waits. */
  z.object({
    type: z.literal('checkpoint'),
    checkpoint: z.enum(['tick.input', 'tick.output', 'tool.call']),
    verdict: Verdict,
    tick: z.number().int(),
    policies: z.array(z.string()),
    action: z.uuid().optional(),
  }),
  /** A verdict came after its output had left: drop everything that has not been played yet. */
  z.object({ type: z.literal('cut'), tick: z.number().int(), lastSequence: z.number().int(), policies: z.array(z.string()) }),
  z.object({ type: z.literal('error'), code: StreamErrorCode, message: z.string(), fatal: z.boolean() }),
  z.object({ type: z.literal('ended'), reason: z.string() }),
]);
export type GateEvent = z.infer<typeof GateEvent>;

/** Events of the engine (source `engine`); they pass the gate like any other output. */
export const EngineEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('heard'), utterance: z.number().int(), text: z.string(), final: z.boolean() }),
  /** The engine was interrupted and yields: drop what has not been played. */
  z.object({ type: z.literal('yield') }),
  /** It wants something done, and may: policy or a human allowed it. The client answers with a `result`. */
  ToolCall.extend({ type: z.literal('call') }),
  /** It has said all of an answer, or gave it up. */
  z.object({ type: z.literal('turn_ended') }),
]);
export type EngineEvent = z.infer<typeof EngineEvent>;

/** Events that a client may send. */
export const ClientEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('end') }),
  /** What the engine is to be from now on, whole. */
  z.strictObject({ type: z.literal('config'), config: EngineConfig }),
  z.strictObject({ type: z.literal('result'), result: ToolResult }),
  /** Stop speaking, and drop what was not said yet. */
  z.strictObject({ type: z.literal('hush') }),
]);
export type ClientEvent = z.infer<typeof ClientEvent>;
