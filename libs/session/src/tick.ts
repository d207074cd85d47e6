import { levelOf } from '@wheelhouse/gate/gate-word';
import { concatBytes, utf8 } from '@wheelhouse/ledger/bytes';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import { NO_SIGNALS, type ScanAnswer } from '@wheelhouse/protocol/signals';
import { decideDraft } from './draft.ts';
import { addTick, closeSegment, LATE_ANSWER, NO_ANSWER, NOT_LEASED, type Segment } from './evidence.ts';
import { eventFrame, evidenced, evidencedFrames, framesOf, type HeldOutput, heardText, heldOutput } from './held-output.ts';
import { takeAudio } from './inbox.ts';
import { takeSeen } from './input-checkpoint.ts';
import { loudness } from './loudness.ts';
import { joinSignals, lateVerdict, setWindow, takeOutput, takeSignals, yieldOutput } from './output-checkpoint.ts';
import { inputOf, receiveInput, soundOf } from './tick-input.ts';
import { joinExtra } from './tick-extra.ts';
import { cutOver, endOfOutput, momentOf, note, passFrames, release, withhold } from './tick-output.ts';
import { type Now, newOutcome, type SessionTicks, type TickOutcome, type Way } from './tick-state.ts';
import { judgeCalls } from './tool-checkpoint.ts';
import { heardOf, NEW_TURN, turnMade } from './turn.ts';

/**
 * A tick's deadline, first half of the way through the house: what is due of the output leaves, the evidence of the tick before is closed, and what
 * arrived becomes the input of the next, past its checkpoint. The caller hands the input to the engine at once; its audio is only good until the next call.
 */
export function openTick(state: SessionTicks, now: Now, way: Way): { readonly input: TickInput; readonly outcome: TickOutcome } {
  const outcome = newOutcome();
  closeTick(state, { now, way, outcome });
  const samples = takeAudio(state.inbox, state.audio);
  const tick = state.nextTick;
  state.nextTick += 1;
  state.levelIn = samples === 0 ? 0 : loudness(state.audio);
  state.levelOut = 0;
  state.answered = false;
  const sound = new Uint8Array(state.audio.buffer, state.audio.byteOffset, samples * 2);
  receiveInput(state, way);
  const arrived = state.arrived.splice(0);
  const rest = [...arrived, ...state.whispers.map(utf8)];
  const digest = way.sha256(rest.length === 0 ? sound : concatBytes([sound, ...rest].map((part) => way.sha256(part))));
  const blank = { flags: 0, withheld: 0, inputVerdict: 'allow', outputVerdict: 'allow' } as const;
  state.record = { ...blank, produced: [], left: [], tick, input: digest, gateWord: state.gate.word };
  if (setWindow(state.output, state.policy, levelOf(state.gate.word)))
    outcome.notices.push({ type: 'hold_back', ticks: state.output.window.holdBack, tick });
  return { input: inputOf(state, { tick, samples }, outcome), outcome };
}

type Closing = { readonly now: Now; readonly way: Way; readonly outcome: TickOutcome };

/** Closes the tick that runs, if any. Its outcome has a segment when a second of evidence is full. */
function closeTick(state: SessionTicks, { now, way, outcome }: Closing): void {
  const { record } = state;
  if (record === null) return;
  if (!state.answered) {
    record.flags |= NO_ANSWER;
    state.answered = true;
    release(state, { record, now, way, outcome });
    endOfOutput(state, { record, now, way, outcome }, false);
  }
  state.record = null;
  outcome.segment = addTick(state.evidence, record, state.gate.lastSequence, way.sha256);
}

/** The session pauses or ends: closes the tick that runs and the segment, full or not. What was held back is nobody's any more. */
export function closeTicks(state: SessionTicks, sha256: Sha256): Segment[] {
  const { record } = state;
  const dropped = yieldOutput(state.output);
  state.turn = NEW_TURN;
  let full: Segment | null = null;
  if (record !== null) {
    if (!state.answered) record.flags |= NO_ANSWER;
    record.withheld += dropped.reduce((sum, output) => sum + framesOf(output).length, 0);
    state.record = null;
    full = addTick(state.evidence, record, state.gate.lastSequence, sha256);
  }
  const rest = closeSegment(state.evidence, state.gate.lastSequence);
  return [full, rest].filter((segment) => segment !== null);
}

/**
 * The engine's answer, second half of the way: what it produced is evidenced, held back for its checkpoint, and what is due passes the gate or is
 * withheld. An answer to a past tick is dropped and counted; nothing is ever sent late.
 */
