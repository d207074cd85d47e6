import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { FoundEntries, type FoundEntry } from '@wheelhouse/protocol/export';
import { useMemo } from 'react';
import { call } from '../rest/call.ts';
import { askedFor, givenParts, searchPath, type LedgerSearch, type SearchFilter } from './search-filter.ts';

const PAGE = 200;
const LOOK_EVERY_MS = 5000;

export type Found = {
  readonly entries: readonly FoundEntry[];
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
  const asked = askedFor(search);
  const pages = useInfiniteQuery({
    queryKey: ['ledger', 'search', givenParts(asked)],
    initialPageParam: '',
    staleTime: Infinity,
    queryFn: ({ pageParam, signal }) => {
      signal.throwIfAborted();
      return call(FoundEntries, 'GET', searchPath(asked, { limit: PAGE, cursor: pageParam === '' ? null : pageParam }));
    },
    getNextPageParam: (page) => page.next,
  });
  const entries = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const latest = useLatest(asked);
  return {
    entries,
    isLoading: pages.isPending,
    isReading: isFetchingNextPage,
    hasMore: hasNextPage,
    more: () => {
      if (!isFetchingNextPage && hasNextPage) void fetchNextPage();
    },
    error: pages.error,
    hasNewer: !pages.isPending && latest > (entries[0]?.index ?? -1),
    refresh: () => void pages.refetch(),
  };
}

/** The index of the newest entry that the search would show now; -1 where there is none. */
function useLatest(asked: SearchFilter): number {
  const latest = useQuery({
    queryKey: ['ledger', 'latest', givenParts(asked)],
    refetchInterval: LOOK_EVERY_MS,
    queryFn: () => call(FoundEntries, 'GET', searchPath(asked, { limit: 1, cursor: null })),
  });
  return latest.data?.items[0]?.index ?? -1;
}
