import type { Level } from '@wheelhouse/protocol/level';
import { NO_OBLIGATIONS, type Decision, type Verdict, VERDICTS } from '@wheelhouse/protocol/policy';
import { NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';
import type { ToolCall } from '@wheelhouse/protocol/tool-call';

/** How the ticks of one session are judged: what policy says, with everything that does not change while its epoch lasts given already. */
export type TickPolicy = {
  readonly input: (signals: Signals, level: Level) => Decision;
  readonly output: (signals: Signals, level: Level) => Decision;
  readonly call: (call: ToolCall, level: Level) => Decision;
  /** Whether any policy looks at what sound is like: without one, detectors need not listen. */
  readonly listens: boolean;
};

/** What stands in while there is no policy: nothing passes. */
export const NO_POLICY: TickPolicy = { input: refuse, output: refuse, call: refuse, listens: false };

const REFUSED: Decision = { verdict: 'deny', policies: [], obligations: NO_OBLIGATIONS, errors: ['no policy is in force'], bundle: '' };

function refuse(): Decision {
  return REFUSED;
}

/** Output of which no more is known than that there is some: what it is asked with, how long such output is held back. */
export const SOME_OUTPUT: Signals = { ...NO_SIGNALS, hasText: true, hasAudio: true };

/** The stricter of two verdicts. */
export function stricter(one: Verdict, other: Verdict): Verdict {
  return VERDICTS.indexOf(one) >= VERDICTS.indexOf(other) ? one : other;
}

/** A decision that was no plain permission: for the record, and for whoever is told. */
export type Decided = {
  readonly checkpoint: 'tick.input' | 'tick.output' | 'tool.call';
  readonly tick: number;
  readonly level: Level;
  readonly signals: Signals | null;
  /** The tool of a call, by name. */
  readonly tool?: string;
  readonly decision: Decision;
};
