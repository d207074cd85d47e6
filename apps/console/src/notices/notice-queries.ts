import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { Notices, OwnChannels, type ReadRequest } from '@wheelhouse/protocol/notice';
import { call, send } from '../rest/call.ts';

/** What was not read yet, newest first. The operator channel says when there is more. */
export const unreadQuery = queryOptions({
  queryKey: ['notices', 'unread'],
  queryFn: () => call(Notices, 'GET', '/v1/notices?unread&limit=20'),
});

/** The browsers of this person that are pushed to, and whether mail is on. */
export const ownChannelsQuery = queryOptions({
  queryKey: ['notices', 'channels'],
  queryFn: () => call(OwnChannels, 'GET', '/v1/me/notice-channels'),
});

export function noticesChanged(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: unreadQuery.queryKey });
}

export async function markRead(request: ReadRequest): Promise<void> {
  await send('POST', '/v1/notices/read', request);
}
