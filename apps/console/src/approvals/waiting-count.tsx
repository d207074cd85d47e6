import { useQuery } from '@tanstack/react-query';
import { waitingQuery } from './approvals-queries.ts';

/** How many proposals wait for the reader, beside the link to them. Nothing where none does. */
export function WaitingCount() {
  const { data } = useQuery(waitingQuery);
  if (data === undefined || data.count === 0) return null;
  const words = `${data.count}${data.hasMore ? ' or more' : ''} waiting for you`;
  return (
    <span className="count" data-testid="approvals-count" title={words}>
      <span aria-hidden="true">
        {data.count}
        {data.hasMore ? '+' : ''}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}
