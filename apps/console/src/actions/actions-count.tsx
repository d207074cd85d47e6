import { useQuery } from '@tanstack/react-query';
import { pendingQuery } from './actions-queries.ts';

/** How many actions wait for a human, beside the link to them. Nothing where none does. */
export function ActionsCount() {
  const { data } = useQuery(pendingQuery);
  if (data === undefined || data.items.length === 0) return null;
  const words = `${data.items.length}${data.hasMore ? ' or more' : ''} waiting for a human`;
  return (
    <span className="count" data-testid="actions-count" title={words}>
      <span aria-hidden="true">
        {data.items.length}
        {data.hasMore ? '+' : ''}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}
