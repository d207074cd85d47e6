import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { GlassView, OverseerView } from '@wheelhouse/protocol/charter-view';
import { ProposalLines, ProposalView, VotingKeys, type ProposalsQuery } from '@wheelhouse/protocol/proposal';
import { z } from 'zod';
import { call } from '../rest/call.ts';

/** The channel tells of most changes; those who have none (it is for people who may read sessions), and time itself, need this. */
const AGAIN_MS = 15_000;
const PAGE = 100;

export type ListName = ProposalsQuery['list'];

const PROPOSALS = ['proposals'] as const;
const LISTS = [...PROPOSALS, 'list'] as const;
const Glasses = z.object({ items: z.array(GlassView) });

export const listQuery = (list: ListName) =>
  infiniteQueryOptions({
    queryKey: [...LISTS, list],
    initialPageParam: '',
    // Read again when something changes, not because somebody looks away and back.
    staleTime: Infinity,
    queryFn: ({ pageParam, signal }) => {
      signal.throwIfAborted();
      const query = new URLSearchParams({ list, limit: String(PAGE), ...(pageParam === '' ? {} : { cursor: pageParam }) });
      return call(ProposalLines, 'GET', `/v1/proposals?${query.toString()}`);
    },
    getNextPageParam: (page) => page.next,
  });

/** How many wait for the reader, for the number beside “Approvals” on every page. */
export const waitingQuery = queryOptions({
  queryKey: [...PROPOSALS, 'waiting'],
  refetchInterval: AGAIN_MS,
  queryFn: async () => {
    const { items, next } = await call(ProposalLines, 'GET', `/v1/proposals?list=inbox&limit=${PAGE}`);
    return { count: items.length, hasMore: next !== null };
  },
});

export const proposalQuery = (id: string) =>
  queryOptions({
    queryKey: [...PROPOSALS, 'one', id],
    refetchInterval: AGAIN_MS,
    queryFn: () => call(ProposalView, 'GET', `/v1/proposals/${encodeURIComponent(id)}`),
  });

export const votingKeysQuery = queryOptions({
  queryKey: ['voting keys'],
  queryFn: () => call(VotingKeys, 'GET', '/v1/me/voting-keys'),
});

export const oversightQuery = queryOptions({
  queryKey: ['oversight', 'own'],
  queryFn: () => call(OverseerView, 'GET', '/v1/me/oversight'),
});

export const glassQuery = queryOptions({
  queryKey: ['glass'],
  refetchInterval: AGAIN_MS,
  queryFn: async () => (await call(Glasses, 'GET', '/v1/glass')).items,
});

/** Lists of at most this many pages are read again whole; a longer one says that it is old, so that ten thousand lines are not fetched at each vote. */
const READ_AGAIN_PAGES = 2;

/** Something about proposals changed: what is on show is read again. */
export async function proposalsChanged(queries: QueryClient): Promise<void> {
  const pagesOf = (data: unknown) => Pages.safeParse(data).data?.pages.length ?? 0;
  await Promise.all([
    queries.invalidateQueries({ queryKey: LISTS, predicate: ({ state }) => pagesOf(state.data) <= READ_AGAIN_PAGES }),
    queries.invalidateQueries({ queryKey: LISTS, refetchType: 'none', predicate: ({ state }) => pagesOf(state.data) > READ_AGAIN_PAGES }),
    queries.invalidateQueries({ queryKey: [...PROPOSALS, 'waiting'] }),
    queries.invalidateQueries({ queryKey: [...PROPOSALS, 'one'] }),
    queries.invalidateQueries({ queryKey: glassQuery.queryKey }),
    queries.invalidateQueries({ queryKey: oversightQuery.queryKey }),
    // Not what lies under it: a draft that somebody is typing is kept there.
    queries.invalidateQueries({ queryKey: ['charter'], exact: true }),
  ]);
}

const Pages = z.object({ pages: z.array(z.unknown()) });

/** The server answered with the proposal as it is now. */
export async function proposalAnswered(queries: QueryClient, proposal: ProposalView): Promise<void> {
  queries.setQueryData(proposalQuery(proposal.id).queryKey, proposal);
  await proposalsChanged(queries);
}
