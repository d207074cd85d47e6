import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import type { ResponseParams } from './realtime-client-events.ts';
import { keep, spaced, transcriptOf } from './realtime-entries.ts';
import type { RealtimeItem, RealtimeResponse, StatusDetails } from './realtime-server-events.ts';
import { restoreSettings, voiceName } from './realtime-settings.ts';
import { type ActiveResponse, change, type Draft, emit, type RealtimeState, type Speaker, type Speech } from './realtime-state.ts';

/** A message that has been going on for so long is ended, and another begun: state stays bounded. */
const LONGEST_SPEECH_MS = 300_000;

/**
 * How a response ends. `tells`: whether the closing events repeat the words; after an order, or once the gate is closed, they don't, for
 * then nothing of the engine's leaves any more (law 3).
 */
export type Ending = { readonly status: 'completed' | 'cancelled' | 'incomplete' | 'failed'; readonly tells: boolean } & Omit<
  StatusDetails,
  'type'
>;

export const COMPLETED: Ending = { status: 'completed', tells: true };

/** Begins a response: because the client asked for it, or because somebody begins to speak. */
export function beginResponse(draft: Draft, source: Speaker, params: ResponseParams | null): ActiveResponse {
  const { settings } = draft.state;
  const output = params?.audio?.output;
  const response: ActiveResponse = {
    id: draft.newId('resp'),
    source,
    modality: params?.output_modalities?.[0] ?? settings.modality,
    format: output?.format ?? settings.outputFormat,
    voice: voiceName(output?.voice) ?? settings.voice,
    metadata: source === 'engine' ? (params?.metadata ?? null) : { wheelhouse_speaker: source },
    outputs: [],
    speech: null,
    idle: 0,
    overrides: params !== null,
  };
  change(draft, { response, lastResponse: response.id });
  emit(draft, { type: 'response.created', response: responseObject(draft.state, response, null) });
  // No count of requests or tokens limits a session here.
  emit(draft, { type: 'rate_limits.updated', rate_limits: [] });
  return response;
}

/** Words that begin now. */
export function sayWords(draft: Draft, source: Speaker, words: string): void {
  const { response, speech } = speaking(draft, source);
  const delta = spaced(speech.parts.at(-1)?.text, words);
  const ids = partIds(response, speech);
  if (response.modality === 'text') emit(draft, { type: 'response.output_text.delta', ...ids, delta });
  else emit(draft, { type: 'response.output_audio_transcript.delta', ...ids, delta });
  speak(draft, response, { ...speech, parts: [...speech.parts, { at: speech.audioMs, text: delta }] });
}

/** Audio in the response's own format, and how long it lasts. A response in text alone has none. */
export function sayAudio(draft: Draft, source: Speaker, sound: { readonly delta: string; readonly ms: number }): void {
  const { response: before, settings } = draft.state;
  if ((continued(draft.state, source)?.modality ?? settings.modality) === 'text') {
    if (before !== null) change(draft, { response: { ...before, idle: 0 } });
    return;
  }
  const { response, speech } = speaking(draft, source);
  emit(draft, { type: 'response.output_audio.delta', ...partIds(response, speech), delta: sound.delta });
  speak(draft, response, { ...speech, audioMs: speech.audioMs + sound.ms });
}

/** The engine wants something done, and may: the client is to do it. */
export function callTool(draft: Draft, { call, name, arguments: given }: ToolCall): void {
  const response = currentOf(draft, 'engine');
  const index = response.outputs.length + (response.speech === null ? 0 : 1);
  const common = { id: draft.newId('item'), object: 'realtime.item' as const, type: 'function_call' as const, call_id: call, name };
  const open: RealtimeItem = { ...common, status: 'in_progress', arguments: '' };
  const item: RealtimeItem = { ...common, status: 'completed', arguments: given };
  const ids = { response_id: response.id, output_index: index };
  const previous = draft.state.lastItem;
  emit(draft, { type: 'response.output_item.added', ...ids, item: open });
  emit(draft, { type: 'conversation.item.added', item: open, previous_item_id: previous });
  emit(draft, { type: 'response.function_call_arguments.delta', ...ids, item_id: item.id, call_id: call, delta: given });
  emit(draft, { type: 'response.function_call_arguments.done', ...ids, item_id: item.id, call_id: call, name, arguments: given });
  emit(draft, { type: 'response.output_item.done', ...ids, item });
  emit(draft, { type: 'conversation.item.done', item, previous_item_id: previous });
  keep(draft, { item, spoken: null });
  change(draft, {
    lastItem: item.id,
    calls: [...draft.state.calls, call].slice(-256),
    response: { ...response, idle: 0, outputs: [...response.outputs, item] },
  });
}