export function answerTick(state: SessionTicks, answer: TickAnswer, now: Now, way: Way): TickOutcome {
  const outcome = newOutcome();
  const { record } = state;
  if (record === null || answer.tick !== record.tick || state.answered) {
    if (record !== null) record.flags |= LATE_ANSWER;
    outcome.late = (record?.tick ?? state.nextTick) - answer.tick;
    // It is lost, but the engine believes it said.
    state.turn = turnMade(state.turn, { audio: answer.audio, turnEnded: false });
    return outcome;
  }
  const step = { record, now, way, outcome };
  state.answered = true;
  if (!now.leased) record.flags |= NOT_LEASED;
  const output = heldOutput(answer, signalsAtHand(answer), state.gate.cuts);
  for (const { evidence } of evidencedFrames(output, way.sha256)) record.produced.push(evidence);
  if (answer.yielded) yieldFloor(state, output, step);
  scanOutput(state, output, way);
  if (takeOutput(state.output, output)) state.turn = turnMade(state.turn, output);
  else withhold(output, step);
  judgeCalls(state, answer.extra?.calls ?? [], step);
  release(state, step);
  endOfOutput(state, step, answer.yielded);
  return outcome;
}

/** The person has the floor: the client is told at once, and what waits for its verdict is dropped. */
function yieldFloor(state: SessionTicks, output: HeldOutput, step: Closing & { record: NonNullable<SessionTicks['record']> }): void {
  for (const dropped of yieldOutput(state.output)) withhold(dropped, step);
  state.extra = joinExtra(state.extra, heardOf(state.turn));
  state.turn = NEW_TURN;
  if (!state.hushing) state.voice.length = 0;
  state.hushing = false;
  state.drafts.playing.length = 0;
  const frame = evidenced(eventFrame({ type: 'yield' }), step.way.sha256);
  step.record.produced.push(frame.evidence);
  const frames = passFrames(state, [frame], { ...step, origin: 'engine' });
  step.outcome.left.push({ output: { ...output, heard: [], said: '', audio: null }, frames, yielded: true });
}

function signalsAtHand({ said, heard, audio }: TickAnswer) {
  const hasAudio = audio !== null && audio.length > 0;
  return { ...NO_SIGNALS, hasText: said !== '' || heard.length > 0, hasAudio, ...(hasAudio ? soundOf(loudness(audio)) : {}) };
}

/** Words go to the detectors; sound does where some policy cares. */
function scanOutput(state: SessionTicks, output: HeldOutput, way: Way): void {
  const { tick, said, heard, audio } = output;
  const sound = state.policy.listens && audio !== null ? audio.slice() : null;
  const ask = (of: 'said' | 'heard', direction: 'in' | 'out', text: string, samples: Int16Array | null) => {
    output.scans += 1;
    state.scans.set(way.scan({ way: direction, tick, text, audio: samples, image: null }), { of, tick });
  };
  if (said !== '' || sound !== null) ask('said', 'out', said, sound);
  if (heard.length > 0) ask('heard', 'in', heardText(heard), null);
}

/** Detectors have answered. `late`: they had answered before, and now know better. */
export function takeScan(state: SessionTicks, { id, signals, spans }: ScanAnswer, late: boolean, on: { now: Now; way: Way }): TickOutcome {
  const outcome = newOutcome();
  const asked = state.scans.get(id);
  if (asked === undefined) return outcome;
  if (!late) settle(state, id);
  if (asked.of === 'typed') {
    takeSeen(state.input, id, { signals, spans });
    return outcome;
  }
  const { record } = state;
  if (asked.of === 'heard') state.input.spoken = joinSignals(NO_SIGNALS, signals);
  takeSignals(state.output, asked.tick, { of: asked.of, signals, spans, late });
  if (record === null) return outcome;
  const step = { record, ...on, outcome };
  const judged = lateVerdict(state.output, asked.tick, { signals, spans }, momentOf(state, record));
  if (judged !== null) {
    note(state, judged.decided, outcome);
    for (const { output } of judged.dropped) withhold(output, step);
    if (judged.decided.decision.verdict === 'redact') tellCut(state, judged.decided.decision.policies, step);
    else cutOver(state, judged.decided, step);
  }
  release(state, step);
  return outcome;
}

function tellCut(
  state: SessionTicks,
  policies: readonly string[],
  { record, outcome }: { record: { tick: number }; outcome: TickOutcome },
): void {
  outcome.notices.push({ type: 'cut', tick: record.tick, lastSequence: state.gate.lastSequence, policies: [...policies] });
}

/** Most questions that a late answer may still come to. */
const MOST_SCANS = 200;

/** The question is answered, and remembered for a while: detectors may think better of it. */
function settle(state: SessionTicks, id: number): void {
  const asked = state.scans.get(id);
  if (asked === undefined) return;
  state.scans.delete(id);
  state.scans.set(id, asked);
  const [oldest] = state.scans.keys();
  if (state.scans.size > MOST_SCANS && oldest !== undefined) state.scans.delete(oldest);
}

/** A human decided on a draft. False when it waits no more. */
export function settleDraft(state: SessionTicks, draft: number, approved: boolean): boolean {
  return decideDraft(state.drafts, draft, approved);
}
