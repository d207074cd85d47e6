import { bytesOfBase64, samplesOfBytes } from './audio-base64.ts';
import { cutOff, dropItems, fence, refuse } from './upstream-cut.ts';
import type { UpstreamEvent } from './upstream-events.ts';
import { remember } from './upstream-history.ts';
import { addSound, addWords, endItem, endSound, endWords, newItem, type SpokenItem } from './upstream-sound.ts';
import { change, trouble, type UpstreamDraft, type UpstreamResponse } from './upstream-state.ts';

/** Sound that may wait to be played: two minutes at 24 kHz, of all responses together. */
const MOST_BUFFERED = 120 * 24_000;
/** Characters of one item's transcript. */
const LONGEST_TRANSCRIPT = 20_000;
const MOST_ITEMS = 32;
/** Responses that may wait behind the one that is played. */
const MOST_RESPONSES = 8;
const MOST_CALLS = 64;

type Event<T extends UpstreamEvent['type']> = Extract<UpstreamEvent, { type: T }>;

/** The upstream begins a response. Only what was announced here, and neither cut off nor unasked for, is ever handed out. */
export function beginResponse(draft: UpstreamDraft, { response: { id } }: Event<'response.created'>): void {
  const { state } = draft;
  const isKnown = state.over.includes(id) || state.responses.some((one) => one.id === id) || state.ending.some((one) => one.id === id);
  if (isKnown) {
    trouble(draft, 'reused', 'it announced a response under an id that it had used before; nothing of it is passed on');
    return;
  }
  const isDoomed = state.doomed.count > 0 && state.now <= state.doomed.until;
  const isUnasked = !isDoomed && state.owed === 0 && state.config?.answers === false;
  if (isDoomed) change(draft, { doomed: { ...state.doomed, count: state.doomed.count - 1 } });
  else change(draft, { owed: Math.max(0, state.owed - 1), answersUntil: -1, refusals: 0 });
  if (isUnasked) trouble(draft, 'unasked', 'it began to answer though it is only to answer when asked; nothing of it is passed on');
  const isTooMuch = state.responses.length >= MOST_RESPONSES;
  if (isTooMuch) trouble(draft, 'queue', `it began a response while ${MOST_RESPONSES} were not played yet; nothing of it is passed on`);
  if (isDoomed || isUnasked || isTooMuch) {
    refuse(draft, { id, cancels: true, unheard: [] });
    return;
  }
  // One response is written at a time: with a new one, those before it are over.
  const before = state.responses.map((one) => (one.isDone ? one : finished(one)));
  change(draft, { responses: [...before, { id, lastEvent: state.now, isDone: false, items: [], calls: [] }] });
}

function finished(response: UpstreamResponse): UpstreamResponse {
  return { ...response, isDone: true, items: response.items.map(endItem), calls: [] };
}

/** The upstream says that a response is over. */
export function endResponse(draft: UpstreamDraft, { response: { id, status, status_details } }: Event<'response.done'>): void {
  const { state } = draft;
  const ended = state.ending.find((one) => one.id === id);
  if (ended !== undefined) {
    dropItems(draft, ended.unheard);
    fence(draft, id);
    change(draft, { ending: state.ending.filter((one) => one !== ended) });
    return;
  }
  const response = own(draft, id, 'response.done');
  if (response === null) return;
  const why = status_details?.error?.message ?? status_details?.error?.code ?? status_details?.reason ?? 'it gave no reason';
  if (status === 'failed') trouble(draft, 'failed', `a response failed: ${why}`);
  if (status === 'incomplete') trouble(draft, 'incomplete', `a response ended before it was complete: ${why}`);
  put(draft, finished(response));
  // It cut itself off; what was not played yet is not said either.
  if (status === 'cancelled') cutOff(draft, { cancels: false });
}

/** An item of a response: a message, or a call of a function. */
export function beginItem(draft: UpstreamDraft, { response_id, item }: Event<'response.output_item.added'>): void {
  const { state } = draft;
  const ending = state.ending.find(({ id }) => id === response_id);
  if (ending !== undefined) {
    // Nobody will hear it: it is not to stay in the upstream's history either.
    const unheard = [...ending.unheard, item.id].slice(0, MOST_ITEMS);
    change(draft, { ending: state.ending.map((one) => (one === ending ? { ...one, unheard } : one)) });
    return;
  }
  const response = own(draft, response_id, 'response.output_item.added');
  if (response === null) return;
  const isKnown = state.responses.some(
    ({ items, calls }) => items.some(({ id }) => id === item.id) || calls.some((call) => call.item === item.id),
  );
  if (isKnown || state.history.some(({ key }) => key === item.id)) {
    trouble(draft, 'reused', 'it announced an item under an id that it had used before; it is not passed on');
    return;
  }
  if (response.items.length + response.calls.length >= MOST_ITEMS) {
    trouble(draft, 'items', `it put more than ${MOST_ITEMS} items into one response; the rest is not passed on`);
    return;
  }
  if (item.type === 'message') {
    put(draft, { ...response, items: [...response.items, newItem(item.id, state.voices)] });
    change(draft, { voices: state.voices + 1, history: remember(draft.state.history, { key: item.id, item: null }) });
  } else if (item.type === 'function_call') {
    put(draft, { ...response, calls: [...response.calls, { item: item.id, call: item.call_id ?? null, name: item.name ?? null }] });
  }
}

