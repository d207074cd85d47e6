import type { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import type { AudioFormat } from './realtime-client-session.ts';
import type { RealtimeClientEvent } from './realtime-client-events.ts';
import type { RealtimeFault, Refused } from './realtime-fault.ts';
import { takeGateEvent } from './realtime-gate.ts';
import { takeRequest } from './realtime-requests.ts';
import { callTool, COMPLETED, continued, endResponse, sayAudio, sayWords } from './realtime-response.ts';
import type { RealtimeServerEvent } from './realtime-server-events.ts';
import { initialSettings } from './realtime-settings.ts';
import { announceSpeech, awaitTranscript, endTranscript, hear } from './realtime-speech.ts';
import { change, type Draft, emit, type NewId, type RealtimeEffect, type RealtimeState, type Speaker } from './realtime-state.ts';

/** Ticks without output after which an answer is over, where the engine doesn't say so itself: about a second. */
const QUIET_TICKS = 5;
/** The same for a response that was asked for and has not brought anything yet. */
const SILENT_TICKS = 50;
/** The same for one that brought calls and no speech: the client waits to carry them out. */
const CALLED_TICKS = 2;

const SILENT = { type: 'server_error', code: 'engine_silent', message: 'The engine had nothing to say.' };

export type RealtimeStep = {
  readonly state: RealtimeState;
  /** For the client, in this order. */
  readonly out: readonly RealtimeServerEvent[];
  /** For the session, in this order. */
  readonly effects: readonly RealtimeEffect[];
};

/** What the gate let through. Audio comes in the format of `outputFormat`, in base64. */
export type RealtimeFrame =
  | { readonly kind: 'audio'; readonly source: Speaker; readonly delta: string; readonly ms: number }
  | { readonly kind: 'text'; readonly source: Speaker; readonly text: string }
  | { readonly kind: 'event'; readonly event: EngineEvent };

export function openConversation(session: { readonly id: string; readonly model: string }): RealtimeState {
  return {
    ...session,
    settings: initialSettings,
    entries: [],
    lastItem: null,
    lastResponse: null,
    response: null,
    turn: null,
    closing: null,
    pending: [],
    calls: [],
    appendedMs: 0,
    committedMs: 0,
    fenced: false,
    latched: [],
    brought: false,
  };
}

/** The format in which audio of this source goes out now; null: it doesn't, for the client wants text alone. */
export function outputFormat(state: RealtimeState, source: Speaker): AudioFormat | null {
  const response = continued(state, source);
  const { modality, outputFormat: format } = state.settings;
  return (response?.modality ?? modality) === 'text' ? null : (response?.format ?? format);
}

/** An event of the client: carried out, or answered with an `error` event. */
export function takeClientEvent(state: RealtimeState, event: RealtimeClientEvent, newId: NewId): RealtimeStep {
  const draft = draftOf(state, newId);
  const refused = takeRequest(draft, event);
  if (refused === null) return settled(draft);
  // Nothing of an event that is refused is kept.
  return tellFault(state, faultFor(refused, event.event_id ?? null), newId);
}

function faultFor(refused: Refused, event_id: string | null): RealtimeFault {
  const isOrder = refused.code.startsWith('order:');
  const code = isOrder ? refused.code.slice('order:'.length) : refused.code;
  return { ...refused, code, type: isOrder ? 'wheelhouse_order' : 'invalid_request_error', event_id };
}

/** Tells the client of what is wrong, and nothing else. */
export function tellFault(state: RealtimeState, fault: RealtimeFault, newId: NewId): RealtimeStep {
  const draft = draftOf(state, newId);
  emit(draft, { type: 'error', error: fault });
  return draft;
}

/** Something of the engine's, or of the human in its place, that the gate let through. */
export function takeFrame(state: RealtimeState, frame: RealtimeFrame, newId: NewId): RealtimeStep {
  const draft = draftOf(state, newId);
  switch (frame.kind) {
    case 'audio':
    case 'text':
      change(draft, { brought: true });
      if (state.fenced && frame.source === 'engine') break;
      // The engine answers: it has heard all that it answers to.
      if (state.response?.speech === null || state.response === null) endTranscript(draft);
      if (frame.kind === 'audio') sayAudio(draft, frame.source, frame);
      else if (frame.text !== '') sayWords(draft, frame.source, frame.text);
      break;
    case 'event':
      takeEngineEvent(draft, frame.event);
      break;
  }
  return settled(draft);
}

function takeEngineEvent(draft: Draft, event: EngineEvent): void {
  switch (event.type) {
    case 'heard':
      hear(draft, event);
      return;
    case 'yield':
      // After a cancel the engine yields because it was told to; nobody has spoken.
      if (draft.state.fenced || draft.state.response === null) return;
      announceSpeech(draft);
      endResponse(draft, { status: 'cancelled', reason: 'turn_detected', tells: true });
      return;
    case 'call':
      change(draft, { brought: true });
      callTool(draft, event);
      return;
    case 'turn_ended':
      if (draft.state.fenced) change(draft, { fenced: false });
      // What was asked for a moment ago and has brought nothing yet is another answer than the one that ends now.
      else if (hasOutput(draft.state)) endResponse(draft, COMPLETED);
      return;
  }
}

function hasOutput({ response }: RealtimeState): boolean {
  return response !== null && (response.speech !== null || response.outputs.length > 0);
}

/** A tick is over. `waiting`: input still waits to be heard, so that what it asks for can't be expected yet. */
export function takeTickEnd(state: RealtimeState, tick: { readonly waiting: boolean }, newId: NewId): RealtimeStep {
  const draft = draftOf(state, newId);
  change(draft, { brought: false });
  if (state.brought) return settled(draft);
  if (state.fenced) change(draft, { fenced: false });
  if (!tick.waiting) awaitTranscript(draft);
  idle(draft, tick.waiting);
  return settled(draft);
}

function idle(draft: Draft, waiting: boolean): void {
  const { response } = draft.state;
  if (response === null) return;
  const hasBegun = hasOutput(draft.state);
  if (!hasBegun && waiting) return;
  const ticks = response.idle + 1;
  const enough = response.speech !== null ? QUIET_TICKS : hasBegun ? CALLED_TICKS : SILENT_TICKS;
  if (ticks < enough) change(draft, { response: { ...response, idle: ticks } });
  else endResponse(draft, hasBegun ? COMPLETED : { status: 'failed', error: SILENT, tells: true });
}

/** The gate speaks. */
export function takeGate(state: RealtimeState, event: GateEvent, newId: NewId): RealtimeStep {
  const draft = draftOf(state, newId);
  takeGateEvent(draft, event);
  return settled(draft);
}

function draftOf(state: RealtimeState, newId: NewId): Draft {
  return { state, out: [], effects: [], newId };
}

/** Once the engine is no longer speaking, speech that has been going on is news to the client. */
function settled(draft: Draft): RealtimeStep {
  if (draft.state.response === null && draft.state.turn !== null) announceSpeech(draft);
  return draft;
}
