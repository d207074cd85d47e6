import type { SessionMeter } from '@wheelhouse/protocol/operator-message';

/** How many past levels a sparkline shows: eight seconds at five meters a second. */
export const METER_HISTORY = 40;

export type Meter = {
  readonly tick: number;
  readonly lastSequence: number;
  readonly levelIn: number;
  readonly levelOut: number;
  /** What the gate asks before each frame, as the stream thread last read it (`@wheelhouse/gate/gate-word`). */
  readonly word: number;
  readonly pastIn: readonly number[];
  readonly pastOut: readonly number[];
};

export function nextMeter(previous: Meter | null, [, tick, lastSequence, levelIn, levelOut, word]: SessionMeter): Meter {
  return {
    tick,
    lastSequence,
    levelIn,
    levelOut,
    word,
    pastIn: appended(previous?.pastIn ?? [], levelIn),
    pastOut: appended(previous?.pastOut ?? [], levelOut),
  };
}

function appended(past: readonly number[], level: number): number[] {
  return [...past.slice(1 - METER_HISTORY), level];
}
