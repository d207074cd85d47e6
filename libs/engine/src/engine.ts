/** Samples a second of all audio that crosses the port: mono, signed 16 bit. */
export const SAMPLE_RATE = 16_000;
/** Length of a tick in milliseconds (DESIGN.md, section 2). */
export const TICK_MS = 200;
/** Samples in one tick of audio. */
export const TICK_SAMPLES = 3_200;

/** What reached a session in one tick. */
export type TickInput = {
  readonly tick: number;
  /** Exactly TICK_SAMPLES samples, padded with silence. A stream that keeps it past its answer must copy it: the memory is shared with the wire. */
  readonly audio: Int16Array;
  /** What the person typed. */
  readonly texts: readonly string[];
  /** Guidance from a human at the wheel, which the person at the other end never hears as such. */
  readonly whispers: readonly string[];
};

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
};

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

/** `relay` repeats what it understood, `echo` returns the audio it was given. */
export type EngineKind = 'relay' | 'echo';

/** What turns input ticks into output ticks. `model` names what it runs on, for the record. */
export type Engine = { readonly kind: EngineKind; readonly model: string; open(session: EngineSession): EngineStream };
