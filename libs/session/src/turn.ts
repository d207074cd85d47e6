import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';

/** Samples of the engine's sound since its turn began: how many it made, and how many of them left; and how many ends of turns before wait to leave yet. */
export type Turn = { readonly made: number; readonly left: number; readonly behind: number };
export const NEW_TURN: Turn = { made: 0, left: 0, behind: 0 };

type Output = { readonly audio: Int16Array | null; readonly turnEnded: boolean };

/** The engine made an output, which waits for its fate from here on. */
export function turnMade({ made, left, behind }: Turn, { audio, turnEnded }: Output): Turn {
  return turnEnded ? { made: 0, left, behind: behind + 1 } : { made: made + (audio?.length ?? 0), left, behind };
}

/** An output met its fate, `samples` of it left. Outputs meet theirs in the order in which they were made. */
export function turnMet({ made, left, behind }: Turn, { turnEnded }: Output, samples: number): Turn {
  return turnEnded ? { made, left: 0, behind: Math.max(0, behind - 1) } : { made, left: left + samples, behind };
}

/**
 * What an engine that is cut off has to be told, so that it does not remember as said what was held back, withheld or came late: it knows what it made,
 * not what left. Empty: all of it left.
 */
export function heardOf({ made, left, behind }: Turn): Pick<TickExtra, 'heardMs'> {
  const heard = behind > 0 ? 0 : left;
  return made > heard ? { heardMs: Math.floor((heard * 1000) / SAMPLE_RATE) } : {};
}
