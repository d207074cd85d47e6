import type { Level } from '@wheelhouse/protocol/level';
import type { Decision, Obligations, Verdict } from '@wheelhouse/protocol/policy';
import { type FoundSpan, NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';
import { type HeldOutput, isEmpty, mutedStart, redacted } from './held-output.ts';
import { type Decided, SOME_OUTPUT, type TickPolicy } from './tick-policy.ts';

/** Output whose verdict does not come is given up after so many ticks beyond its window: five seconds. */
const MOST_WAIT = 25;
/** What has left is remembered for so many ticks, for a verdict that comes late. */
const REMEMBERED_TICKS = 25;
/** Silence after which a turn that was cut off is taken to be over. */
const SILENT_TICKS = 5;

/** A session's output between engine and gate. Owned and changed by the functions of this file alone. */
export type OutputCheckpoint = {
  readonly queue: HeldOutput[];
  /** What left not long ago, for late verdicts. */
  left: HeldOutput[];
  /** The window in force, what becomes of output whose verdict is not there in time, and whether sound of which no more is known is marked. */
  window: Pick<Obligations, 'holdBack' | 'onTimeout' | 'watermark'>;
  /** Samples of the next output that a masked word reaches into. */
  carry: number;
  /** Set while the rest of a turn is dropped, after part of it was denied; counts the silent ticks since. */
  cutOver: { silent: number } | null;
};

export function newCheckpoint(): OutputCheckpoint {
  return { queue: [], left: [], window: { holdBack: 0, onTimeout: 'hold', watermark: false }, carry: 0, cutOver: null };
}

/** What the checkpoint says of one tick's output: `pass` it (as it is or redacted), `hold` it for a human, or `drop` it. */
export type Judged = {
  readonly does: 'pass' | 'hold' | 'drop';
  readonly output: HeldOutput;
  readonly verdict: Verdict;
  readonly decided: Decided | null;
};

/** When it is asked: the tick that runs, whether that tick's answer is in, and by which rules. */
export type Moment = { readonly tick: number; readonly answered: boolean; readonly policy: TickPolicy; readonly level: Level };

/** The window that is in force at a level. Whether it is another than before. */
export function setWindow(checkpoint: OutputCheckpoint, policy: TickPolicy, level: Level): boolean {
  const { holdBack, onTimeout, watermark } = policy.output(SOME_OUTPUT, level).obligations;
  const changed = holdBack !== checkpoint.window.holdBack;
  checkpoint.window = { holdBack, onTimeout, watermark };
  return changed;
}

/** Takes a tick's output in. False when it is of a turn that was cut off: it is dropped, and the caller counts it. */
export function takeOutput(checkpoint: OutputCheckpoint, output: HeldOutput): boolean {
  const { cutOver } = checkpoint;
  if (cutOver !== null) {
    cutOver.silent = output.audio === null && output.said === '' ? cutOver.silent + 1 : 0;
    if (output.turnEnded || cutOver.silent >= SILENT_TICKS) checkpoint.cutOver = null;
    return false;
  }
  if (!isEmpty(output)) checkpoint.queue.push(output);
  return true;
}

/** The engine yielded: what it said and has not left yet is nobody's any more. Returns what is dropped. */
export function yieldOutput(checkpoint: OutputCheckpoint): HeldOutput[] {
  checkpoint.cutOver = null;
  checkpoint.carry = 0;
  return checkpoint.queue.splice(0);
}

/** Detectors have answered on an output that still waits. Spans may lie in outputs of earlier ticks. */
export function takeSignals(
  checkpoint: OutputCheckpoint,
  tick: number,
  scanned: { readonly of: 'said' | 'heard'; readonly signals: Signals; readonly spans: readonly FoundSpan[]; readonly late: boolean },
): void {
  for (const each of checkpoint.queue) {
    if (each.tick === tick) {
      each.signals = joinSignals(each.signals, scanned.signals);
      if (!scanned.late) each.scans -= 1;
    }
    for (const span of scanned.spans) {
      if (span.tick !== each.tick) continue;
      (scanned.of === 'said' ? each.saidSpans : each.heardSpans).push(span);
      // What began in an earlier tick makes that tick's words what they are.
      each.signals = { ...each.signals, found: joinSets(each.signals.found, [span.what]) };
    }
  }
}

/** What may leave now, in order: whose window is over and whose verdict is there, or should have been. */
export function releaseDue(checkpoint: OutputCheckpoint, moment: Moment): Judged[] {
  const judged: Judged[] = [];
  for (;;) {
    const [head] = checkpoint.queue;
    if (head === undefined) return judged;
    const over = moment.tick - head.tick - checkpoint.window.holdBack;
    if (over < 0 || (over === 0 && !moment.answered)) return judged;
    const one = judge(checkpoint, head, { ...moment, over });
    if (one === null) return judged;
    checkpoint.queue.shift();
    judged.push(one);
    if (one.does === 'pass') remember(checkpoint, one.output, moment.tick);
    if (one.verdict === 'deny') judged.push(...cutOff(checkpoint, one.output));
  }
}

/** Judges the output whose turn it is; null while its verdict is waited for. */
function judge(checkpoint: OutputCheckpoint, head: HeldOutput, moment: Moment & { over: number }): Judged | null {
  const { policy, level, over, tick } = moment;
  if (head.scans > 0) {
    const { onTimeout } = checkpoint.window;
    if (onTimeout === 'hold' && over <= MOST_WAIT) return null;
    if (onTimeout !== 'pass') return { does: 'drop', output: head, verdict: 'deny', decided: timedOut(head, moment) };
  }
  const decision = policy.output(head.signals, level);
  const { verdict } = decision;
  head.watermark = decision.obligations.watermark;
  const decided: Decided | null = verdict === 'allow' ? null : { checkpoint: 'tick.output', tick, level, signals: head.signals, decision };
  if (verdict === 'hold') return { does: 'hold', output: head, verdict, decided };
  if (verdict === 'deny') return { does: 'drop', output: head, verdict, decided };
  const begun = mutedStart(head, checkpoint.carry);
  const masked = verdict === 'redact' ? redacted(begun.output) : { output: begun.output, carry: 0 };
  checkpoint.carry = Math.max(begun.carry, masked.carry);
  return { does: 'pass', output: masked.output, verdict, decided };
}

function timedOut(head: HeldOutput, { policy, level, tick }: Moment): Decided {
  const base = policy.output(head.signals, level);
  const decision: Decision = { ...base, verdict: 'deny', errors: [`the verdict on tick ${head.tick} did not come in time`] };
  return { checkpoint: 'tick.output', tick, level, signals: head.signals, decision };
}

/** Drops what waits behind a denied output, and the rest of its turn as it comes. */
function cutOff(checkpoint: OutputCheckpoint, denied: HeldOutput): Judged[] {
  const rest = checkpoint.queue.splice(0);
  const ended = denied.turnEnded || rest.some(({ turnEnded }) => turnEnded);
  checkpoint.cutOver = ended ? null : { silent: 0 };
  checkpoint.carry = 0;
  return rest.map((output) => ({ does: 'drop', output, verdict: 'deny', decided: null }));
}

function remember(checkpoint: OutputCheckpoint, output: HeldOutput, tick: number): void {
  if (output.said === '' && output.heard.length === 0 && output.scans === 0) return;
  checkpoint.left = [...checkpoint.left.filter((each) => each.tick > tick - REMEMBERED_TICKS), output];
}

/**
 * Detectors have answered, or thought better, on output that has left already. Where policy would not have let it out like that, what the client
 * has not played is to be flushed: `dropped` then is what is given up of what waits, empty where only the found words had to be masked.
 */
export function lateVerdict(
  checkpoint: OutputCheckpoint,
  tick: number,
  scanned: { readonly signals: Signals; readonly spans: readonly FoundSpan[] },
  moment: Moment,
): { readonly decided: Decided; readonly dropped: readonly Judged[] } | null {
  const gone = checkpoint.left.filter((each) => each.tick === tick || scanned.spans.some((span) => span.tick === each.tick));
  const own = gone.find((each) => each.tick === tick);
  const [first] = gone;
  if (first === undefined) return null;
  for (const each of gone) each.signals = joinSignals(each.signals, each.tick === tick ? scanned.signals : NO_SIGNALS);
  const found = scanned.spans.filter((span) => gone.some((each) => each.tick === span.tick)).map(({ what }) => what);
  const signals = { ...(own ?? first).signals, found: joinSets((own ?? first).signals.found, found) };
  const decision = moment.policy.output(signals, moment.level);
  if (decision.verdict === 'allow' || (decision.verdict === 'redact' && found.length === 0 && own?.scans === 0)) return null;
  if (own !== undefined) own.scans = 0;
  const decided: Decided = { checkpoint: 'tick.output', tick: moment.tick, level: moment.level, signals, decision };
  return { decided, dropped: decision.verdict === 'redact' ? [] : cutOff(checkpoint, own ?? first) };
}

function joinSets<T extends string>(one: readonly T[], other: readonly T[]): T[] {
  return [...new Set([...one, ...other])].sort();
}

const RISK_ORDER = ['unknown', 'none', 'low', 'medium', 'high'] as const;

function worse<T extends Signals['injection']>(one: T, other: T): T {
  return RISK_ORDER.indexOf(one) >= RISK_ORDER.indexOf(other) ? one : other;
}

/** What is known of a tick from two looks at it: the worse of each. */
export function joinSignals(one: Signals, other: Signals): Signals {
  return {
    hasText: one.hasText || other.hasText,
    hasAudio: one.hasAudio || other.hasAudio,
    hasImage: one.hasImage || other.hasImage,
    found: joinSets(one.found, other.found),
    foundOnScreen: joinSets(one.foundOnScreen, other.foundOnScreen),
    injection: worse(one.injection, other.injection),
    toxicity: worse(one.toxicity, other.toxicity),
    unsafeImage: worse(one.unsafeImage, other.unsafeImage),
    speech: one.speech || other.speech,
    loudness: one.loudness === 'silent' ? other.loudness : other.loudness === 'loud' ? 'loud' : one.loudness,
  };
}
