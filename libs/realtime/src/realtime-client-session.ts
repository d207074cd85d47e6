import { ToolOffer } from '@wheelhouse/protocol/tool-call';
import { z } from 'zod';
import { only } from './realtime-fault.ts';

const TURNS = 'the engine listens while it speaks and takes turns by itself; this cannot be tuned. Leave it out.';

/** Audio in and out: PCM16 little-endian mono at 24 kHz, or G.711 at 8 kHz. */
export const AudioFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(24_000).default(24_000) }),
  z.strictObject({ type: z.literal('audio/pcmu') }),
  z.strictObject({ type: z.literal('audio/pcma') }),
]);
export type AudioFormat = z.infer<typeof AudioFormat>;

const createResponse = z.boolean().default(true);
const interruptResponse = only([true], 'the engine yields by itself when the person takes the floor; that cannot be switched off.');

/** Who decides when the engine answers: itself, or (null) the client with `response.create`. */
export const TurnDetection = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('server_vad'),
    create_response: createResponse,
    interrupt_response: interruptResponse,
    threshold: only([0.5], TURNS),
    prefix_padding_ms: only([300], TURNS),
    silence_duration_ms: only([500], TURNS),
    idle_timeout_ms: only([null], TURNS),
  }),
  z.strictObject({
    type: z.literal('semantic_vad'),
    create_response: createResponse,
    interrupt_response: interruptResponse,
    eagerness: only(['auto', 'medium'], TURNS),
  }),
]);
export type TurnDetection = z.infer<typeof TurnDetection>;

const Transcription = z.strictObject({
  model: z.string().max(200).optional(),
  language: only([null], 'the engine transcribes with its own recogniser, to which no language can be given.'),
  languages: only([null], 'the engine transcribes with its own recogniser, to which no languages can be given.'),
  prompt: only([null, ''], 'the engine transcribes with its own recogniser, which takes no prompt.'),
  keywords: only([null], 'the engine transcribes with its own recogniser, which takes no keywords.'),
  delay: only([null], 'the engine transcribes with its own recogniser, whose delay is fixed.'),
});

const MCP =
  'tools of MCP servers are not called from here, for every call passes the checkpoint tool.call; offer a function and call the server in your client.';

/** A function that the client offers to the engine. */
export const FunctionTool = z
  .unknown()
  .refine((tool) => !(typeof tool === 'object' && tool !== null && 'type' in tool && tool.type === 'mcp'), {
    message: MCP,
    params: { unsupported: true },
    abort: true,
  })
  .pipe(
    z.strictObject({
      type: z.literal('function').default('function'),
      name: ToolOffer.shape.name,
      description: ToolOffer.shape.description,
      parameters: ToolOffer.shape.parameters,
    }),
  );
export type FunctionTool = z.infer<typeof FunctionTool>;

export const Tools = z
  .array(FunctionTool)
  .max(64)
  .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, { message: 'two tools have the same name.' });

export const ToolChoice = z
  .unknown()
  .refine((choice) => choice === 'auto' || choice === 'none', {
    message: 'the engine decides by itself whether to use a tool: "auto", or "none".',
    params: { unsupported: true },
    abort: true,
  })
  .pipe(z.enum(['auto', 'none']));

/** One of the two, as the protocol has it. */
export const Modalities = z.union([z.tuple([z.literal('audio')]), z.tuple([z.literal('text')])], {
  error: 'output modalities are ["audio"] (with its transcript) or ["text"]',
});

export const Voice = z.union([z.string().min(1).max(64), z.strictObject({ id: z.string().min(1).max(64) })], {
  error: 'a voice is a name of 1 to 64 characters, or { "id": … }',
});

export const Instructions = z.string().max(16_000);
export const MaxTokens = only(['inf'], 'the length of an answer cannot be limited in tokens.');
export const ParallelCalls = only([true], 'the engine calls tools as it sees fit, also several at once.');
export const Reasoning = only([null], 'the effort of reasoning cannot be chosen.');
export const Prompt = only([null], 'stored prompts do not exist here; send instructions.');

const AudioConfig = z.strictObject({
  input: z
    .strictObject({
      format: AudioFormat.optional(),
      transcription: Transcription.nullable().optional(),
      noise_reduction: only([null], 'sound is not filtered on its way to the engine.'),
      turn_detection: TurnDetection.nullable().optional(),
    })
    .optional(),
  output: z
    .strictObject({
      format: AudioFormat.optional(),
      voice: Voice.optional(),
      speed: only([1], 'the speed of speech cannot be changed.'),
    })
    .optional(),
});

/** What `session.update` may ask. What is left out stays as it is. */
export const SessionUpdate = z
  .unknown()
  .refine((session) => !(typeof session === 'object' && session !== null && 'type' in session && session.type === 'transcription'), {
    message: 'sessions that only transcribe are not supported; ask for transcription in a session of type "realtime".',
    params: { unsupported: true },
    path: ['type'],
    abort: true,
  })
  .pipe(
    z.strictObject({
      type: z.literal('realtime'),
      model: z.string().max(200).optional(),
      instructions: Instructions.optional(),
      output_modalities: Modalities.optional(),
      audio: AudioConfig.optional(),
      tools: Tools.optional(),
      tool_choice: ToolChoice.optional(),
      max_output_tokens: MaxTokens,
      parallel_tool_calls: ParallelCalls,
      reasoning: Reasoning,
      prompt: Prompt,
      tracing: only([null], 'there is no tracing to send anywhere; the ledger keeps the trail. Use null.'),
      truncation: only(['auto'], 'the engine keeps its own memory; its truncation cannot be set.'),
      include: z.array(z.unknown()).max(0, { error: 'there are no log probabilities to include; leave it out' }).nullable().optional(),
    }),
  );
export type SessionUpdate = z.infer<typeof SessionUpdate>;
