import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { charterQuery } from '../charter/charter-queries.ts';

/** Whether a charter is in force: then a quorum decides what one more person could confirm before. */
export function useDecidedByVotes(): boolean {
  return useQuery(charterQuery).data?.inForce != null;
}

/** To the proposal that decides on something, which has the same id. */
export function VotesLink({ id }: { id: string }) {
  return (
    <Link to="/approvals/$id" params={{ id }} data-testid="votes-link">
      Decided by votes: see the proposal
    </Link>
  );
}
