import type { Charter } from './charter.ts';
import type { ProposalFacts } from './proposal.ts';

/**
 * The seats that a person has, had or may have anything to do with: as holder, alternate, successor or delegate. Whether they speak for one of them at
 * some moment is `voicesOf`'s to say; for every other seat they don't.
 */
export function seatsOfPerson(
  charter: Charter,
  facts: Pick<ProposalFacts, 'seatEvents' | 'delegations'>,
  person: string,
): readonly string[] {
  const seats = new Set<string>();
  for (const { id, holder, alternates } of charter.seats.values()) if (holder === person || alternates.includes(person)) seats.add(id);
  for (const event of facts.seatEvents) {
    if (event.type === 'appointed' && (event.holder === person || event.alternates.includes(person))) seats.add(event.seat);
    if (event.type === 'handover_announced' && event.to === person) seats.add(event.seat);
  }
  for (const { seat, to } of facts.delegations) if (to === person) seats.add(seat);
  return [...seats];
}
