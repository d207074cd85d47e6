import type { NewFinding } from './findings.ts';
import type { SegmentEvidence } from './session-evidence.ts';

export type SilenceCode = 'output_after_order';

/**
 * An order that silences a session: after `tick` nothing may leave, and nothing above `lastSequence` may have left. A `lastSequence` that is
 * not known is where the first segment behind the order begins. `surmised`: the order has not said what it met in this session (yet), the
 * session began or went on under its latch.
 */
export type Silence = { readonly tick: number; lastSequence: number | undefined; readonly surmised: boolean };

/** The latches in force for each session, and the last segment of each. */
export type SilenceAudit = {
  /** By session, then by order. */
  readonly silences: Map<string, Map<string, Silence>>;
  readonly lastSegments: Map<string, SegmentEvidence>;
  /** By session: the tick with which it went on after its last crash. */
  readonly losses: Map<string, number>;
};

export function newSilenceAudit(): SilenceAudit {
  return { silences: new Map(), lastSegments: new Map(), losses: new Map() };
}

export function silencesOf(audit: SilenceAudit, session: string): Map<string, Silence> {
  const known = audit.silences.get(session) ?? new Map<string, Silence>();
  audit.silences.set(session, known);
  return known;
}

/** A session goes on after lost ticks: what left in them is not known, so its numbers go on from wherever the next segment begins. */
export function forgetNumbers(audit: SilenceAudit, session: string, fromTick: number): void {
  audit.losses.set(session, fromTick);
  for (const silence of audit.silences.get(session)?.values() ?? []) silence.lastSequence = undefined;
  audit.lastSegments.delete(session);
}

/**
 * Holds a segment against a silence. The one that the order fell into must end at the acknowledged number, or below. In those behind it nothing may
 * leave. Numbers are the engine's alone: a human's frames are counted apart.
 */
export function checkSilence(segment: SegmentEvidence, order: string, silence: Silence, index: number): NewFinding<SilenceCode> | null {
  const { session, fromTick, toTick, outFirst, outLast } = segment;
  if (toTick < silence.tick) return null;
  const behind = fromTick > silence.tick;
  if (behind) silence.lastSequence ??= outFirst;
  const { tick, lastSequence } = silence;
  if (lastSequence === undefined || (outLast <= lastSequence && (!behind || outFirst === outLast))) return null;
  const closed = silence.surmised ? 'was in force, which covers this session,' : `closed the gate in tick ${tick} after #${lastSequence}`;
  return {
    code: 'output_after_order',
    index,
    session,
    fromTick,
    toTick,
    message:
      `Session ${session}, ticks ${fromTick} to ${toTick}: output went from #${outFirst} to #${outLast}, though order ${order} ` +
      `${closed} and had not been released.`,
  };
}
