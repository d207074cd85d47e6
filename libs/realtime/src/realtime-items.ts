import { bytesOfBase64 } from './audio-base64.ts';
import type { NewItem, RealtimeClientEvent } from './realtime-client-events.ts';
import { addItem, findEntry, removeItem, replaceItem, transcriptOf } from './realtime-entries.ts';
import type { Refused } from './realtime-fault.ts';
import type { RealtimeItem } from './realtime-server-events.ts';
import { reconfigure } from './realtime-settings.ts';
import { change, type Draft, emit, type PendingInput } from './realtime-state.ts';

type Asked<T extends RealtimeClientEvent['type']> = Extract<RealtimeClientEvent, { type: T }>;
type Message = Extract<NewItem, { type: 'message' }>;
type Output = Extract<NewItem, { type: 'function_call_output' }>;

/** Inputs that may wait for `response.create`. */
const MOST_PENDING = 64;

/** `conversation.item.create`: at the end, for the engine's memory only grows. */
export function createItem(draft: Draft, { item, previous_item_id: after }: Asked<'conversation.item.create'>): Refused | null {
  const { lastItem, pending } = draft.state;
  const position = after ?? lastItem;
  if (position !== (lastItem ?? 'root') && position !== lastItem) return misplaced(draft, position);
  if (item.id !== undefined && (findEntry(draft.state, item.id) !== undefined || isUnderWay(draft, item.id)))
    return { code: 'item_exists', message: `There is an item '${item.id}' already.`, param: 'item.id' };
  if (pending.length >= MOST_PENDING)
    return { code: 'too_many_items', message: `${MOST_PENDING} items wait for response.create already; send that first.`, param: null };
  const id = item.id ?? draft.newId('item');
  return item.type === 'message' ? createMessage(draft, item, id) : createOutput(draft, item, id);
}

function misplaced(draft: Draft, after: string | null): Refused {
  const param = 'previous_item_id';
  if (after !== null && after !== 'root' && findEntry(draft.state, after) === undefined && !isUnderWay(draft, after))
    return { code: 'item_not_found', message: `There is no item '${after}'.`, param };
  const message = 'Items can only be added at the end: the engine has heard the conversation already. Leave previous_item_id out.';
  return { code: 'unsupported_value', message, param };
}

function createMessage(draft: Draft, message: Message, id: string): Refused | null {
  const head = { id, object: 'realtime.item' as const, type: 'message' as const, status: 'completed' as const };
  switch (message.role) {
    case 'user': {
      const input = inputOf(message.content, id);
      if (input === null) {
        const wrong = { code: 'invalid_value', message: 'The image is not a JPEG in base64.' };
        return { ...wrong, param: 'item.content' };
      }
      addItem(draft, { ...head, role: 'user', content: shownContent(message.content) });
      change(draft, { pending: [...draft.state.pending, input] });
      return null;
    }
    case 'system': {
      const before = { state: draft.state, told: draft.out.length };
      addItem(draft, { ...head, role: 'system', content: message.content });
      const refused = reconfigure(draft, 'item.content');
      if (refused === null) return null;
      draft.state = before.state;
      draft.out.splice(before.told);
      return refused;
    }
    case 'assistant':
      addItem(draft, { ...head, role: 'assistant', content: message.content.map(({ text }) => ({ type: 'output_text', text })) });
      for (const { text } of message.content) draft.effects.push({ type: 'said', text });
      return null;
  }
}

type UserContent = Extract<Message, { role: 'user' }>['content'];

function shownContent(content: UserContent): Extract<RealtimeItem, { role: 'user' }>['content'] {
  // The image itself is not kept, and not sent back.
  return content.map((part) => (part.type === 'input_text' ? part : { type: 'input_image', image_url: 'data:image/jpeg;base64,' }));
}

/** What the engine will get of a message; null when its image isn't one. */
function inputOf(content: UserContent, item: string): PendingInput | null {
  let image: Uint8Array | null = null;
  for (const part of content) {
    if (part.type !== 'input_image') continue;
    image = bytesOfBase64(part.image_url.slice(part.image_url.indexOf(',') + 1));
    if (image === null || image.length < 5 || image[0] !== 0xff || image[1] !== 0xd8 || image[2] !== 0xff) return null;
  }
  return { type: 'text', item, texts: content.flatMap((part) => (part.type === 'input_text' ? [part.text] : [])), image };
}

