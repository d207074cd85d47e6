import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useRef, useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { EntryList } from './entry-list.tsx';
import { FilterForm } from './filter-form.tsx';
import { mayExport, Forbidden } from './rights.tsx';
import { givenParts, LedgerSearch } from './search-filter.ts';
import { useFoundEntries, type Found } from './use-found-entries.ts';
import { useListKeys } from './use-list-keys.ts';
import { useNames } from './use-names.ts';

/** Which row was chosen last in each search: coming back from an entry leads to where one was. */
const chosen = new Map<string, number>();

/** `/ledger`: the entries, newest first, as far as they pass the filter in the address. */
export function SearchPage() {
  const { ability } = useMe();
  return ability.can('read', 'Entry') ? <Search /> : <Forbidden what="search the ledger" />;
}

function Search() {
  const search = LedgerSearch.parse(useSearch({ strict: false }));
  const navigate = useNavigate();
  const names = useNames();
  const found = useFoundEntries(search);
  const filter = useRef<HTMLSelectElement>(null);
  const key = JSON.stringify(givenParts(search));
  const [selection, setSelection] = useState({ key, index: chosen.get(key) ?? null });
  const selected = selection.key === key ? selection.index : (chosen.get(key) ?? null);

  const select = useCallback(
    (index: number) => {
      chosen.set(key, index);
      setSelection({ key, index });
    },
    [key, setSelection],
  );
  const open = useCallback(
    (index: number) => {
      select(index);
      void navigate({ to: '/ledger/$index', params: { index: String(index) } });
    },
    [navigate, select],
  );
  const onSearch = useCallback(
    (next: LedgerSearch) => {
      void navigate({ to: '/ledger', search: next, replace: true });
    },
    [navigate],
  );
  useListKeys({
    step: (by) => {
      const next = stepped(found, selected, by);
      if (next !== null) select(next);
    },
    open: () => {
      if (selected !== null) open(selected);
    },
    focusFilter: () => filter.current?.focus(),
  });

  return (
    <section className="ledger-search" aria-label="Search">
      <FilterForm search={search} onSearch={onSearch} first={filter} />
      <Above found={found} search={search} />
      <ProblemNote error={found.error} />
      {found.entries.length > 0 && <EntryList found={found} names={names} selected={selected} onSelect={select} onOpen={open} />}
      <Below found={found} isFiltered={key !== '{}'} />
    </section>
  );
}

function stepped({ entries }: Found, selected: number | null, by: number): number | null {
  const at = entries.findIndex(({ index }) => index === selected);
  const next = at === -1 ? 0 : Math.max(0, Math.min(entries.length - 1, at + by));
  return entries[next]?.index ?? null;
}

function Above({ found, search }: { found: Found; search: LedgerSearch }) {
  const { ability } = useMe();
  const count = found.entries.length;
  return (
    <div className="ledger-above">
      <output className="soft number" data-testid="found-count">
        {found.isLoading ? 'Searching…' : `${count}${found.hasMore ? '+' : ''} ${count === 1 && !found.hasMore ? 'entry' : 'entries'}`}
      </output>
      {found.hasNewer && (
        <button type="button" className="newer" data-testid="show-newer" onClick={found.refresh}>
          Show newer entries
        </button>
      )}
      <span className="soft ledger-keys">
        <kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> opens, <kbd>/</kbd> filter
      </span>
      {mayExport(ability, 'ask') && (
        <Link className="button" to="/ledger/exports" search={{ ...search, ticks: undefined }} data-testid="export-these">
          Export these…
        </Link>
      )}
    </div>
  );
}

/** What stands below the rows, or in their place. */
function Below({ found, isFiltered }: { found: Found; isFiltered: boolean }) {
  const { entries, isLoading, isReading, error } = found;
  if (error !== null) return null;
  if (isLoading) return <p className="ledger-nothing">Searching the ledger…</p>;
  if (entries.length > 0)
    return (
      <p className="sr-only" role="status">
        {isReading ? 'Reading further back' : ''}
      </p>
    );
  return (
    <p className="ledger-nothing" data-testid="nothing-found">
      {isFiltered ? 'No entry fits this filter.' : 'The ledger shows you no entries yet.'}
    </p>
  );
}
