import { bytesOfBase64 } from './audio-base64.ts';
import type { AudioFormat } from './realtime-client-session.ts';
import type { RealtimeClientEvent, ResponseParams } from './realtime-client-events.ts';
import type { Refused } from './realtime-fault.ts';
import { createItem, deleteItem, retrieveItem, truncateItem } from './realtime-items.ts';
import { givePending } from './realtime-pending.ts';
import { beginResponse, endResponse } from './realtime-response.ts';
import { override, updateSession } from './realtime-settings.ts';
import { commitTurn } from './realtime-speech.ts';
import { change, type Draft, emit } from './realtime-state.ts';

/** Least audio that can be committed, in milliseconds. */
const LEAST_COMMIT_MS = 100;

/** Carries out what the client asks. Refused: nothing of it counts. */
export function takeRequest(draft: Draft, event: RealtimeClientEvent): Refused | null {
  switch (event.type) {
    case 'session.update':
      return updateSession(draft, event.session);
    case 'input_audio_buffer.append':
      return append(draft, event.audio);
    case 'input_audio_buffer.commit':
      return commit(draft);
    case 'input_audio_buffer.clear':
      return clear(draft);
    case 'output_audio_buffer.clear':
      return clearOutput(draft);
    case 'conversation.item.create':
      return createItem(draft, event);
    case 'conversation.item.retrieve':
      return retrieveItem(draft, event);
    case 'conversation.item.delete':
      return deleteItem(draft, event);
    case 'conversation.item.truncate':
      return truncateItem(draft, event);
    case 'response.create':
      return respond(draft, event.response);
    case 'response.cancel':
      return cancel(draft, event.response_id);
  }
}

function append(draft: Draft, audio: string): Refused | null {
  const bytes = bytesOfBase64(audio);
  const param = 'audio';
  if (bytes === null)
    return { code: 'invalid_base64', message: 'The audio is not base64 (RFC 4648, with padding, without line breaks).', param };
  const format = draft.state.settings.inputFormat;
  if (format.type === 'audio/pcm' && bytes.length % 2 !== 0)
    return { code: 'invalid_audio', message: `PCM16 audio has an even number of bytes; this has ${bytes.length}.`, param };
  if (bytes.length === 0) return { code: 'invalid_audio', message: 'There is no audio in it.', param };
  change(draft, { appendedMs: draft.state.appendedMs + durationOf(format, bytes.length) });
  draft.effects.push({ type: 'audio', format, bytes });
  return null;
}

/** Milliseconds of so many bytes. */
export function durationOf(format: AudioFormat, bytes: number): number {
  switch (format.type) {
    case 'audio/pcm':
      return bytes / 48;
    case 'audio/pcmu':
    case 'audio/pcma':
      return bytes / 8;
  }
}

function commit(draft: Draft): Refused | null {
  const { appendedMs, committedMs, turn } = draft.state;
  const ms = appendedMs - committedMs;
  if (ms < LEAST_COMMIT_MS && turn === null) {
    const message = `Expected at least ${LEAST_COMMIT_MS} ms of audio since the last commit; there were ${Math.round(ms)} ms.`;
    return { code: 'input_audio_buffer_commit_empty', message, param: null };
  }
  commitTurn(draft);
  return null;
}

/** What the engine has not had yet is dropped; what it has heard it has heard. */
function clear(draft: Draft): Refused | null {
  draft.effects.push({ type: 'drop_audio' });
  const turn = draft.state.settings.turnDetection === null ? null : draft.state.turn;
  change(draft, { committedMs: draft.state.appendedMs, turn });
  emit(draft, { type: 'input_audio_buffer.cleared' });
  return null;
}

function clearOutput(draft: Draft): Refused | null {
  const { response, lastResponse } = draft.state;
  if (response !== null) return stopTalking(draft);
  if (lastResponse === null)
    return { code: 'output_audio_buffer_empty', message: 'Nothing has been said yet that could be cleared.', param: null };
  emit(draft, { type: 'output_audio_buffer.cleared', response_id: lastResponse });
  return null;
}

function respond(draft: Draft, params: ResponseParams | undefined): Refused | null {
  const { latched, response } = draft.state;
  const order = latched.find((kind) => kind !== 'level');
  if (order !== undefined) {
    const message = `An order (${latched.join(', ')}) is in force: nothing is answered until it is released.`;
    return { code: `order:${order}`, message, param: null };
  }
  if (response !== null) {
    const message = `Conversation already has an active response in progress: ${response.id}. Wait until it is done, or cancel it.`;
    return { code: 'conversation_already_has_active_response', message, param: null };
  }
  if (params !== undefined) {
    const refused = override(draft, params);
    if (refused !== null) return refused;
  }
  givePending(draft);
  beginResponse(draft, 'engine', params ?? null);
  draft.effects.push({ type: 'respond' });
  return null;
}

function cancel(draft: Draft, id: string | undefined): Refused | null {
  const { response } = draft.state;
  if (response === null || (id !== undefined && id !== response.id)) {
    const message =
      id === undefined ? 'Cancellation failed: no active response found.' : `Cancellation failed: response '${id}' is not active.`;
    return { code: 'response_cancel_not_active', message, param: id === undefined ? null : 'response_id' };
  }
  return stopTalking(draft);
}

function stopTalking(draft: Draft): null {
  draft.effects.push({ type: 'hush' });
  endResponse(draft, { status: 'cancelled', reason: 'client_cancelled', tells: true });
  change(draft, { fenced: true });
  return null;
}
