import { queryOptions } from '@tanstack/react-query';
import { Transparency } from '@wheelhouse/protocol/transparency';
import { call } from '../rest/call.ts';

/** A charter that no published head covers yet will have its proof within seconds. */
const AGAIN_MS = 3000;

/** Read once, as a document is; not under the eyes of whoever reads or checks it. */
export const transparencyQuery = queryOptions({
  queryKey: ['transparency'],
  queryFn: () => call(Transparency, 'GET', '/v1/transparency'),
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
  refetchInterval: (query) => (query.state.data?.charters.some(({ proof }) => proof === null) === true ? AGAIN_MS : false),
});
