import { ToolOffer } from '@wheelhouse/protocol/tool-call';
import { z } from 'zod';
import { only, unsupported } from './realtime-fault.ts';

/** Longest instructions, in characters, with all that is appended to them: what the engine reads at once. */
export const LONGEST_INSTRUCTIONS = 16_000;
/** Most messages of history, and the longest, in characters. */
export const MOST_HISTORY = 64;
const LONGEST_MESSAGE = 4000;
const LONGEST_NAME = 200;

/** Audio both ways on the primary connection: mono, PCM16 little-endian or G.711. */
export const LiveAudioFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.union([z.literal(16_000), z.literal(24_000)]) }),
  z.strictObject({ type: z.literal('audio/pcmu'), rate: z.literal(8_000) }),
  z.strictObject({ type: z.literal('audio/pcma'), rate: z.literal(8_000) }),
]);
export type LiveAudioFormat = z.infer<typeof LiveAudioFormat>;

const Voice = z.union([z.string().min(1).max(64), z.strictObject({ id: z.string().min(1).max(64) })], {
  error: 'a voice is a name of 1 to 64 characters, or { "id": … }',
});
export type LiveVoice = z.infer<typeof Voice>;

const Text = z.string().min(1).max(LONGEST_MESSAGE);
const messageHead = {
  id: z.string().max(512).nullable().optional(),
  status: z.enum(['incomplete', 'completed']).nullable().optional(),
  type: z.literal('message').optional(),
};
const asked = z.tuple([z.strictObject({ type: z.literal('input_text').optional(), text: Text })]);
const answered = z.tuple([z.strictObject({ type: z.enum(['text', 'output_text']).optional(), text: Text })]);

/** A message of the history that a session starts with: one text part each. */
export const LiveHistoryItem = z.discriminatedUnion('role', [
  z.strictObject({ ...messageHead, role: z.literal('developer'), content: asked }),
  z.strictObject({ ...messageHead, role: z.literal('user'), content: asked }),
  z.strictObject({ ...messageHead, role: z.literal('assistant'), content: answered }),
]);
export type LiveHistoryItem = z.infer<typeof LiveHistoryItem>;

const BACKEND = 'there is no background model here: the session’s own model uses the tools. Leave it out.';
const HOSTED =
  'hosted tools are not run here, for every call passes the checkpoint tool.call; offer a function and carry it out in your client.';

const FunctionTool = z.strictObject({
  type: z.literal('function'),
  name: ToolOffer.shape.name,
  description: ToolOffer.shape.description.nullable().optional(),
  parameters: ToolOffer.shape.parameters.nullable().optional(),
  strict: only([null, false], 'arguments are passed on as the engine gives them, not checked against the schema.'),
});
export type LiveFunctionTool = z.infer<typeof FunctionTool>;

const Tools = z
  .array(
    z
      .unknown()
      .refine((tool) => kindOf(tool) === undefined || kindOf(tool) === 'function', {
        message: HOSTED,
        params: { unsupported: true },
        path: ['type'],
        abort: true,
      })
      .pipe(FunctionTool),
  )
  .max(64)
  .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, { message: 'two tools have the same name.' });

function kindOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}

const responses = {
  instructions: only([null, ''], BACKEND),
  max_output_tokens: only([null], BACKEND),
  parallel_tool_calls: only([null, true], 'the engine calls tools as it sees fit, also several at once.'),
  reasoning: only([null], BACKEND),
  service_tier: only([null, 'auto', 'default'], BACKEND),
  text: only([null], BACKEND),
  tool_choice: only(['auto', 'none'], 'the engine decides by itself whether to use a tool: "auto", or "none".').pipe(
    z.enum(['auto', 'none']).optional(),
  ),
};
const noAcknowledgement = only([], 'nothing is spoken by itself while a delegation runs, so there is no delay to set. Leave it out.');
const DECISIONS = 'the Decisions API is not offered here; policy decides at the checkpoints, see /v1/decisions.';
const TRIGGERS = 'there are no Decisions triggers here; use [], or leave it out.';

const ClientDelegation = z.strictObject({ type: z.literal('client'), acknowledgement_delay_ms: noAcknowledgement });

/** Who carries out what the engine delegates. `responses`: the session's own model, with functions that the client carries out. */
const Delegation = z.discriminatedUnion('type', [
  ClientDelegation,
  z.strictObject({
    type: z.literal('responses'),
    acknowledgement_delay_ms: noAcknowledgement,
    responses: z.strictObject({ model: z.string().min(1).max(LONGEST_NAME), ...responses, tools: Tools.optional() }),
  }),
  unsupported('decisions', DECISIONS),
]);
export type LiveDelegation = Exclude<z.infer<typeof Delegation>, { type: 'decisions' }>;

const triggers = z.array(z.unknown()).max(0, { error: TRIGGERS }).optional();

/** The session that `session.start` asks for. */
export const LiveSessionConfig = z
  .strictObject({
    model: z.string().min(1).max(LONGEST_NAME),
    audio: z
      .strictObject({ format: LiveAudioFormat.optional(), output: z.strictObject({ voice: Voice.optional() }).optional() })
      .optional(),
    client: only([], 'data channels are WebRTC’s; this is a WebSocket.'),
    delegation: Delegation.nullable().optional(),
    input: z.array(LiveHistoryItem).max(MOST_HISTORY).optional(),
    instructions: z.string().max(LONGEST_INSTRUCTIONS).nullable().optional(),
    store: only([false], 'sessions are not stored for forking, and recorded only with a consent: open them with POST /v1/sessions.'),
    triggers,
  })
  .refine(({ model, delegation }) => delegation?.type !== 'responses' || delegation.responses.model === model, {
    message: 'no model runs in the background here; name the session’s own model.',
    params: { unsupported: true },
    path: ['delegation', 'responses', 'model'],
  });
export type LiveSessionConfig = z.infer<typeof LiveSessionConfig>;

/** What `session.update` may change: what is left out stays as it is. */
export const LiveSessionUpdate = z.strictObject({
  delegation: z
    .discriminatedUnion('type', [
      ClientDelegation,
      z.strictObject({
        type: z.literal('responses'),
        acknowledgement_delay_ms: noAcknowledgement,
        responses: z
          .strictObject({ model: z.string().min(1).max(LONGEST_NAME).optional(), ...responses, tools: Tools.optional() })
          .optional(),
      }),
      unsupported('decisions', DECISIONS),
    ])
    .nullable()
    .optional(),
  triggers,
});
export type LiveSessionUpdate = z.infer<typeof LiveSessionUpdate>;
