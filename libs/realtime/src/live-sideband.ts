import type { TranscriptLine } from '@wheelhouse/protocol/session';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import { inWords } from './live-notices.ts';
import { LONGEST_SECONDS, type NewLiveEvent } from './live-state.ts';
import type { LiveServerEvent, LiveSessionResource } from './live-server-events.ts';

/** A session as its sidebands are told of it. `openedAt`: Unix time in seconds. */
export type SidebandSession = { readonly id: string; readonly model: string; readonly openedAt: number };

/** What a sideband has been told of the transcript. It belongs to whoever folds it. */
export type SidebandTranscript = {
  /** Whether a direction has begun: fragments after the first are set off by a space. */
  readonly heard: boolean;
  readonly said: boolean;
  /** Where utterances that are not understood to the end yet began, by their number. */
  readonly began: ReadonlyMap<number, number>;
};

export const untoldTranscript: SidebandTranscript = { heard: false, said: false, began: new Map() };
const MOST_UTTERANCES = 64;

/** Lines of the live transcript as deltas: what was understood for good, and what the client was given to hear. Pure. */
export function takeTranscriptLines(
  before: SidebandTranscript,
  lines: readonly TranscriptLine[],
): { readonly state: SidebandTranscript; readonly out: readonly NewLiveEvent[] } {
  let state = before;
  const out: NewLiveEvent[] = [];
  for (const line of lines) {
    if (line.who === 'said' && line.left && line.text !== '') {
      out.push({ type: 'session.output_transcript.delta', delta: spaced(state.said, line.text), ...spanOf(line.tick, line.tick) });
      state = { ...state, said: true };
    }
    if (line.who !== 'heard') continue;
    const from = state.began.get(line.utterance) ?? line.tick;
    state = { ...state, began: withBeginning(state.began, line, from) };
    if (!line.final || line.text.trim() === '') continue;
    out.push({ type: 'session.input_transcript.delta', delta: spaced(state.heard, line.text), ...spanOf(from, line.tick) });
    state = { ...state, heard: true };
  }
  return { state, out };
}

function withBeginning(before: ReadonlyMap<number, number>, line: TranscriptLine, from: number): ReadonlyMap<number, number> {
  const began = new Map(before);
  if (line.final) began.delete(line.utterance);
  else began.set(line.utterance, from);
  const [oldest] = began.keys();
  if (began.size > MOST_UTTERANCES && oldest !== undefined) began.delete(oldest);
  return began;
}

function spaced(isBegun: boolean, text: string): string {
  return isBegun ? ` ${text}` : text;
}

/** Milliseconds on the session's clock from the beginning of one tick to the end of another. */
export function spanOf(from: number, to: number): { readonly start_ms: number; readonly end_ms: number } {
  return { start_ms: from * TICK_MS, end_ms: (to + 1) * TICK_MS };
}

/** What the gate told the session's client, for a sideband; null where it concerns that client alone, or is said otherwise. */
export function gateForSideband(event: GateEvent): NewLiveEvent | null {
  switch (event.type) {
    case 'error':
    case 'ended':
      return null;
    case 'ready': {
      const message = `The session’s client is attached; level ${event.level}.`;
      return { type: 'info', code: 'wheelhouse.ready', message, wheelhouse: event };
    }
    case 'flush':
    case 'released':
    case 'cut':
    case 'level':
    case 'lease':
    case 'hold_back':
    case 'checkpoint':
      return { type: 'info', code: `wheelhouse.${event.type}`, message: inWords(event), wheelhouse: event };
  }
}

export function closedForSideband(session: SidebandSession, tick: number): NewLiveEvent {
  return {
    type: 'session.closed',
    reason: 'close_requested',
    session: sidebandResource(session),
    usage: { seconds: (tick * TICK_MS) / 1000 },
  };
}

function sidebandResource({ id, model, openedAt }: SidebandSession): LiveSessionResource {
  return {
    ...{ id, model, expires_at: openedAt + LONGEST_SECONDS, status: 'active', store: false },
    audio: { format: { type: 'audio/pcm', rate: 24_000 } },
  };
}

/** Sound that a sideband overhears, in base64 at 24 kHz: the person’s as their client sent it, the other as it left. */
export function soundForSideband(source: 'client' | 'engine' | 'human', tick: number, audio: string): LiveServerEvent {
  return source === 'client'
    ? { type: 'session.input_audio.append', audio }
    : { type: 'session.output_audio.delta', delta: audio, ...spanOf(tick, tick) };
}
