import { z } from 'zod';
import { EngineConfig, ToolCall, ToolResult } from './tool-call.ts';

/** What reached a session in one tick. */
export type TickInput = {
  readonly tick: number;
  /** Exactly TICK_SAMPLES samples, padded with silence. A stream that keeps it past its answer must copy it: the memory is shared with the wire. */
  readonly audio: Int16Array;
  /** What the person typed. */
  readonly texts: readonly string[];
  /** Guidance from a human at the wheel, which the person at the other end never hears as such. */
  readonly whispers: readonly string[];
  /** What the person shows, as one JPEG at most. Absent: nothing. */
  readonly image?: Uint8Array;
  /** What does not come with every tick. Absent: nothing of it. */
  readonly extra?: TickExtra;
};

/** The rarer part of an input. */
export const TickExtra = z.strictObject({
  /** What the client asks of the engine, from now on. */
  config: EngineConfig.optional(),
  /** Results of tool calls. */
  results: z.array(ToolResult).max(16).default([]),
  /** Stop speaking, and drop what was not said yet. */
  hush: z.boolean().default(false),
  /** Answer now to what was said and typed so far. */
  respond: z.boolean().default(false),
  /** What was said in the session while the engine was not heard: by the person, or by the human who had taken over. For its memory, not to be answered. */
  said: z
    .array(z.strictObject({ who: z.enum(['person', 'human', 'engine']), text: z.string().max(4000) }))
    .max(64)
    .default([]),
  /** How much of what it said since its last turn began was really heard, in milliseconds, when it was cut off. */
  heardMs: z.number().int().min(0).optional(),
});
export type TickExtra = z.infer<typeof TickExtra>;

/** What the engine understood so far of one utterance. A final text is never revised. */
export type Heard = { readonly utterance: number; readonly text: string; readonly final: boolean };

/** What the engine answers to one tick. */
export type TickAnswer = {
  readonly tick: number;
  /** At most TICK_SAMPLES samples of speech, or null for silence. */
  readonly audio: Int16Array | null;
  /** The words that begin in this tick's audio, '' if none do. */
  readonly said: string;
  readonly heard: readonly Heard[];
  /** True: drop whatever of mine was not played yet, the person has taken the floor. */
  readonly yielded: boolean;
  /** What does not come with every tick. Absent: nothing of it. */
  readonly extra?: AnswerExtra;
};

/** When a word is spoken: characters `from` to `to` of the tick's `said`, samples `start` to `end` of its audio. Its end may lie in a later tick. */
export const SpokenWord = z.strictObject({
  from: z.number().int().min(0),
  to: z.number().int().min(0),
  start: z.number().int().min(0),
  end: z.number().int().min(0),
});
export type SpokenWord = z.infer<typeof SpokenWord>;

/** The rarer part of an answer. */
export const AnswerExtra = z.strictObject({
  calls: z.array(ToolCall).max(16).default([]),
  /** When each word of `said` is spoken, so that one can be silenced without the others. Absent: not known. */
  words: z.array(SpokenWord).max(64).optional(),
  /** The engine asks for a human, in words for the operator. */
  help: z.string().max(500).optional(),
  /** It has said all of an answer, or gave it up: what comes next is another. */
  turnEnded: z.boolean().default(false),
});
export type AnswerExtra = z.infer<typeof AnswerExtra>;