export function takeSound(draft: UpstreamDraft, { response_id, item_id, delta }: Event<'response.output_audio.delta'>): void {
  const place = itemOf(draft, response_id, item_id, 'response.output_audio.delta');
  if (place === null) return;
  if (place.item.isAudioDone) {
    trouble(draft, 'late', 'it sent sound of an item whose sound it had ended; it is not passed on');
    return;
  }
  const bytes = bytesOfBase64(delta);
  const samples = bytes === null ? null : samplesOfBytes(bytes);
  if (samples === null) {
    trouble(draft, 'sound', 'it sent sound that is not PCM16 in base64; it is not passed on');
    return;
  }
  const waiting = draft.state.responses.reduce((sum, { items }) => items.reduce((some, { buffered }) => some + buffered, sum), 0);
  if (waiting + samples.length > MOST_BUFFERED) {
    trouble(draft, 'buffer', 'it sent more than two minutes of sound ahead; the response is cut off');
    cutOff(draft, { cancels: true });
    return;
  }
  change(draft, { hasSpoken: true });
  putItem(draft, place, addSound(place.item, samples));
}

export function takeWords(
  draft: UpstreamDraft,
  { type, response_id, item_id, delta }: Event<'response.output_audio_transcript.delta' | 'response.output_text.delta'>,
): void {
  const place = itemOf(draft, response_id, item_id, type);
  if (place === null) return;
  if (place.item.text.isDone) {
    trouble(draft, 'late', 'it sent words of an item whose words it had ended; they are not passed on');
    return;
  }
  if (place.item.text.characters + delta.length > LONGEST_TRANSCRIPT) {
    trouble(draft, 'transcript', `it says more than ${LONGEST_TRANSCRIPT} characters in one item; the response is cut off`);
    cutOff(draft, { cancels: true });
    return;
  }
  const item = addWords(place.item, delta);
  // An answer in text alone has no sound that its words could wait for.
  putItem(draft, place, type === 'response.output_text.delta' && item.received === 0 ? endSound(item) : item);
}

export function takeItemEnd(
  draft: UpstreamDraft,
  event: Event<'response.output_audio.done' | 'response.output_audio_transcript.done' | 'response.output_text.done'>,
): void {
  const place = itemOf(draft, event.response_id, event.item_id, event.type);
  if (place === null) return;
  putItem(draft, place, event.type === 'response.output_audio.done' ? endSound(place.item) : endWords(place.item));
}

/** A call whose arguments are complete. One that is announced twice, or under another call's id, is none. */
export function takeCall(draft: UpstreamDraft, event: Event<'response.function_call_arguments.done'>): void {
  if (draft.state.ending.some(({ id }) => id === event.response_id)) return;
  const response = own(draft, event.response_id, event.type);
  if (response === null) return;
  const open = response.calls.find(({ item }) => item === event.item_id);
  if (open === undefined || (open.call !== null && open.call !== event.call_id)) {
    trouble(draft, 'unknown', 'it sent arguments of a call that it never announced; they are not passed on');
    return;
  }
  put(draft, { ...response, calls: response.calls.filter((one) => one !== open) });
  const name = event.name ?? open.name ?? '';
  const refusal = refusalOf(draft, { ...event, name });
  if (refusal !== null) {
    trouble(draft, 'call', `it called a function in a way that cannot be passed on: ${refusal}`);
    return;
  }
  change(draft, {
    calls: [...draft.state.calls, { call: event.call_id, name, arguments: event.arguments, item: event.item_id, response: response.id }],
  });
}

function refusalOf(
  { state }: UpstreamDraft,
  call: { readonly call_id: string; readonly name: string; readonly arguments: string },
): string | null {
  if (call.call_id.length === 0 || call.call_id.length > 64) return 'the id of a call has 1 to 64 characters';
  if (call.name.length === 0 || call.name.length > 200) return 'the name of a function has 1 to 200 characters';
  if (call.arguments.length > 16_000) return 'the arguments have more than 16,000 characters';
  if (!isJson(call.arguments)) return 'the arguments are not JSON';
  if (state.calls.length >= MOST_CALLS) return `${MOST_CALLS} calls wait`;
  const isRepeated =
    state.calls.some((one) => one.call === call.call_id) ||
    state.history.some(({ item }) => item?.type === 'function_call' && item.call_id === call.call_id);
  return isRepeated ? 'a call of this id was made before' : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type Place = { readonly response: UpstreamResponse; readonly item: SpokenItem };

/** The item that an event belongs to; null where that may not be handed out. */
function itemOf(draft: UpstreamDraft, responseId: string, itemId: string, what: string): Place | null {
  // What a cut response still sends was on its way when it was cut: it is expected, and dropped.
  if (draft.state.ending.some(({ id }) => id === responseId)) return null;
  const response = own(draft, responseId, what);
  if (response === null) return null;
  const item = response.items.find(({ id }) => id === itemId);
  if (item !== undefined) return { response, item };
  trouble(draft, 'unknown', `it sent ${what} of an item that it never announced; it is not passed on`);
  return null;
}

/** A response that is announced and not over. */
function own(draft: UpstreamDraft, id: string, what: string): UpstreamResponse | null {
  const response = draft.state.responses.find((one) => one.id === id);
  if (response !== undefined && !response.isDone) return response;
  const isOver = response !== undefined || draft.state.over.includes(id);
  if (isOver) trouble(draft, 'late', `it sent ${what} of a response that was over; it is not passed on`);
  else trouble(draft, 'unknown', `it sent ${what} of a response that it never announced; it is not passed on`);
  return null;
}

function put(draft: UpstreamDraft, response: UpstreamResponse): void {
  const { now, responses } = draft.state;
  change(draft, { responses: responses.map((one) => (one.id === response.id ? { ...response, lastEvent: now } : one)) });
}

function putItem(draft: UpstreamDraft, { response }: Place, item: SpokenItem): void {
  put(draft, { ...response, items: response.items.map((one) => (one.id === item.id ? item : one)) });
}
