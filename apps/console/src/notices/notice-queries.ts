import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { Deliveries, HouseChannels, Notices, OwnChannels, type ReadRequest } from '@wheelhouse/protocol/notice';
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

/** The channels that everybody's notices go to; for administrators of the house. */
export const houseChannelsQuery = queryOptions({
  queryKey: ['house channels'],
  queryFn: async () => (await call(HouseChannels, 'GET', '/v1/notice-channels')).items,
});

/** A delivery is tried again for a while; nobody tells the page. */
const AGAIN_MS = 5000;

/** The newest of what left by a channel. */
export const channelDeliveriesQuery = (channel: string) =>
  queryOptions({
    queryKey: ['house channels', 'deliveries', channel],
    queryFn: async () => (await call(Deliveries, 'GET', `/v1/notice-channels/${channel}/deliveries?limit=20`)).items,
    refetchInterval: AGAIN_MS,
  });

export function noticesChanged(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: unreadQuery.queryKey });
}

export async function markRead(request: ReadRequest): Promise<void> {
  await send('POST', '/v1/notices/read', request);
}