function createOutput(draft: Draft, { call_id: call, output }: Output, id: string): Refused | null {
  if (!draft.state.calls.includes(call))
    return { code: 'call_not_found', message: `No call '${call}' waits for its output.`, param: 'item.call_id' };
  addItem(draft, { id, object: 'realtime.item', type: 'function_call_output', status: 'completed', call_id: call, output });
  change(draft, {
    calls: draft.state.calls.filter((open) => open !== call),
    pending: [...draft.state.pending, { type: 'result', item: id, result: { call, output } }],
  });
  return null;
}

/** `conversation.item.retrieve` */
export function retrieveItem(draft: Draft, { item_id: id }: Asked<'conversation.item.retrieve'>): Refused | null {
  const entry = findEntry(draft.state, id);
  if (entry === undefined) return notFound(draft, id);
  emit(draft, { type: 'conversation.item.retrieved', item: entry.item });
  return null;
}

/** `conversation.item.delete`: what the engine has not had yet, and system messages; it cannot be made to forget the rest. */
export function deleteItem(draft: Draft, { item_id: id }: Asked<'conversation.item.delete'>): Refused | null {
  const entry = findEntry(draft.state, id);
  if (entry === undefined) return notFound(draft, id);
  const pending = draft.state.pending.filter((input) => input.item !== id);
  const isSystem = entry.item.type === 'message' && entry.item.role === 'system';
  if (!isSystem && pending.length === draft.state.pending.length) {
    const message =
      'The engine has had this item already, and cannot be made to forget it; what was not heard of an answer is dropped with conversation.item.truncate.';
    return { code: 'unsupported_value', message, param: 'item_id' };
  }
  change(draft, { pending });
  removeItem(draft, id);
  emit(draft, { type: 'conversation.item.deleted', item_id: id });
  return isSystem ? reconfigure(draft, 'item_id') : null;
}

/** `conversation.item.truncate`: the person heard no more of this answer. The engine is told, and its words end there. */
export function truncateItem(draft: Draft, asked: Asked<'conversation.item.truncate'>): Refused | null {
  const { item_id: id, audio_end_ms: end } = asked;
  const speech = draft.state.response?.speech ?? null;
  const entry = findEntry(draft.state, id);
  const spoken = speech?.item === id ? speech : (entry?.spoken ?? null);
  if (spoken === null) {
    if (entry === undefined) return notFound(draft, id);
    return { code: 'invalid_value', message: 'Only a spoken message of the assistant can be truncated.', param: 'item_id' };
  }
  // What was sent is counted in whole ticks, and clients count it in samples of their own: a tick's difference is none.
  if (end > spoken.audioMs + 200) {
    const message = `Audio of this item is ${Math.round(spoken.audioMs)} ms long; ${end} lies behind its end.`;
    return { code: 'invalid_value', message, param: 'audio_end_ms' };
  }
  const parts = spoken.parts.filter(({ at }) => at < end);
  if (entry !== undefined && entry.item.type === 'message' && entry.item.role === 'assistant') {
    const item: RealtimeItem = { ...entry.item, content: [{ type: 'output_audio', transcript: transcriptOf(parts) }] };
    replaceItem(draft, { item, spoken: { parts, audioMs: Math.min(end, spoken.audioMs) } });
  }
  if (isLastAnswer(draft, id)) draft.effects.push({ type: 'heard', ms: end });
  emit(draft, { type: 'conversation.item.truncated', item_id: id, content_index: 0, audio_end_ms: end });
  return null;
}

/** How much of its answer was heard concerns the engine as long as it is the last that it gave. */
function isLastAnswer(draft: Draft, id: string): boolean {
  if (draft.state.response?.speech?.item === id) return true;
  const last = draft.state.entries.findLast(({ spoken }) => spoken !== null);
  return draft.state.response?.speech === undefined && last?.item.id === id;
}

function isUnderWay(draft: Draft, id: string): boolean {
  return draft.state.response?.speech?.item === id;
}

function notFound(draft: Draft, id: string): Refused {
  const message = isUnderWay(draft, id) ? `Item '${id}' is still being said.` : `There is no item '${id}'.`;
  return { code: 'item_not_found', message, param: 'item_id' };
}
