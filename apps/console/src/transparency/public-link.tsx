import { queryOptions, useQuery } from '@tanstack/react-query';

/** Whether this installation has a public page. Asked without reading it: the head of the answer says enough. */
const isPublishedQuery = queryOptions({
  queryKey: ['transparency', 'published'],
  queryFn: async () => (await fetch('/v1/transparency', { method: 'HEAD' })).ok,
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

/** A link to `/transparency`, where there is something to read: nothing at all where nothing is published. */
export function PublicLink({ children }: { children: string }) {
  const { data: isPublished } = useQuery(isPublishedQuery);
  if (isPublished !== true) return null;
  return (
    <a href="/transparency" data-testid="public-link">
      {children}
    </a>
  );
}
