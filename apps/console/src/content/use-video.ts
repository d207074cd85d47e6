import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { storedVideoQuery } from './content-queries.ts';
import { type Page, type Sight, sightAt, wantedFrom, withPage } from './video-pages.ts';

/** What there is to see of a session's video at a moment of it. Fetches the pages that it takes, one after the other, and only while `isOpen`. */
export function useVideo({ session, atMs, lengthMs, isOpen }: { session: string; atMs: number; lengthMs: number; isOpen: boolean }): {
  readonly sight: Sight;
  readonly error: Error | null;
} {
  const [pages, setPages] = useState<readonly Page[]>([]);
  const wanted = isOpen ? wantedFrom(pages, atMs, lengthMs) : null;
  // What is being fetched is fetched to the end, wherever one looks by then: giving it up would not take back that it was recorded.
  const [fetching, setFetching] = useState<number | null>(null);
  if (fetching === null && wanted !== null) setFetching(wanted);
  const { data, error } = useQuery({ ...storedVideoQuery(session, fetching ?? 0), enabled: fetching !== null });
  if (data !== undefined && data.fromMs === fetching) {
    setPages(withPage(pages, data));
    setFetching(null);
  }
  return { sight: sightAt(pages, atMs), error };
}
