import { assistantText, forget, remember } from './upstream-history.ts';
import { isOver, type SpokenItem, UPSTREAM_TICK_SAMPLES, wasHeard } from './upstream-sound.ts';
import { change, type CutItem, isReady, say, type UpstreamDraft, type UpstreamResponse } from './upstream-state.ts';

const SAMPLES_PER_MS = UPSTREAM_TICK_SAMPLES / 200;
const MOST_OVER = 64;

export const millisecondsOf = (samples: number): number => Math.floor(samples / SAMPLES_PER_MS);

/**
 * The fence. Everything that was under way is over from here: nothing of it is handed out any more, whatever comes of it yet, and the upstream's
 * history is cut down to what was played. `cancels`: the upstream has to be told; without, it has cut its response off by itself.
 */
export function cutOff(draft: UpstreamDraft, { cancels }: { readonly cancels: boolean }): void {
  const { state } = draft;
  if (state.responses.length === 0) return;
  const items = state.responses.flatMap((response) => response.items);
  const lastCut = items.filter(wasHeard).map(({ id, played, told }): CutItem => ({ id, played, told }));
  for (const item of items) keepHeard(draft, item);
  for (const response of state.responses) endByCut(draft, response, cancels);
  change(draft, {
    responses: [],
    calls: [],
    lastCut,
    isYielding: draft.state.isYielding || lastCut.length > 0,
    isTurnOver: true,
  });
}

/** Our own memory of it: only the words that were handed out. */
export function keepHeard(draft: UpstreamDraft, { id, told }: SpokenItem): void {
  const { history } = draft.state;
  change(draft, { history: told === '' ? forget(history, id) : remember(history, { key: id, item: assistantText(told) }) });
}

function endByCut(draft: UpstreamDraft, response: UpstreamResponse, cancels: boolean): void {
  const unheard = [
    ...response.items.filter((item) => !wasHeard(item)).map(({ id }) => id),
    ...response.calls.map(({ item }) => item),
    ...draft.state.calls.filter((call) => call.response === response.id).map(({ item }) => item),
  ];
  if (response.isDone) {
    dropItems(draft, unheard);
    fence(draft, response.id);
  } else refuse(draft, { id: response.id, cancels, unheard });
  for (const item of response.items) if (wasHeard(item) && !isOver(item)) truncate(draft, item.id, item.played);
}

/** A response of which nothing (more) is wanted: it is awaited to end, and told to. */
export function refuse(
  draft: UpstreamDraft,
  { id, cancels, unheard }: { readonly id: string; readonly cancels: boolean; readonly unheard: readonly string[] },
): void {
  const { state } = draft;
  change(draft, { ending: [...state.ending, { id, since: state.now, isCancelled: cancels, unheard }] });
  if (cancels) say(draft, 'cancel', { type: 'response.cancel', response_id: id });
}

/** Nothing under this id is believed any more. */
export function fence(draft: UpstreamDraft, id: string): void {
  change(draft, { over: [...draft.state.over, id].slice(-MOST_OVER) });
}

export function dropItems(draft: UpstreamDraft, items: readonly string[]): void {
  for (const item of items) say(draft, 'delete', { type: 'conversation.item.delete', item_id: item });
}

function truncate(draft: UpstreamDraft, id: string, played: number): void {
  say(draft, 'truncate', {
    type: 'conversation.item.truncate',
    item_id: id,
    content_index: 0,
    audio_end_ms: millisecondsOf(played),
  });
}

/**
 * The client says how much of the turn that was just cut was really heard: less than was handed out, as a rule, for some of it lay in its
 * buffer. The upstream's history, and ours, are cut down to that.
 */
export function heardOnly(draft: UpstreamDraft, heardMs: number): void {
  let left = heardMs * SAMPLES_PER_MS;
  const kept: CutItem[] = [];
  for (const item of draft.state.lastCut) {
    const heard = Math.min(item.played, left);
    left -= heard;
    if (heard === item.played) {
      kept.push(item);
      continue;
    }
    if (isReady(draft.state)) {
      if (heard === 0) dropItems(draft, [item.id]);
      else truncate(draft, item.id, heard);
    }
    // Which of the words lie in the part that was not heard is only known by proportion: a word less rather than one more.
    const told = wordsWithin(item.told, heard / item.played);
    const { history } = draft.state;
    change(draft, { history: told === '' ? forget(history, item.id) : remember(history, { key: item.id, item: assistantText(told) }) });
    kept.push({ id: item.id, played: heard, told });
  }
  change(draft, { lastCut: kept });
}

function wordsWithin(text: string, share: number): string {
  const length = Math.floor(text.length * share);
  if (length >= text.length) return text;
  const end = text.lastIndexOf(' ', length);
  return end <= 0 ? '' : text.slice(0, end);
}
