import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { FoundEntries, type FoundEntry } from '@wheelhouse/protocol/export';
import { useEffect, useMemo, useState } from 'react';
import { call } from '../rest/call.ts';
import { givenParts, hidesTicks, searchPath, type LedgerSearch } from './search-filter.ts';

const PAGE = 200;
/** Pages that are read in one go while all that they hold is tick evidence, which is not shown. */
const MOST_IN_VAIN = 10;
const LOOK_EVERY_MS = 5000;

export type Found = {
  readonly entries: readonly FoundEntry[];
  /** The last entry that was looked at, shown or not; null before the first answer. */
  readonly lookedTo: number | null;
  readonly isLoading: boolean;
  readonly isReading: boolean;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly error: Error | null;
  /** Newer entries fit the search. `refresh` shows them. */
  readonly hasNewer: boolean;
  readonly refresh: () => void;
};

/** The entries of a search, newest first, read page by page as one scrolls. */
export function useFoundEntries(search: LedgerSearch): Found {
  const filter = givenParts(search);
  const hides = hidesTicks(search);
  const pages = useInfiniteQuery({
    queryKey: ['ledger', 'search', filter],
    initialPageParam: '',
    staleTime: Infinity,
    queryFn: ({ pageParam, signal }) => {
      signal.throwIfAborted();
      return call(FoundEntries, 'GET', searchPath(search, { limit: PAGE, cursor: pageParam === '' ? null : pageParam }));
    },
    getNextPageParam: (page) => page.next,
  });
  const entries = useMemo(() => {
    const all = pages.data?.pages.flatMap(({ items }) => items) ?? [];
    return hides ? all.filter(({ kind }) => kind !== 'session.segment') : all;
  }, [pages.data, hides]);
  const read = pages.data?.pages.length ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;

  // A page of nothing but ticks shows no row to scroll to: read on, within reason.
  const [goal, setGoal] = useState({ pages: MOST_IN_VAIN, entries: 1 });
  useEffect(() => {
    if (read > 0 && hasNextPage && !isFetchingNextPage && entries.length < goal.entries && read < goal.pages) void fetchNextPage();
  }, [read, hasNextPage, isFetchingNextPage, fetchNextPage, entries.length, goal]);

  const latest = useLatest(search, hides);
  const newest = pages.data?.pages[0]?.items[0]?.index ?? -1;
  return {
    entries,
    lookedTo: pages.data?.pages.at(-1)?.items.at(-1)?.index ?? null,
    isLoading: pages.isPending,
    isReading: isFetchingNextPage,
    hasMore: hasNextPage,
    more: () => {
      if (isFetchingNextPage || !hasNextPage) return;
      setGoal({ pages: read + MOST_IN_VAIN, entries: entries.length + 1 });
      void fetchNextPage();
    },
    error: pages.error,
    hasNewer: !pages.isPending && latest > newest,
    refresh: () => void pages.refetch(),
  };
}

/** The index of the newest entry that the search would show now; -1 where there is none among the latest. */
function useLatest(search: LedgerSearch, hides: boolean): number {
  const latest = useQuery({
    queryKey: ['ledger', 'latest', givenParts(search), hides],
    refetchInterval: LOOK_EVERY_MS,
    queryFn: () => call(FoundEntries, 'GET', searchPath(search, { limit: 20, cursor: null })),
  });
  return latest.data?.items.find(({ kind }) => !hides || kind !== 'session.segment')?.index ?? -1;
}
