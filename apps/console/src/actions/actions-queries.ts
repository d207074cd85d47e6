import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { Action, Actions } from '@wheelhouse/protocol/action';
import { call } from '../rest/call.ts';

/** The channel tells of each change; those whom it does not reach, and time itself, need this. */
const AGAIN_MS = 15_000;
const MOST_WAITING = 200;
const PAGE = 50;

const ACTIONS = ['actions'] as const;

/** What waits for a human. */
export const pendingQuery = queryOptions({
  queryKey: [...ACTIONS, 'pending'],
  refetchInterval: AGAIN_MS,
  queryFn: async () => {
    const { items, next } = await call(Actions, 'GET', `/v1/actions?state=pending&limit=${MOST_WAITING}`);
    return { items, hasMore: next !== null };
  },
});

/** Everything that was asked for, newest first. */
export const allActionsQuery = infiniteQueryOptions({
  queryKey: [...ACTIONS, 'all'],
  initialPageParam: '',
  queryFn: ({ pageParam }) => {
    const query = new URLSearchParams({ limit: String(PAGE), ...(pageParam === '' ? {} : { cursor: pageParam }) });
    return call(Actions, 'GET', `/v1/actions?${query.toString()}`);
  },
  getNextPageParam: (page) => page.next,
});

/** What one session has asked for. */
export const sessionActionsQuery = (session: string) =>
  queryOptions({
    queryKey: [...ACTIONS, 'session', session],
    refetchInterval: AGAIN_MS,
    queryFn: async () => (await call(Actions, 'GET', `/v1/actions?session=${encodeURIComponent(session)}&limit=20`)).items,
  });

export const actionQuery = (id: string) =>
  queryOptions({
    queryKey: [...ACTIONS, 'one', id],
    refetchInterval: AGAIN_MS,
    queryFn: () => call(Action, 'GET', `/v1/actions/${encodeURIComponent(id)}`),
  });

/** Something was asked for or decided: what is on show is read again. */
export async function actionsChanged(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: ACTIONS });
}

/** The server answered with the action as it is now. */
export async function actionAnswered(queries: QueryClient, action: Action): Promise<void> {
  queries.setQueryData(actionQuery(action.id).queryKey, action);
  await actionsChanged(queries);
}
