import { randomUUID } from 'node:crypto';
import { RULES } from '@wheelhouse/access/rules';
import type { Actor } from '@wheelhouse/protocol/identity';
import { ENTRY_VERSION, type EntryOf, LedgerEntry, type LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';

/** Wheelhouse itself, where no human acted. */
export const SYSTEM: Actor = { kind: 'system', id: 'wheelhouse', role: 'system' };

export type EntryData<K extends LedgerEntryKind> = EntryOf<K>['data'];

/** What led to an entry: the id of the one before it in the chain of cause and effect. */
export type Led = { readonly cause?: string };

/** A new entry, with an id and the time of now. What a human does was decided under the rules in force. */
export function entryOf<K extends LedgerEntryKind>(kind: K, data: EntryData<K>, by: Actor, led: Led = {}): LedgerEntry {
  const rules = by.kind === 'system' ? {} : RULES;
  const clock = Math.round(performance.now() * 1000);
  return LedgerEntry.parse({ v: ENTRY_VERSION, id: randomUUID(), time: new Date().toISOString(), clock, by, ...rules, ...led, kind, data });
}
