import { addItem, findEntry, replaceItem } from './realtime-entries.ts';
import { givePending } from './realtime-pending.ts';
import type { RealtimeItem } from './realtime-server-events.ts';
import { change, type Draft, emit, type RealtimeState, type UserTurn } from './realtime-state.ts';

/** A transcript that nothing more was heard for is complete after so many ticks. */
const TRANSCRIPT_WITHIN_TICKS = 50;

type Heard = { readonly utterance: number; readonly text: string; readonly final: boolean };

/** The engine understood something of what the person says. */
export function hear(draft: Draft, heard: Heard): void {
  const { closing } = draft.state;
  if (closing !== null && belongs(draft.state, closing, heard.utterance)) {
    const turn = withHeard(closing, heard);
    change(draft, { closing: tellDelta(draft, turn) });
    if (turn.heard.every(({ final }) => final)) endTranscript(draft);
    return;
  }
  if (draft.state.turn === null && draft.state.settings.turnDetection !== null) givePending(draft);
  const turn = withHeard(draft.state.turn ?? newTurn(draft), heard);
  change(draft, { turn });
  if (draft.state.settings.turnDetection === null) return;
  // What is said while the engine speaks on is no interruption: the client is told of it when the engine yields, or has finished.
  if (draft.state.response === null) announceSpeech(draft);
  if (draft.state.turn !== null) change(draft, { turn: tellDelta(draft, draft.state.turn) });
  if (heard.final) commitTurn(draft);
}

/** Tells the client that the person speaks, once for each turn, so that it stops playing. */
export function announceSpeech(draft: Draft): void {
  if (draft.state.settings.turnDetection === null) return;
  const turn = draft.state.turn ?? newTurn(draft);
  if (turn.announced) return;
  change(draft, { turn: { ...turn, announced: true } });
  emit(draft, { type: 'input_audio_buffer.speech_started', item_id: turn.item, audio_start_ms: turn.startMs });
}

/** What was said becomes an item of the conversation; its transcript follows as soon as it is complete. */
export function commitTurn(draft: Draft): void {
  endTranscript(draft);
  const turn = { ...(draft.state.turn ?? newTurn(draft)), endMs: Math.round(draft.state.appendedMs) };
  const item: RealtimeItem = userItem(turn.item, null);
  if (turn.announced) emit(draft, { type: 'input_audio_buffer.speech_stopped', item_id: turn.item, audio_end_ms: turn.endMs });
  emit(draft, { type: 'input_audio_buffer.committed', item_id: turn.item, previous_item_id: draft.state.lastItem });
  addItem(draft, item);
  change(draft, { turn: null, closing: tellDelta(draft, turn), committedMs: draft.state.appendedMs });
  if (turn.heard.length > 0 && turn.heard.every(({ final }) => final)) endTranscript(draft);
}

/** Completes the transcript that is waited for, if any, with what was heard of it. */
export function endTranscript(draft: Draft): void {
  const { closing, settings } = draft.state;
  if (closing === null) return;
  change(draft, { closing: null });
  const transcript = textOf(closing);
  const entry = findEntry(draft.state, closing.item);
  if (!settings.transcription || entry === undefined) return;
  replaceItem(draft, { ...entry, item: userItem(closing.item, transcript) });
  emit(draft, {
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: closing.item,
    content_index: 0,
    transcript,
    usage: { type: 'duration', seconds: Math.max(0, closing.endMs - closing.startMs) / 1000 },
  });
}

/** A tick went by: what is never heard of must not be waited for without end. */
export function awaitTranscript(draft: Draft): void {
  const { closing } = draft.state;
  if (closing === null) return;
  if (closing.waited + 1 >= TRANSCRIPT_WITHIN_TICKS) endTranscript(draft);
  else change(draft, { closing: { ...closing, waited: closing.waited + 1 } });
}

/** Whether an utterance is a part of what was committed already: a known one, or one of before anything more was sent. */
function belongs(state: RealtimeState, closing: UserTurn, utterance: number): boolean {
  return closing.heard.some((one) => one.utterance === utterance) || state.appendedMs === state.committedMs;
}

function newTurn(draft: Draft): UserTurn {
  const { appendedMs, committedMs, settings } = draft.state;
  const startMs = Math.round(settings.turnDetection === null ? committedMs : appendedMs);
  return { item: draft.newId('item'), heard: [], announced: false, shown: '', startMs, endMs: startMs, waited: 0 };
}

function withHeard(turn: UserTurn, { utterance, text, final }: Heard): UserTurn {
  const others = turn.heard.filter((one) => one.utterance !== utterance);
  return { ...turn, waited: 0, heard: [...others, { utterance, text, final }].slice(-256) };
}

function textOf(turn: UserTurn): string {
  return turn.heard
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join(' ');
}

/** Tells what the transcript has grown by. One that was revised instead waits for the final word on it. */
function tellDelta(draft: Draft, turn: UserTurn): UserTurn {
  const text = textOf(turn);
  if (!draft.state.settings.transcription || !text.startsWith(turn.shown) || text === turn.shown) return turn;
  const delta = text.slice(turn.shown.length);
  emit(draft, { type: 'conversation.item.input_audio_transcription.delta', item_id: turn.item, content_index: 0, delta });
  return { ...turn, shown: text };
}

function userItem(id: string, transcript: string | null): RealtimeItem {
  const content = [{ type: 'input_audio' as const, transcript }];
  return { id, object: 'realtime.item', type: 'message', role: 'user', status: 'completed', content };
}
