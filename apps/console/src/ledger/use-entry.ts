import { useQuery } from '@tanstack/react-query';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { parseOpening, type Item } from '@wheelhouse/ledger/disclosure';
import { readFields } from '@wheelhouse/ledger/read-entry';
import { parseLeaf, type Leaf } from '@wheelhouse/ledger/sealed-entry';
import { LedgerEntry, StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { EntryLinks } from '@wheelhouse/protocol/ledger-view';
import { useMemo } from 'react';
import { call } from '../rest/call.ts';

/** An entry as the page shows it, read from what the server sent; nothing of it is verified yet. */
export type ShownEntry = {
  readonly stored: StoredEntry;
  readonly leaf: Leaf;
  readonly items: readonly Item[];
  /** The entry as a whole; null where more than people's words is withheld, or this console does not know its kind. */
  readonly entry: LedgerEntry | null;
};

export function useEntry(index: number) {
  const query = useQuery({
    queryKey: ['ledger', 'entry', index],
    // An entry never changes; its words may be erased, so it is not kept for good.
    staleTime: 60_000,
    queryFn: () => call(StoredEntry, 'GET', `/v1/ledger/entries/${index}`),
  });
  const shown = useMemo(() => (query.data === undefined ? null : shownEntry(query.data)), [query.data]);
  return { shown, error: query.error };
}

/** What led to an entry, and what followed from it. */
export function useLinks(index: number) {
  return useQuery({
    queryKey: ['ledger', 'links', index],
    staleTime: 10_000,
    queryFn: () => call(EntryLinks, 'GET', `/v1/ledger/entries/${index}/links`),
  });
}

function shownEntry(stored: StoredEntry): ShownEntry | { readonly stored: StoredEntry; readonly fault: string } {
  const leaf = parseLeaf(utf8(stored.body));
  if (!leaf.ok) return { stored, fault: leaf.message };
  const items = parseOpening(stored.opening);
  if (!items.ok) return { stored, fault: items.message };
  return { stored, leaf: leaf.value, items: items.value, entry: readFields(leaf.value, items.value).entry };
}