/** Ends the response that is under way, if any: every one that was begun ends exactly once. */
export function endResponse(draft: Draft, ending: Ending): void {
  const { response } = draft.state;
  if (response === null) return;
  const item = response.speech === null ? null : endSpeech(draft, response, response.speech, ending);
  const outputs = item === null ? response.outputs : response.outputs.toSpliced(response.speech?.index ?? 0, 0, item);
  const ended = { ...response, outputs, speech: null };
  if (ending.status !== 'completed' && (response.speech?.audioMs ?? 0) > 0)
    emit(draft, { type: 'output_audio_buffer.cleared', response_id: response.id });
  emit(draft, { type: 'response.done', response: responseObject(draft.state, ended, ending) });
  change(draft, { response: null });
  if (response.overrides) restoreSettings(draft);
}

function endSpeech(draft: Draft, response: ActiveResponse, speech: Speech, ending: Ending): RealtimeItem {
  const words = transcriptOf(speech.parts);
  const ids = partIds(response, speech);
  const kept = messageOf(speech, response.modality, ending.status === 'completed' ? 'completed' : 'incomplete');
  const item = ending.tells ? kept : { ...kept, content: [] };
  if (ending.tells && response.modality === 'text') {
    emit(draft, { type: 'response.output_text.done', ...ids, text: words });
    emit(draft, { type: 'response.content_part.done', ...ids, part: { type: 'text', text: words } });
  } else if (ending.tells) {
    emit(draft, { type: 'response.output_audio.done', ...ids });
    emit(draft, { type: 'response.output_audio_transcript.done', ...ids, transcript: words });
    emit(draft, { type: 'response.content_part.done', ...ids, part: { type: 'audio', transcript: words } });
  }
  emit(draft, { type: 'response.output_item.done', response_id: response.id, output_index: speech.index, item });
  emit(draft, { type: 'conversation.item.done', item, previous_item_id: speech.previous });
  keep(draft, { item: kept, spoken: response.modality === 'audio' ? { parts: speech.parts, audioMs: speech.audioMs } : null });
  return item;
}

/** The response and the message in it that what is said now belongs to; they are begun where there are none. */
function speaking(draft: Draft, source: Speaker): { response: ActiveResponse; speech: Speech } {
  const response = currentOf(draft, source);
  if (response.speech !== null) return { response, speech: response.speech };
  const previous = draft.state.lastItem;
  const speech: Speech = { item: draft.newId('item'), index: response.outputs.length, previous, parts: [], audioMs: 0 };
  const item: RealtimeItem = { ...messageOf(speech, response.modality, 'in_progress'), content: [] };
  emit(draft, { type: 'response.output_item.added', response_id: response.id, output_index: speech.index, item });
  emit(draft, { type: 'conversation.item.added', item, previous_item_id: previous });
  const part = response.modality === 'text' ? { type: 'text' as const, text: '' } : { type: 'audio' as const, transcript: '' };
  emit(draft, { type: 'response.content_part.added', ...partIds(response, speech), part });
  change(draft, { lastItem: speech.item });
  return { response, speech };
}

/** The response that output of this source goes on with; null when it begins another. */
export function continued({ response }: RealtimeState, source: Speaker): ActiveResponse | null {
  const isAnother = response?.source !== source || (response.speech?.audioMs ?? 0) >= LONGEST_SPEECH_MS;
  return isAnother ? null : response;
}

function currentOf(draft: Draft, source: Speaker): ActiveResponse {
  const response = continued(draft.state, source);
  if (response !== null) return response;
  endResponse(draft, COMPLETED);
  return beginResponse(draft, source, null);
}

function speak(draft: Draft, response: ActiveResponse, speech: Speech): void {
  change(draft, { response: { ...response, speech, idle: 0 } });
}

function partIds(response: ActiveResponse, speech: Speech) {
  return { response_id: response.id, item_id: speech.item, output_index: speech.index, content_index: 0 as const };
}

function messageOf(speech: Speech, modality: 'audio' | 'text', status: 'completed' | 'incomplete' | 'in_progress') {
  const words = transcriptOf(speech.parts);
  const part = modality === 'text' ? { type: 'output_text' as const, text: words } : { type: 'output_audio' as const, transcript: words };
  const head = { id: speech.item, object: 'realtime.item' as const, type: 'message' as const, role: 'assistant' as const };
  return { ...head, status, content: [part] };
}

function responseObject(state: RealtimeState, response: ActiveResponse, ending: Ending | null): RealtimeResponse {
  return {
    object: 'realtime.response',
    id: response.id,
    status: ending?.status ?? 'in_progress',
    status_details: ending === null ? null : detailsOf(ending),
    output: [...response.outputs],
    conversation_id: state.id,
    output_modalities: [response.modality],
    audio: { output: { format: response.format, voice: response.voice } },
    max_output_tokens: 'inf',
    metadata: response.metadata === null ? null : { ...response.metadata },
  };
}

function detailsOf({ status, reason, error }: Ending): StatusDetails {
  return { type: status, ...(reason === undefined ? {} : { reason }), ...(error === undefined ? {} : { error }) };
}
