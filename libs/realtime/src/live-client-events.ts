import { ToolResult } from '@wheelhouse/protocol/tool-call';
import { z } from 'zod';
import { LiveSessionConfig, LiveSessionUpdate } from './live-client-session.ts';
import { faultOf, type Refused, unsupported } from './realtime-fault.ts';

/** Longest event, in characters: over ten seconds of PCM16 at 24 kHz in base64. */
export const LONGEST_LIVE_EVENT = 1_048_576;
/** Longest text that is appended to a session, in characters. The protocol counts 500 tokens, which no engine here does. */
const LONGEST_CONTENT = 2000;

const event_id = z.string().max(512).nullable().optional();
const event = <T extends string>(type: T) => z.strictObject({ type: z.literal(type), event_id });
const append = <T extends string>(type: T) =>
  z.strictObject({
    type: z.literal(type),
    event_id,
    content: z.string().min(1).max(LONGEST_CONTENT),
    delegation_id: z
      .string()
      .nullable()
      .refine((id) => id === null, {
        message: 'nothing was delegated to the client under an id of its own; use null.',
        params: { unsupported: true },
      }),
  });

const FIXTURE = 'sound that nobody said is not played to people: what leaves is the engine’s, or a human’s who took over.';
const DECISIONS = 'the Decisions API is not offered here; policy decides at the checkpoints, see /v1/decisions.';
const ITEM = 'only function_call_output is taken here; the conversation itself is spoken.';

const ResponseItem = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('function_call_output'),
    id: z.string().max(512).nullable().optional(),
    status: z.enum(['in_progress', 'completed', 'incomplete']).nullable().optional(),
    call_id: ToolResult.shape.call,
    output: ToolResult.shape.output,
  }),
  ...(
    [
      'message',
      'item_reference',
      'reasoning',
      'function_call',
      'custom_tool_call',
      'custom_tool_call_output',
      'computer_call_output',
      'shell_call_output',
      'local_shell_call_output',
      'apply_patch_call_output',
      'mcp_approval_response',
    ] as const
  ).map((type) => unsupported(type, ITEM)),
]);

/**
 * An event that a client may send on the primary connection of a Live session. Shapes: `ClientEvent` in `resources/live/live.d.ts` of the npm package
 * `openai` 7.57. What the protocol has and Wheelhouse has not is named here too, so that its refusal says why.
 */
export const LiveClientEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('session.start'), event_id, session: LiveSessionConfig }),
  z.strictObject({ type: z.literal('session.update'), event_id, session: LiveSessionUpdate }),
  z.strictObject({ type: z.literal('session.input_audio.append'), event_id, audio: z.string().min(1).max(LONGEST_LIVE_EVENT) }),
  event('session.input_audio.mute'),
  event('session.input_audio.unmute'),
  append('session.instructions.append'),
  append('session.thinking.append'),
  append('session.commentary.append'),
  z.strictObject({ type: z.literal('response.item.create'), event_id, item: ResponseItem }),
  event('response.create'),
  event('session.close'),
  unsupported('session.output_audio.fixture.play', FIXTURE),
  unsupported('decision.create', DECISIONS),
  unsupported('decision.item.create', DECISIONS),
  unsupported('decision.item.delete', DECISIONS),
  unsupported('transport.dtmf.send', 'no telephone call is behind this session.'),
]);
export type LiveClientEvent = z.infer<typeof LiveClientEvent>;

/** What is wrong with an event, and with which; told to the client in an `error` event. */
export type LiveFault = Refused & { readonly clientEvent: string | null };
export type LiveReading = { readonly event: LiveClientEvent } | { readonly fault: LiveFault };

/** Reads one message of a client: an event, or what is wrong with it. */
export function readLiveEvent(text: string): LiveReading {
  if (text.length > LONGEST_LIVE_EVENT)
    return fault({ code: 'event_too_large', message: `An event has at most ${LONGEST_LIVE_EVENT} characters.`, param: null }, null);
  const read = jsonOf(text);
  if (read === null) return fault({ code: 'invalid_json', message: 'The message is not JSON.', param: null }, null);
  const parsed = LiveClientEvent.safeParse(read.value);
  return parsed.success ? { event: parsed.data } : fault(faultOf(parsed.error, read.value), eventIdOf(read.value));
}

export function jsonOf(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function fault(refused: Refused, clientEvent: string | null): LiveReading {
  return { fault: { ...refused, clientEvent } };
}

/** The client's own id of an event that could not be read. */
export function eventIdOf(value: unknown): string | null {
  const read = z.looseObject({ event_id: z.string().max(512) }).safeParse(value);
  return read.success ? read.data.event_id : null;
}
