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
