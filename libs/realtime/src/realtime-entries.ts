import type { RealtimeItem } from './realtime-server-events.ts';
import { change, type ConversationEntry, type Draft, emit, type RealtimeState, type SpokenPart } from './realtime-state.ts';

/** Items that are kept; of a longer conversation the oldest are forgotten here, though not by the engine. */
export const MOST_ENTRIES = 500;

/** The words of a spoken message as its transcript. They come in pieces that carry their own spaces, or none. */
export function transcriptOf(parts: readonly SpokenPart[]): string {
  return parts.map(({ text }) => text).join('');
}

/** A piece of a transcript as its delta: set apart from what came before it. */
export function spaced(before: string | undefined, text: string): string {
  return before === undefined || before === '' || /\s$/.test(before) || /^[\s.,;:!?)\]}'’]/.test(text) ? text : ` ${text}`;
}

/** Tells that an item stands at the end of the conversation, and keeps it once it is whole. */
export function addItem(draft: Draft, item: RealtimeItem): void {
  const previous = draft.state.lastItem;
  emit(draft, { type: 'conversation.item.added', item, previous_item_id: previous });
  emit(draft, { type: 'conversation.item.done', item, previous_item_id: previous });
  change(draft, { lastItem: item.id });
  keep(draft, { item, spoken: null });
}

export function keep(draft: Draft, entry: ConversationEntry): void {
  const entries = [...draft.state.entries, entry];
  const system = (kept: ConversationEntry) => kept.item.type === 'message' && kept.item.role === 'system';
  // A system message is in force for as long as it stands in the conversation: it is never forgotten for its age.
  const oldest = entries.length > MOST_ENTRIES ? entries.findIndex((kept) => !system(kept)) : -1;
  change(draft, { entries: oldest < 0 ? entries : entries.filter((_, index) => index !== oldest) });
}

export function replaceItem(draft: Draft, entry: ConversationEntry): void {
  change(draft, { entries: draft.state.entries.map((kept) => (kept.item.id === entry.item.id ? entry : kept)) });
}

export function removeItem(draft: Draft, id: string): void {
  const entries = draft.state.entries.filter(({ item }) => item.id !== id);
  const lastItem = draft.state.lastItem === id ? (entries.at(-1)?.item.id ?? null) : draft.state.lastItem;
  change(draft, { entries, lastItem });
}

export function findEntry(state: RealtimeState, id: string): ConversationEntry | undefined {
  return state.entries.find(({ item }) => item.id === id);
}
