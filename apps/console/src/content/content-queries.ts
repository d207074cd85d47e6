import { queryOptions } from '@tanstack/react-query';
import { Erasure, Hold, SessionContent, StoredTranscript, StoredVideo } from '@wheelhouse/protocol/content';
import { z } from 'zod';
import { call } from '../rest/call.ts';

/** Others place holds and ask for erasures too, and pieces of a live session arrive; nobody tells the page. */
const AGAIN_MS = 10_000;

const Holds = z.object({ items: z.array(Hold) });
const Erasures = z.object({ items: z.array(Erasure) });

/** What is kept of a session. Asking for it shows none of it, and is not recorded. */
export const contentQuery = (session: string, isOver: boolean) =>
  queryOptions({
    queryKey: ['content', session],
    queryFn: () => call(SessionContent, 'GET', `/v1/sessions/${session}/content`),
    refetchInterval: isOver ? false : AGAIN_MS,
  });

/** The stored words. Each time they are fetched is in the ledger: so once for each time that somebody asked for them. */
export const storedTranscriptQuery = (session: string) =>
  queryOptions({
    queryKey: ['stored transcript', session],
    queryFn: () => call(StoredTranscript, 'GET', `/v1/sessions/${session}/transcript`),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** A page of stored pictures, from a moment of the session on. Each time one is fetched is in the ledger: so none twice. */
export const storedVideoQuery = (session: string, fromMs: number) =>
  queryOptions({
    queryKey: ['stored video', session, fromMs],
    queryFn: () => call(StoredVideo, 'GET', `/v1/sessions/${session}/video?fromMs=${fromMs}`),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: async () => (await call(Holds, 'GET', '/v1/holds')).items,
  refetchInterval: AGAIN_MS,
});

export const erasuresQuery = queryOptions({
  queryKey: ['erasures'],
  queryFn: async () => (await call(Erasures, 'GET', '/v1/erasures')).items,
  refetchInterval: AGAIN_MS,
});
