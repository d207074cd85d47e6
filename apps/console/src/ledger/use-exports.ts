import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Export, ExportLink, Exports, type ExportRequest } from '@wheelhouse/protocol/export';
import { call } from '../rest/call.ts';

const KEY = ['ledger', 'exports'];
const UNDER_WAY_MS = 700;
const QUIET_MS = 5000;

/** Exports, newest first; looked at often while one is being made. */
export function useExports() {
  const pages = useInfiniteQuery({
    queryKey: KEY,
    initialPageParam: '',
    queryFn: ({ pageParam }) => call(Exports, 'GET', `/v1/exports?limit=50${pageParam === '' ? '' : `&cursor=${pageParam}`}`),
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => {
      const items = state.data?.pages.flatMap((page) => page.items) ?? [];
      return items.some((one) => one.state === 'queued' || one.state === 'running') ? UNDER_WAY_MS : QUIET_MS;
    },
  });
  return { ...pages, items: pages.data?.pages.flatMap(({ items }) => items) ?? [] };
}

export function useAskExport(onAsked: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ExportRequest) => call(Export, 'POST', '/v1/exports', request),
    onSuccess: async () => {
      onAsked();
      await queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function useConfirmExport(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(Export, 'POST', `/v1/exports/${id}/confirm`),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** Gets a link that ends, and follows it: the browser saves the file itself, however large. */
export function useFetchExport(one: Export) {
  return useMutation({
    mutationFn: async () => {
      const { url } = await call(ExportLink, 'POST', `/v1/exports/${one.id}/link`);
      const link = document.createElement('a');
      link.href = url;
      link.download = one.fileName;
      link.click();
    },
  });
}
