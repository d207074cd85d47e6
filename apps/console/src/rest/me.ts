import { queryOptions } from '@tanstack/react-query';
import { Me } from '@wheelhouse/protocol/identity';
import { call, Refused } from './call.ts';

/** Who is signed in; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 60_000,
  retry: (count, error) => !(error instanceof Refused) && count < 3,
  queryFn: async (): Promise<Me | null> => {
    try {
      return await call(Me, 'GET', '/v1/me');
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 401) return null;
      throw error;
    }
  },
});
