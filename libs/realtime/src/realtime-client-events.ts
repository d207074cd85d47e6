import { ToolResult } from '@wheelhouse/protocol/tool-call';
import { z } from 'zod';
import { faultOf, only, type RealtimeFault, type Refused, unsupported } from './realtime-fault.ts';
import {
  AudioFormat,
  Instructions,
  MaxTokens,
  Modalities,
  ParallelCalls,
  Prompt,
  Reasoning,
  SessionUpdate,
  ToolChoice,
  Tools,
  Voice,
} from './realtime-client-session.ts';

/** Longest event, in characters: over ten seconds of PCM16 at 24 kHz in base64. */
export const LONGEST_EVENT = 1_048_576;
/** Longest text of one content part, in bytes of UTF-8: what the engine reads at once. */
export const LONGEST_TEXT_BYTES = 4000;

const eventId = z.string().max(512).optional();
const Id = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, { error: 'ids have 1 to 64 letters, digits, or _ . : -' });

const Text = z
  .string()
  .min(1)
  .refine((text) => new TextEncoder().encode(text).length <= LONGEST_TEXT_BYTES, {
    message: `a text has at most ${LONGEST_TEXT_BYTES} bytes; send it in several parts.`,
  });
const InputText = z.strictObject({ type: z.literal('input_text'), text: Text });
const InputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().startsWith('data:image/jpeg;base64,', {
    error: 'an image is one JPEG in a data: URL (data:image/jpeg;base64,…); nothing is fetched from here',
  }),
  detail: only(['auto'], 'the engine looks at images in one way only.'),
});
const SPEECH = 'speech goes in through input_audio_buffer.append, at the speed of speech.';
const head = { type: z.literal('message'), id: Id.optional(), object: z.literal('realtime.item').optional() };
const status = z.enum(['completed', 'incomplete', 'in_progress']).optional();

const Message = z.discriminatedUnion('role', [
  z.strictObject({
    ...head,
    role: z.literal('user'),
    status,
    content: z
      .array(z.discriminatedUnion('type', [InputText, InputImage, unsupported('input_audio', SPEECH)]))
      .min(1)
      .max(16)
      .refine((parts) => parts.filter(({ type }) => type === 'input_image').length <= 1, { message: 'one image a message.' }),
  }),
  z.strictObject({ ...head, role: z.literal('system'), status, content: z.array(InputText).min(1).max(16) }),
  z.strictObject({
    ...head,
    role: z.literal('assistant'),
    status,
    content: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('output_text'), text: Text }),
          unsupported('output_audio', 'what the assistant said earlier is given as output_text.'),
        ]),
      )
      .min(1)
      .max(16),
  }),
]);

const MCP_ITEM = 'there are no MCP items here: a human decides on held calls in the console, and your client never sees a call before.';
const NewItem = z.discriminatedUnion('type', [
  Message,
  z.strictObject({
    type: z.literal('function_call_output'),
    id: Id.optional(),
    object: z.literal('realtime.item').optional(),
    status,
    call_id: ToolResult.shape.call,
    output: ToolResult.shape.output,
  }),
  unsupported('function_call', 'calls are made by the engine, and reach you when they are allowed.'),
  unsupported('mcp_list_tools', MCP_ITEM),
  unsupported('mcp_call', MCP_ITEM),
  unsupported('mcp_tool_call', MCP_ITEM),
  unsupported('mcp_approval_request', MCP_ITEM),
  unsupported('mcp_approval_response', MCP_ITEM),
]);
export type NewItem = z.infer<typeof NewItem>;

const Metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((metadata) => Object.keys(metadata).length <= 16, { message: 'metadata has at most 16 pairs.' });

const ResponseParams = z.strictObject({
  instructions: Instructions.optional(),
  output_modalities: Modalities.optional(),
  audio: z.strictObject({ output: z.strictObject({ format: AudioFormat.optional(), voice: Voice.optional() }).optional() }).optional(),
  tools: Tools.optional(),
  tool_choice: ToolChoice.optional(),
  metadata: Metadata.nullable().optional(),
  conversation: only(['auto'], 'the engine has one conversation, and answers in it.'),
  input: only([], 'the engine answers to the conversation as it is; add to it with conversation.item.create.'),
  max_output_tokens: MaxTokens,
  parallel_tool_calls: ParallelCalls,
  reasoning: Reasoning,
  prompt: Prompt,
});
export type ResponseParams = z.infer<typeof ResponseParams>;

/** An event of the Realtime protocol (GA) that a client may send. */
export const RealtimeClientEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('session.update'), event_id: eventId, session: SessionUpdate }),
  z.strictObject({ type: z.literal('input_audio_buffer.append'), event_id: eventId, audio: z.string().min(1).max(LONGEST_EVENT) }),
  z.strictObject({ type: z.literal('input_audio_buffer.commit'), event_id: eventId }),
  z.strictObject({ type: z.literal('input_audio_buffer.clear'), event_id: eventId }),
  z.strictObject({ type: z.literal('output_audio_buffer.clear'), event_id: eventId }),
  z.strictObject({
    type: z.literal('conversation.item.create'),
    event_id: eventId,
    previous_item_id: Id.nullable().optional(),
    item: NewItem,
  }),
  z.strictObject({ type: z.literal('conversation.item.retrieve'), event_id: eventId, item_id: Id }),
  z.strictObject({ type: z.literal('conversation.item.delete'), event_id: eventId, item_id: Id }),
  z.strictObject({
    type: z.literal('conversation.item.truncate'),
    event_id: eventId,
    item_id: Id,
    content_index: z.literal(0),
    audio_end_ms: z.number().int().min(0).max(86_400_000),
  }),
  z.strictObject({ type: z.literal('response.create'), event_id: eventId, response: ResponseParams.optional() }),
  z.strictObject({ type: z.literal('response.cancel'), event_id: eventId, response_id: Id.optional() }),
]);
export type RealtimeClientEvent = z.infer<typeof RealtimeClientEvent>;

/** Reads one message of a client: an event, or what is wrong with it. */
export function readClientEvent(text: string): { readonly event: RealtimeClientEvent } | { readonly fault: RealtimeFault } {
  if (text.length > LONGEST_EVENT)
    return refused({ code: 'event_too_large', message: `An event has at most ${LONGEST_EVENT} characters.`, param: null }, null);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused({ code: 'invalid_json', message: 'The message is not JSON.', param: null }, null);
  }
  const parsed = RealtimeClientEvent.safeParse(value);
  return parsed.success ? { event: parsed.data } : refused(faultOf(parsed.error, value), eventIdOf(value));
}

function refused(refusal: Refused, event_id: string | null): { readonly fault: RealtimeFault } {
  return { fault: { type: 'invalid_request_error', ...refusal, event_id } };
}

function eventIdOf(value: unknown): string | null {
  const event = z.looseObject({ event_id: z.string().max(512) }).safeParse(value);
  return event.success ? event.data.event_id : null;
}
