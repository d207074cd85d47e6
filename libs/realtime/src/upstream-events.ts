import { z } from 'zod';

/** Longest event that is read from an upstream, in characters: twenty seconds of PCM16 at 24 kHz in base64. */
export const LONGEST_UPSTREAM_EVENT = 2_000_000;

const Id = z.string().min(1).max(128);
const text = z.string().max(LONGEST_UPSTREAM_EVENT);
const ofItem = { response_id: Id, item_id: Id };
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) => z.object({ type: z.literal(type), ...shape });

const Format = z.object({ type: z.string().optional(), rate: z.number().optional() });
const Session = z.object({
  type: z.string().optional(),
  audio: z.object({ output: z.object({ format: Format.nullish() }).nullish() }).nullish(),
});
const Item = z.object({
  id: Id,
  type: z.string(),
  role: z.string().optional(),
  call_id: z.string().max(128).nullish(),
  name: z.string().max(256).nullish(),
});
const ResponseError = z.object({ code: z.string().nullish(), message: z.string().nullish(), type: z.string().nullish() });
const Response = z.object({
  id: Id,
  status: z.string().nullish(),
  status_details: z.object({ reason: z.string().nullish(), error: ResponseError.nullish() }).nullish(),
});

/**
 * What an upstream says, as far as it is acted on. Servers of several makers are read with it, and they add fields: so it is wider than
 * `RealtimeServerEvent`, which is what Wheelhouse itself says. Ids and texts are the upstream's word and nothing more.
 */
export const UpstreamEvent = z.discriminatedUnion('type', [
  event('error', {
    error: z.object({
      type: z.string().nullish(),
      code: z.string().nullish(),
      message: z.string().nullish(),
      event_id: z.string().nullish(),
    }),
  }),
  event('session.created', { session: Session.optional() }),
  event('session.updated', { session: Session.optional() }),
  event('input_audio_buffer.speech_started', { item_id: Id.nullish() }),
  event('input_audio_buffer.speech_stopped', { item_id: Id.nullish() }),
  event('input_audio_buffer.committed', { item_id: Id }),
  event('conversation.item.input_audio_transcription.delta', { item_id: Id, delta: text.optional() }),
  event('conversation.item.input_audio_transcription.completed', { item_id: Id, transcript: text }),
  event('conversation.item.input_audio_transcription.failed', { item_id: Id, error: ResponseError.optional() }),
  event('response.created', { response: Response }),
  event('response.done', { response: Response }),
  event('response.output_item.added', { response_id: Id, item: Item }),
  event('response.output_audio.delta', { ...ofItem, delta: text }),
  event('response.output_audio.done', ofItem),
  event('response.output_audio_transcript.delta', { ...ofItem, delta: text }),
  event('response.output_audio_transcript.done', ofItem),
  event('response.output_text.delta', { ...ofItem, delta: text }),
  event('response.output_text.done', ofItem),
  event('response.function_call_arguments.done', {
    ...ofItem,
    call_id: z.string().max(128),
    name: z.string().max(256).nullish(),
    arguments: text,
  }),
]);
export type UpstreamEvent = z.infer<typeof UpstreamEvent>;

/** One message of an upstream: an event that is acted on, one that is not (`other`), or something that is no event at all. */
export type UpstreamMessage =
  | { readonly type: 'event'; readonly event: UpstreamEvent }
  | { readonly type: 'other' }
  | { readonly type: 'garbage'; readonly why: string };

const KNOWN = new Set(UpstreamEvent.options.map((option) => option.shape.type.value));
const isKnown = (type: string): boolean => [...KNOWN].some((known) => known === type);
const Typed = z.looseObject({ type: z.string().min(1).max(128) });

/** Reads one text message of an upstream. */
export function readUpstreamEvent(message: string): UpstreamMessage {
  if (message.length > LONGEST_UPSTREAM_EVENT)
    return { type: 'garbage', why: `an event of ${message.length} characters; ${LONGEST_UPSTREAM_EVENT} are the most` };
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return { type: 'garbage', why: 'a message that is not JSON' };
  }
  const typed = Typed.safeParse(value);
  if (!typed.success) return { type: 'garbage', why: 'a message without a type' };
  if (!isKnown(typed.data.type)) return { type: 'other' };
  const parsed = UpstreamEvent.safeParse(value);
  if (parsed.success) return { type: 'event', event: parsed.data };
  const [issue] = parsed.error.issues;
  return { type: 'garbage', why: `${typed.data.type} whose ${issue?.path.map(String).join('.') ?? 'shape'} is not what the protocol says` };
}
