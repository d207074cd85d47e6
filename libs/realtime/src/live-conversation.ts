import type { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import { bytesOfBase64 } from './audio-base64.ts';
import type { LiveClientEvent, LiveFault, LiveReading } from './live-client-events.ts';
import { LONGEST_INSTRUCTIONS, type LiveSessionConfig } from './live-client-session.ts';
import { takeLiveCall, takeLiveRequest, takeLiveResult } from './live-functions.ts';
import { takeLiveGate, tell } from './live-notices.ts';
import type { LiveServerEvent } from './live-server-events.ts';
import {
  changeLive,
  clockOf,
  emitLive,
  engineConfigOf,
  type LiveDraft,
  type LiveEffect,
  type LiveSettings,
  type LiveState,
  LONGEST_SECONDS,
  nameLive,
  type NewLiveId,
  refuseLive,
  resourceOf,
  usageOf,
} from './live-state.ts';

/** Usage is told every ten seconds. */
const USAGE_TICKS = 50;
/** Utterances that may be open at once; an engine that opens more forgets where the oldest began. */
const MOST_UTTERANCES = 64;

/** What one step brings: the new state, what is told to the client, and then what is done. */
export type LiveStep = { readonly state: LiveState; readonly out: readonly LiveServerEvent[]; readonly effects: readonly LiveEffect[] };

/** What the conversation is told besides the client's events. */
export type LiveNews =
  | { readonly type: 'gate'; readonly event: GateEvent; readonly fault: LiveFault | null }
  | { readonly type: 'engine'; readonly event: EngineEvent; readonly tick: number }
  /** Words that begin in this tick's sound: the engine's, or a human's who took over. */
  | { readonly type: 'words'; readonly text: string; readonly tick: number }
  /** Sound of this tick, in the session's format and base64. */
  | { readonly type: 'sound'; readonly audio: string }
  | { readonly type: 'image' }
  /** Words and sound are another's from now on. */
  | { readonly type: 'speaker'; readonly source: 'engine' | 'human' | 'gate' }
  | { readonly type: 'tick_ended'; readonly tick: number };

/** A session before its first event: `ready` from the gate begins it. `now`: Unix time in seconds. */
export function startLive(id: string, model: string, config: LiveSessionConfig, now: number): LiveState {
  return {
    ...{ id, model, startedAt: now, expiresAt: now + LONGEST_SECONDS, settings: settingsOf(config) },
    appended: (config.input ?? []).flatMap(({ role, content: [{ text }] }) => (role === 'developer' ? [text] : [])),
    ...{ muted: false, firstTick: 0, tick: 0, spoke: false, heard: false },
    ...{ began: new Map(), calls: [], results: [], latched: [], closing: null, closed: false },
  };
}

function settingsOf({ audio, instructions, input, delegation }: LiveSessionConfig): LiveSettings {
  const functions =
    delegation?.type === 'responses'
      ? {
          model: delegation.responses.model,
          toolChoice: delegation.responses.tool_choice ?? ('auto' as const),
          tools: delegation.responses.tools ?? [],
        }
      : null;
  return {
    format: audio?.format ?? { type: 'audio/pcm', rate: 24_000 },
    voice: audio?.output?.voice ?? null,
    instructions: instructions ?? '',
    history: input ?? [],
    functions,
  };
}

function step(state: LiveState, newId: NewLiveId, work: (draft: LiveDraft) => void): LiveStep {
  // After `session.closed` nothing is said, whatever still comes.
  if (state.closed) return { state, out: [], effects: [] };
  const draft: LiveDraft = { state, out: [], effects: [], newId };
  work(draft);
  return draft;
}

/** The client sent a message. Pure. */
export function takeLiveMessage(state: LiveState, reading: LiveReading, newId: NewLiveId): LiveStep {
  return step(state, newId, (draft) => {
    if ('fault' in reading) refuseLive(draft, reading.fault);
    else takeEvent(draft, reading.event);
  });
}

/** The gate, the engine or the clock has news. `startEvent`: the client's own id of its `session.start`. Pure. */
export function takeLiveNews(state: LiveState, news: LiveNews, newId: NewLiveId, startEvent: string | null = null): LiveStep {
  return step(state, newId, (draft) => {
    takeNews(draft, news, startEvent);
  });
}

function takeEvent(draft: LiveDraft, event: LiveClientEvent): void {
  const clientEvent = event.event_id ?? null;
  switch (event.type) {
    case 'session.start':
      refuseLive(draft, { code: 'session_already_started', message: 'The session has started already.', param: 'type', clientEvent });
      return;
    case 'session.update':
      update(draft, event);
      return;
    case 'session.input_audio.append':
      hear(draft, event.audio, clientEvent);
      return;
    case 'session.input_audio.mute':
      changeLive(draft, { muted: true });
      draft.effects.push({ type: 'drop_audio' });
      emitLive(draft, { type: 'session.input_audio.muted' }, clientEvent);
      return;
    case 'session.input_audio.unmute':
      changeLive(draft, { muted: false });
      emitLive(draft, { type: 'session.input_audio.unmuted' }, clientEvent);
      return;
    case 'session.instructions.append':
      append(draft, event.content, { type: 'session.instructions.appended', clientEvent });
      return;
    case 'session.thinking.append':
      append(draft, `For your information, not to be read out: ${event.content}`, { type: 'session.thinking.appended', clientEvent });
      return;
    case 'session.commentary.append': {
      const at = clockOf(draft.state, draft.state.tick);
      const accepted = nameLive(draft, { type: 'session.commentary.appended', start_ms: at, end_ms: at }, clientEvent);
      draft.effects.push({ type: 'text', text: event.content, accepted, clientEvent });
      return;
    }
    case 'response.item.create':
      takeLiveResult(draft, event);
      return;
    case 'response.create':
      takeLiveRequest(draft, event);
      return;
    case 'session.close':
      changeLive(draft, { closing: { reason: 'close_requested', clientEvent } });
      draft.effects.push({ type: 'end', reason: 'ended by the client' });
      return;
  }
}

function takeNews(draft: LiveDraft, news: LiveNews, startEvent: string | null): void {
  switch (news.type) {
    case 'gate':
      takeLiveGate(draft, news.event, news.fault, startEvent);
      return;
    case 'engine':
      takeEngine(draft, news.event, news.tick);
      return;
    case 'words': {
      const span = { start_ms: clockOf(draft.state, news.tick), end_ms: clockOf(draft.state, news.tick + 1) };
      emitLive(draft, { type: 'session.output_transcript.delta', delta: `${draft.state.spoke ? ' ' : ''}${news.text}`, ...span });
      changeLive(draft, { spoke: true });
      return;
    }
    case 'sound':
      draft.out.push({ type: 'session.output_audio.delta', delta: news.audio });
      return;
    case 'image':
      emitLive(draft, { type: 'info', code: 'wheelhouse.image', message: 'The engine shows an image, which this protocol can not carry.' });
      return;
    case 'speaker':
      emitLive(draft, { type: 'info', code: 'wheelhouse.speaker', message: SPEAKERS[news.source] });
      return;
    case 'tick_ended':
      endTick(draft, news.tick);
      return;
  }
}

const SPEAKERS = {
  engine: 'The engine speaks again.',
  human: 'A human speaks in the engine’s place, or beside it.',
  gate: 'The gate itself speaks, in the place of what may not be said.',
} as const;

function takeEngine(draft: LiveDraft, event: EngineEvent, tick: number): void {
  switch (event.type) {
    case 'heard':
      understand(draft, event, tick);
      return;
    case 'yield':
      draft.effects.push({ type: 'flush' });
      tell(draft, event);
      return;
    case 'call':
      takeLiveCall(draft, { call: event.call, name: event.name, arguments: event.arguments }, tick);
      return;
    case 'turn_ended':
      // The protocol knows no turns.
      return;
  }
}

/** Fragments are added up by clients and never taken back, so only what is understood for good is told. */
function understand(draft: LiveDraft, heard: Extract<EngineEvent, { type: 'heard' }>, tick: number): void {
  const began = new Map(draft.state.began);
  const from = began.get(heard.utterance) ?? tick;
  if (!heard.final) {
    began.set(heard.utterance, from);
    const [oldest] = began.keys();
    if (began.size > MOST_UTTERANCES && oldest !== undefined) began.delete(oldest);
    changeLive(draft, { began });
    return;
  }
  began.delete(heard.utterance);
  changeLive(draft, { began });
  if (heard.text.trim() === '') return;
  const span = { start_ms: clockOf(draft.state, from), end_ms: clockOf(draft.state, tick + 1) };
  emitLive(draft, { type: 'session.input_transcript.delta', delta: `${draft.state.heard ? ' ' : ''}${heard.text}`, ...span });
  changeLive(draft, { heard: true });
}

function hear(draft: LiveDraft, audio: string, clientEvent: string | null): void {
  const bytes = bytesOfBase64(audio);
  const isPcm = draft.state.settings.format.type === 'audio/pcm';
  if (bytes === null) {
    refuseLive(draft, { code: 'invalid_audio', message: 'The audio is not base64.', param: 'audio', clientEvent });
  } else if (isPcm && bytes.length % 2 !== 0) {
    const message = `PCM16 audio has an even number of bytes; this has ${bytes.length}.`;
    refuseLive(draft, { code: 'invalid_audio', message, param: 'audio', clientEvent });
  } else if (!draft.state.muted) {
    draft.effects.push({ type: 'audio', bytes });
  }
}

type Append = { readonly type: 'session.instructions.appended' | 'session.thinking.appended'; readonly clientEvent: string | null };

function append(draft: LiveDraft, text: string, { type, clientEvent }: Append): void {
  const appended = [...draft.state.appended, text];
  const config = engineConfigOf({ ...draft.state, appended });
  if (config.instructions.length > LONGEST_INSTRUCTIONS) {
    const message = `With this, the session’s instructions and context would be longer than ${LONGEST_INSTRUCTIONS} characters. Nothing was appended.`;
    refuseLive(draft, { code: 'context_full', message, param: 'content', clientEvent });
    return;
  }
  changeLive(draft, { appended });
  draft.effects.push({ type: 'extra', extra: { config } });
  const at = clockOf(draft.state, draft.state.tick);
  emitLive(draft, { type, start_ms: at, end_ms: at }, clientEvent);
}

function update(draft: LiveDraft, event: Extract<LiveClientEvent, { type: 'session.update' }>): void {
  const { settings } = draft.state;
  const { delegation } = event.session;
  const clientEvent = event.event_id ?? null;
  const now = settings.functions === null ? 'client' : 'responses';
  if (delegation !== undefined && (delegation?.type ?? 'client') !== now) {
    const message = `The delegation type can not change: it is "${now}".`;
    refuseLive(draft, { code: 'invalid_value', message, param: 'session.delegation.type', clientEvent });
    return;
  }
  if (delegation?.type === 'responses' && settings.functions !== null && delegation.responses !== undefined) {
    const { model = settings.functions.model, tools = settings.functions.tools, tool_choice } = delegation.responses;
    if (model !== settings.functions.model) {
      const message = 'No model runs in the background here; name the session’s own model.';
      refuseLive(draft, { code: 'unsupported_value', message, param: 'session.delegation.responses.model', clientEvent });
      return;
    }
    const functions = { model, tools, toolChoice: tool_choice ?? settings.functions.toolChoice };
    changeLive(draft, { settings: { ...settings, functions } });
    draft.effects.push({ type: 'extra', extra: { config: engineConfigOf(draft.state) } });
  }
  emitLive(draft, { type: 'session.updated', session: resourceOf(draft.state) }, clientEvent);
}

function endTick(draft: LiveDraft, tick: number): void {
  changeLive(draft, { tick: Math.max(draft.state.tick, tick + 1) });
  const passed = draft.state.tick - draft.state.firstTick;
  if (passed > 0 && passed % USAGE_TICKS === 0) emitLive(draft, { type: 'session.usage.updated', usage: usageOf(draft.state) });
  if (passed < LONGEST_SECONDS * 5 || draft.state.closing !== null) return;
  changeLive(draft, { closing: { reason: 'expired', clientEvent: null } });
  draft.effects.push({ type: 'end', reason: 'the session reached its longest duration' });
}
