import type { Gate, HandOver } from '@wheelhouse/gate/gate';
import { concatBytes, utf8 } from '@wheelhouse/ledger/bytes';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { FrameKind } from '@wheelhouse/protocol/frame';
import type { EngineEvent } from '@wheelhouse/protocol/stream-event';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import {
  addTick,
  closeSegment,
  LATE_ANSWER,
  NO_ANSWER,
  NOT_LEASED,
  startEvidence,
  type Evidence,
  type Segment,
  type TickRecord,
} from './evidence.ts';
import { emptyInbox, takeAudio, type Inbox } from './inbox.ts';
import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import { wholeExtra } from './tick-extra.ts';
import { loudness } from './loudness.ts';

/** A session's ticks on a stream thread. Owned and changed by the functions of this file alone. */
export type SessionTicks = {
  readonly session: string;
  readonly gate: Gate;
  readonly inbox: Inbox;
  readonly whispers: string[];
  /** What does not come with every tick, gathered for the next; null: nothing. */
  extra: Partial<TickExtra> | null;
  readonly audio: Int16Array;
  readonly evidence: Evidence;
  /** The tick that runs now; null before the first. */
  record: TickRecord | null;
  answered: boolean;
  nextTick: number;
  levelIn: number;
  levelOut: number;
};

export function startTicks(session: string, gate: Gate, at: { tick: number; head: Uint8Array }): SessionTicks {
  return {
    session,
    gate,
    inbox: emptyInbox(),
    whispers: [],
    extra: null,
    audio: new Int16Array(TICK_SAMPLES),
    evidence: startEvidence(session, { ...at, sequence: gate.lastSequence }),
    record: null,
    answered: true,
    nextTick: at.tick,
    levelIn: 0,
    levelOut: 0,
  };
}

/**
 * A tick's deadline, first half of the way through the house: the evidence of the tick before is closed, what arrived becomes the input of
 * the next. The caller hands the input to the engine at once; its audio is only good until the next call.
 */
export function openTick(state: SessionTicks, sha256: Sha256): { readonly input: TickInput; readonly segment: Segment | null } {
  const segment = sealTick(state, sha256);
  const samples = takeAudio(state.inbox, state.audio);
  const texts = state.inbox.texts.splice(0);
  const images = state.inbox.images.splice(0);
  const whispers = state.whispers.splice(0);
  const extra = state.extra === null ? {} : { extra: wholeExtra(state.extra) };
  state.extra = null;
  const tick = state.nextTick;
  state.nextTick += 1;
  state.levelIn = samples === 0 ? 0 : loudness(state.audio);
  state.levelOut = 0;
  state.answered = false;
  const audio = new Uint8Array(state.audio.buffer, state.audio.byteOffset, samples * 2);
  const rest = [...texts.map(utf8), ...images, ...whispers.map(utf8)];
  const input = sha256(rest.length === 0 ? audio : concatBytes([audio, ...rest].map((part) => sha256(part))));
  state.record = { tick, input, produced: [], left: [], gateWord: state.gate.word, flags: 0 };
  const [image] = images;
  return { input: { tick, audio: state.audio, texts, whispers, ...(image === undefined ? {} : { image }), ...extra }, segment };
}

/** Closes the tick that runs, if any. Returns a segment when a second of evidence is full. */
function sealTick(state: SessionTicks, sha256: Sha256): Segment | null {
  const { record } = state;
  if (record === null) return null;
  if (!state.answered) record.flags |= NO_ANSWER;
  state.record = null;
  return addTick(state.evidence, record, state.gate.lastSequence, sha256);
}

/** The session pauses or ends: closes the tick that runs and the segment, full or not. */
export function closeTicks(state: SessionTicks, sha256: Sha256): Segment[] {
  const full = sealTick(state, sha256);
  const rest = closeSegment(state.evidence, state.gate.lastSequence);
  return [full, rest].filter((segment) => segment !== null);
}

/** One frame of an answer on its way out, and whether it left. */
export type Outgoing = { readonly kind: FrameKind; readonly payload: Uint8Array; readonly left: boolean };
export type AnswerOutcome =
  { readonly type: 'late'; readonly behind: number } | { readonly type: 'judged'; readonly frames: readonly Outgoing[] };

/** Encodes and hands a frame to the socket: see `HandOver`. `sequence` is the frame's number. */
export type FrameSink = (kind: FrameKind, payload: Uint8Array, tick: number) => HandOver;

/**
 * The engine's answer, second half of the way: each frame of it passes the gate or is withheld, and both are evidenced. An answer to a
 * past tick is dropped and counted; nothing is ever sent late.
 */
export function answerTick(
  state: SessionTicks,
  answer: TickAnswer,
  now: { clock: number; leased: boolean },
  way: { sink: FrameSink; sha256: Sha256 },
): AnswerOutcome {
  const { record } = state;
  if (record === null || answer.tick !== record.tick || state.answered) {
    if (record !== null) record.flags |= LATE_ANSWER;
    return { type: 'late', behind: (record?.tick ?? state.nextTick) - answer.tick };
  }
  state.answered = true;
  if (!now.leased) record.flags |= NOT_LEASED;
  const frames = framesOf(answer).map(({ kind, payload }) => {
    const evidence = { kind, digest: way.sha256(payload) };
    record.produced.push(evidence);
    record.gateWord = state.gate.word;
    const passage = state.gate.pass('engine', kind, now.clock, way.sink(kind, payload, record.tick));
    if (passage.left) {
      record.left.push(evidence);
      if (kind === 'audio' && answer.audio !== null) state.levelOut = loudness(answer.audio);
    }
    return { kind, payload, left: passage.left };
  });
  return { type: 'judged', frames };
}

/** The frames of an answer in the order in which they leave: yield first, so that the client drops old audio before it gets new. */
function framesOf(answer: TickAnswer): { readonly kind: FrameKind; readonly payload: Uint8Array }[] {
  const frames: { kind: FrameKind; payload: Uint8Array }[] = [];
  const event = (data: EngineEvent) => frames.push({ kind: 'event', payload: utf8(JSON.stringify(data)) });
  if (answer.yielded) event({ type: 'yield' });
  for (const { utterance, text, final } of answer.heard) event({ type: 'heard', utterance, text, final });
  if (answer.said !== '') frames.push({ kind: 'text', payload: utf8(answer.said) });
  if (answer.audio !== null && answer.audio.length > 0) {
    frames.push({ kind: 'audio', payload: new Uint8Array(answer.audio.buffer, answer.audio.byteOffset, answer.audio.byteLength) });
  }
  if (answer.extra?.turnEnded === true) event({ type: 'turn_ended' });
  return frames;
}
