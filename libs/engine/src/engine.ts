import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { EngineKind } from '@wheelhouse/protocol/session';

/**
 * One session's conversation.
 *
 * `tick` MUST be answered before the next tick's deadline (TICK_MS later) and MUST NOT wait for speech recognition, synthesis or a
 * language model: their results go out with whichever tick comes after them. The caller never has two ticks of one stream under way, and tick
 * numbers only grow. A rejected promise ends the stream.
 *
 * `close` frees the stream at once; a tick still under way may resolve, and its answer is dropped.
 */
export type EngineStream = { tick(input: TickInput): Promise<TickAnswer>; close(): void };

/** What an engine may know of the session that it serves. `onTrouble` is told, in words for an operator, when the engine goes on but failed at something. */
export type EngineSession = { readonly id: string; readonly onTrouble?: (message: string) => void };

/** What turns input ticks into output ticks. `model` names what it runs on, for the record. */
export type Engine = { readonly kind: EngineKind; readonly model: string; open(session: EngineSession): EngineStream };
