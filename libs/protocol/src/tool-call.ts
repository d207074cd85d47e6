import { z } from 'zod';
import { plainText } from './text.ts';

/** Longest arguments of a tool call, and longest result, in characters. */
export const LONGEST_ARGUMENTS = 16_000;

/** A tool that a session's client offers to the engine. `parameters` is a JSON Schema object. */
export const ToolOffer = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
  description: plainText(2000).default(''),
  parameters: z.record(z.string(), z.json()).default({}),
});
export type ToolOffer = z.infer<typeof ToolOffer>;

/** What the engine wants done. `arguments` is JSON text; it passes the checkpoint `tool.call` before anybody carries it out. */
export const ToolCall = z.strictObject({
  call: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  arguments: z.string().max(LONGEST_ARGUMENTS),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** What came of it: text, JSON more often than not. */
export const ToolResult = z.strictObject({ call: z.string().min(1).max(64), output: z.string().max(LONGEST_ARGUMENTS) });
export type ToolResult = z.infer<typeof ToolResult>;

/** What a client asks of the engine for the session, besides what it says: the whole of it each time, as it is from now on. */
export const EngineConfig = z.strictObject({
  instructions: z.string().max(16_000),
  voice: z.string().max(64),
  tools: z.array(ToolOffer).max(64),
  /** Whether the engine answers by itself; false: only when asked to (`respond`). */
  answers: z.boolean(),
});
export type EngineConfig = z.infer<typeof EngineConfig>;
