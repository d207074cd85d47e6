import type { UpstreamItem } from './upstream-client-events.ts';

/**
 * What an upstream's conversation is to hold, as it was heard and said: told again to a new connection. `key`: the upstream's own id of the
 * item where it has one; an entry without an item holds its place until its words are known.
 */
export type HistoryEntry = { readonly key: string; readonly item: UpstreamItem | null };
export type History = readonly HistoryEntry[];

const MOST_ENTRIES = 128;
const MOST_CHARACTERS = 48_000;
const LONGEST_TEXT = 4_000;

export const userText = (text: string): UpstreamItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text: text.slice(0, LONGEST_TEXT) }],
});
export const systemText = (text: string): UpstreamItem => ({
  type: 'message',
  role: 'system',
  content: [{ type: 'input_text', text: text.slice(0, LONGEST_TEXT) }],
});
export const assistantText = (text: string): UpstreamItem => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: text.slice(0, LONGEST_TEXT) }],
});

/** Adds an entry, or puts an item in the place that its key holds. The oldest entries are forgotten when there are too many. */
export function remember(history: History, entry: HistoryEntry): History {
  const at = entry.key === '' ? -1 : history.findIndex(({ key }) => key === entry.key);
  const next = at === -1 ? [...history, entry] : history.with(at, entry);
  return bounded(next);
}

export function forget(history: History, key: string): History {
  return history.filter((entry) => entry.key !== key);
}

/** A new connection knows nothing of the ids of the old one. */
export function withoutKeys(history: History): History {
  return history.flatMap(({ item }) => (item === null ? [] : [{ key: '', item }]));
}

/** What a new connection is told, in this order. A tool's result whose call was forgotten is left out: no upstream takes it. */
export function replayOf(history: History): UpstreamItem[] {
  const calls = new Set<string>();
  const items: UpstreamItem[] = [];
  for (const { item } of history) {
    if (item === null) continue;
    if (item.type === 'function_call') calls.add(item.call_id);
    if (item.type === 'function_call_output' && !calls.has(item.call_id)) continue;
    items.push(item);
  }
  return items;
}

function bounded(history: History): History {
  let from = Math.max(0, history.length - MOST_ENTRIES);
  let size = history.slice(from).reduce((sum, entry) => sum + sizeOf(entry), 0);
  while (size > MOST_CHARACTERS && from < history.length - 1) {
    const oldest = history[from];
    size -= oldest === undefined ? 0 : sizeOf(oldest);
    from += 1;
  }
  return from === 0 ? history : history.slice(from);
}

function sizeOf({ item }: HistoryEntry): number {
  if (item === null) return 0;
  switch (item.type) {
    case 'message':
      return item.content.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0);
    case 'function_call':
      return item.arguments.length;
    case 'function_call_output':
      return item.output.length;
  }
}
