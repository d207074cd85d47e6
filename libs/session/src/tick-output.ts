import { HOLD, levelOf, MUTE, STOP, TAKE_OVER } from '@wheelhouse/gate/gate-word';
import { utf8 } from '@wheelhouse/ledger/bytes';
import type { FrameSource } from '@wheelhouse/protocol/frame';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { addToDraft, tendDraft } from './draft.ts';
import type { TickRecord } from './evidence.ts';
import { type EvidencedFrame, evidencedFrames, framesOf, type HeldOutput } from './held-output.ts';
import { loudness } from './loudness.ts';
import { marked, markedOutput } from './marked.ts';
import { type Judged, type Moment, releaseDue } from './output-checkpoint.ts';
import { type Decided, stricter } from './tick-policy.ts';
import { joinExtra } from './tick-extra.ts';
import { heardOf, NEW_TURN, turnMet } from './turn.ts';
import type { Now, Outgoing, SessionTicks, TickOutcome, Way } from './tick-state.ts';

type Step = { readonly record: TickRecord; readonly now: Now; readonly way: Way; readonly outcome: TickOutcome };

export function momentOf(state: SessionTicks, record: TickRecord): Moment {
  return { tick: record.tick, answered: state.answered, policy: state.policy, level: levelOf(state.gate.word) };
}

/** Lets out what may leave now: through the checkpoint, then through the gate. */
export function release(state: SessionTicks, step: Step): void {
  for (const judged of releaseDue(state.output, momentOf(state, step.record))) carryOut(state, judged, step);
}

/** Once a tick, when its answer is in or will not come any more: what a human approved, what waits for one, and the gate's own voice. */
export function endOfOutput(state: SessionTicks, step: Step, yielded: boolean): void {
  if (state.cuts !== state.gate.cuts) {
    // An order landed: what played, or was about to, does not go on after its release.
    state.cuts = state.gate.cuts;
    state.drafts.playing.length = 0;
    state.voice.length = 0;
  }
  const asked = tendDraft(state.drafts, yielded);
  if (asked !== null) step.outcome.asks.push({ what: 'output', ...asked });
  const approved = state.drafts.playing.shift();
  if (approved !== undefined) {
    // Words that a human put in a draft's place are spoken by a machine too, and no decision was asked for on them.
    approved.watermark ||= state.output.window.watermark;
    passOutput(state, approved, { ...step, origin: 'approved' });
  }
  speak(state, step);
}

function carryOut(state: SessionTicks, judged: Judged, step: Step): void {
  const { record, outcome } = step;
  record.outputVerdict = stricter(record.outputVerdict, judged.verdict);
  if (judged.decided === null) state.told.delete('tick.output');
  else note(state, judged.decided, outcome);
  switch (judged.does) {
    case 'pass':
      // Produced before an order: it does not leave after the order's release either (law 3).
      if (judged.output.cuts === state.gate.cuts)
        state.turn = turnMet(state.turn, judged.output, passOutput(state, judged.output, { ...step, origin: 'engine' }));
      else giveUp(state, judged.output, step);
      return;
    case 'hold':
      addToDraft(state.drafts, judged.output);
      giveUp(state, judged.output, step);
      return;
    case 'drop':
      giveUp(state, judged.output, step);
      if (judged.verdict === 'deny' && judged.decided !== null) cutOver(state, judged.decided, step);
  }
}

/** The engine is cut off in the middle: the client drops what it has not played, hears why, and the engine is told to be silent. */
export function cutOver(state: SessionTicks, { decision }: Decided, { record, outcome }: Step): void {
  outcome.notices.push({ type: 'cut', tick: record.tick, lastSequence: state.gate.lastSequence, policies: [...decision.policies] });
  state.extra = joinExtra(state.extra, { hush: true, ...heardOf(state.turn) });
  state.turn = NEW_TURN;
  state.voice.length = 0;
  state.hushing = true;
  const { audio, text } = state.safe;
  if (text !== '') state.voice.push(new Int16Array(0));
  for (let at = 0; at < audio.length; at += TICK_SAMPLES) state.voice.push(audio.subarray(at, at + TICK_SAMPLES));
}

/** Frames through the gate, one by one; each is evidenced, whether it left or not. */
export function passFrames(
  state: SessionTicks,
  frames: readonly EvidencedFrame[],
  { record, now, way, origin }: Step & { origin: FrameSource | 'approved' },
): Outgoing[] {
  return frames.map(({ kind, payload, evidence }) => {
    record.gateWord = state.gate.word;
    const passage = state.gate.pass(origin, kind, now.clock, way.sink(kind, payload, record.tick));
    if (passage.left) record.left.push(evidence);
    else record.withheld += 1;
    return { kind, payload, left: passage.left };
  });
}

/** Returns how many samples of its sound left. */
function passOutput(state: SessionTicks, judged: HeldOutput, step: Step & { origin: FrameSource | 'approved' }): number {
  const output = markedOutput(state.marker, judged);
  const frames = passFrames(state, evidencedFrames(output, step.way.sha256), step);
  const heard = frames.some(({ kind, left }) => left && kind === 'audio') ? output.audio : null;
  if (heard !== null) state.levelOut = loudness(heard);
  step.outcome.left.push({ output, frames, yielded: false });
  return heard?.length ?? 0;
}

/** The engine's output does not leave, or not now. */
function giveUp(state: SessionTicks, output: HeldOutput, step: Step): void {
  state.turn = turnMet(state.turn, output, 0);
  withhold(output, step);
}

/** Output that does not leave: counted, and shown to operators as withheld. */
export function withhold(output: HeldOutput, { record, outcome }: Pick<Step, 'record' | 'outcome'>): void {
  const frames = framesOf(output).map((frame) => ({ ...frame, left: false }));
  record.withheld += frames.length;
  outcome.left.push({ output, frames, yielded: false });
}

/**
 * Tells the client and the record of a decision that was no plain permission; the client not of the same again with every tick, but of each `action` under
 * which a human decides.
 */
export function note(state: SessionTicks, decided: Decided, outcome: TickOutcome, action?: string): void {
  outcome.decided.push(decided);
  const { checkpoint, tick, decision } = decided;
  const key = `${decision.verdict} ${decision.policies.join(' ')}`;
  if (action === undefined && state.told.get(checkpoint) === key) return;
  state.told.set(checkpoint, key);
  const event: GateEvent = { type: 'checkpoint', checkpoint, verdict: decision.verdict, tick, policies: [...decision.policies] };
  outcome.notices.push(action === undefined ? event : { ...event, action });
}

/** The gate's own voice is no engine output, but who stopped, held, muted or took over a session wants it silent. */
const SILENT = STOP | HOLD | MUTE | TAKE_OVER;

function speak(state: SessionTicks, { record, way, outcome }: Step): void {
  const next = state.voice.shift();
  if (next === undefined) {
    state.hushing = false;
    return;
  }
  if ((state.gate.word & SILENT) !== 0) {
    state.voice.length = 0;
    return;
  }
  const kind = next.length === 0 ? 'text' : 'audio';
  // The gate's voice is a machine's as well.
  const slice = kind === 'audio' && state.output.window.watermark ? marked(state.marker, next) : next;
  const payload = kind === 'text' ? utf8(state.safe.text) : new Uint8Array(slice.buffer, slice.byteOffset, slice.byteLength);
  way.say(kind, payload, record.tick);
  record.left.push({ kind, digest: way.sha256(payload) });
  if (slice.length > 0) outcome.spoken.push(slice);
}
