import { z } from 'zod';
import { AudioFormat } from './realtime-client-session.ts';

const status = z.enum(['completed', 'incomplete', 'in_progress']);
const head = { id: z.string(), object: z.literal('realtime.item') };

/** An item of the conversation, as the server tells it. Audio itself is never kept. */
export const RealtimeItem = z.discriminatedUnion('type', [
  z.discriminatedUnion('role', [
    z.object({
      ...head,
      type: z.literal('message'),
      role: z.literal('user'),
      status,
      content: z.array(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('input_text'), text: z.string() }),
          z.object({ type: z.literal('input_image'), image_url: z.string() }),
          z.object({ type: z.literal('input_audio'), transcript: z.string().nullable() }),
        ]),
      ),
    }),
    z.object({
      ...head,
      type: z.literal('message'),
      role: z.literal('system'),
      status,
      content: z.array(z.object({ type: z.literal('input_text'), text: z.string() })),
    }),
    z.object({
      ...head,
      type: z.literal('message'),
      role: z.literal('assistant'),
      status,
      content: z.array(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('output_text'), text: z.string() }),
          z.object({ type: z.literal('output_audio'), transcript: z.string() }),
        ]),
      ),
    }),
  ]),
  z.object({
    ...head,
    type: z.literal('function_call'),
    status,
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({ ...head, type: z.literal('function_call_output'), status, call_id: z.string(), output: z.string() }),
]);
export type RealtimeItem = z.infer<typeof RealtimeItem>;

const StatusDetails = z.object({
  type: z.enum(['completed', 'cancelled', 'incomplete', 'failed']),
  reason: z.enum(['turn_detected', 'client_cancelled', 'max_output_tokens', 'content_filter']).optional(),
  error: z.object({ type: z.string(), code: z.string(), message: z.string() }).optional(),
});
export type StatusDetails = z.infer<typeof StatusDetails>;

/** No `usage`: the engines here do not count tokens, and none is invented. */
export const RealtimeResponse = z.object({
  object: z.literal('realtime.response'),
  id: z.string(),
  status: z.enum(['completed', 'cancelled', 'failed', 'incomplete', 'in_progress']),
  status_details: StatusDetails.nullable(),
  output: z.array(RealtimeItem),
  conversation_id: z.string(),
  output_modalities: z.array(z.enum(['audio', 'text'])),
  audio: z.object({ output: z.object({ format: AudioFormat, voice: z.string() }) }),
  max_output_tokens: z.literal('inf'),
  metadata: z.record(z.string(), z.string()).nullable(),
});
export type RealtimeResponse = z.infer<typeof RealtimeResponse>;

const RealtimeSessionShape = z.looseObject({ type: z.literal('realtime'), id: z.string(), model: z.string() });

const Part = z.object({ type: z.enum(['text', 'audio']), text: z.string().optional(), transcript: z.string().optional() });
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), event_id: z.string(), ...shape });
const ofItem = { response_id: z.string(), item_id: z.string(), output_index: z.number() };
const ofPart = { ...ofItem, content_index: z.literal(0) };
const added = { item: RealtimeItem, previous_item_id: z.string().nullable() };
const heard = { item_id: z.string(), content_index: z.literal(0) };

/** An event that the server sends: the Realtime protocol's, and those of our own (`wheelhouse.*`), which its clients pass on as they are. */
export const RealtimeServerEvent = z.discriminatedUnion('type', [
  event('error', {
    error: z.looseObject({
      type: z.string(),
      code: z.string(),
      message: z.string(),
      param: z.string().nullable(),
      event_id: z.string().nullable(),
    }),
  }),
  event('session.created', { session: RealtimeSessionShape }),
  event('session.updated', { session: RealtimeSessionShape }),
  event('conversation.item.added', added),
  event('conversation.item.done', added),
  event('conversation.item.retrieved', { item: RealtimeItem }),
  event('conversation.item.deleted', { item_id: z.string() }),
  event('conversation.item.truncated', { item_id: z.string(), content_index: z.literal(0), audio_end_ms: z.number() }),
  event('conversation.item.input_audio_transcription.delta', { ...heard, delta: z.string() }),
  event('conversation.item.input_audio_transcription.completed', {
    ...heard,
    transcript: z.string(),
    usage: z.object({ type: z.literal('duration'), seconds: z.number() }),
  }),
  event('input_audio_buffer.speech_started', { item_id: z.string(), audio_start_ms: z.number() }),
  event('input_audio_buffer.speech_stopped', { item_id: z.string(), audio_end_ms: z.number() }),
  event('input_audio_buffer.committed', { item_id: z.string(), previous_item_id: z.string().nullable() }),
  event('input_audio_buffer.cleared', {}),
  event('output_audio_buffer.cleared', { response_id: z.string() }),
  event('rate_limits.updated', { rate_limits: z.array(z.object({})) }),
  event('response.created', { response: RealtimeResponse }),
  event('response.done', { response: RealtimeResponse }),
  event('response.output_item.added', { response_id: z.string(), output_index: z.number(), item: RealtimeItem }),
  event('response.output_item.done', { response_id: z.string(), output_index: z.number(), item: RealtimeItem }),
  event('response.content_part.added', { ...ofPart, part: Part }),
  event('response.content_part.done', { ...ofPart, part: Part }),
  event('response.output_text.delta', { ...ofPart, delta: z.string() }),
  event('response.output_text.done', { ...ofPart, text: z.string() }),
  event('response.output_audio.delta', { ...ofPart, delta: z.string() }),
  event('response.output_audio.done', ofPart),
  event('response.output_audio_transcript.delta', { ...ofPart, delta: z.string() }),
  event('response.output_audio_transcript.done', { ...ofPart, transcript: z.string() }),
  event('response.function_call_arguments.delta', { ...ofItem, call_id: z.string(), delta: z.string() }),
  event('response.function_call_arguments.done', { ...ofItem, call_id: z.string(), name: z.string(), arguments: z.string() }),
  event('wheelhouse.released', { order: z.string(), latched: z.array(z.string()), tick: z.number() }),
  event('wheelhouse.level', { level: z.number(), tick: z.number() }),
  event('wheelhouse.lease', { held: z.boolean(), tick: z.number() }),
  event('wheelhouse.hold_back', { ticks: z.number(), tick: z.number() }),
  event('wheelhouse.checkpoint', {
    checkpoint: z.string(),
    verdict: z.string(),
    tick: z.number(),
    policies: z.array(z.string()),
    action: z.string().nullable(),
  }),
]);
export type RealtimeServerEvent = z.infer<typeof RealtimeServerEvent>;

type Nameless<E> = E extends unknown ? Omit<E, 'event_id'> : never;
/** An event before it is given its id. */
export type NewServerEvent = Nameless<RealtimeServerEvent>;
