import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { Charter, Power } from './charter.ts';
import { readAdopted } from './read-charter.ts';

const FOUNDING_WITHIN_MS = 14 * 86_400_000;

/**
 * What the first charter is decided by, before there is one: the charter that is proposed, with nothing but the power to adopt it, and for that the
 * vote of everybody who would hold a seat (the proposer's own proposal counts as theirs). Nobody is bound by a seat that they did not sign for.
 */
export function foundingCharter(act: ProposedAct, proposer: string): Charter {
  const reading = act.power === 'charter.amend' ? readAdopted(act.text) : null;
  if (reading === null || !reading.ok) return NOBODY;
  const { charter } = reading;
  const seats = [...charter.seats.values()].filter(({ holder }) => holder !== null);
  const founders = new Set(seats.map(({ holder }) => holder));
  founders.delete(proposer);
  const adopt: Power = {
    id: 'charter.amend',
    // Never by the proposer alone, not even where they would hold every seat.
    votes: Math.max(1, founders.size),
    bodies: 1,
    from: [...charter.bodies.keys()],
    seats: seats.map(({ id }) => id),
    excludesAuthor: false,
    excludesLine: false,
    vetoSeats: [],
    noticeMs: 0,
    voteWithinMs: FOUNDING_WITHIN_MS,
    executeWithinMs: FOUNDING_WITHIN_MS,
    stepUp: true,
    training: false,
    breakGlass: null,
  };
  // Terms may begin later; whoever is to hold a seat signs for it now, and nobody stands in for them.
  const own = seats.map((seat) => [seat.id, { ...seat, alternates: [], term: null }] as const);
  return {
    ...charter,
    seats: new Map(own),
    powers: new Map([['charter.amend', adopt]]),
    alternates: { onAbsence: false, noAnswerMs: null },
    delegation: { allowed: false, longestMs: null },
  };
}

const NOBODY: Charter = {
  version: 0,
  people: new Map(),
  bodies: new Map(),
  seats: new Map(),
  powers: new Map(),
  alternates: { onAbsence: false, noAnswerMs: null },
  delegation: { allowed: false, longestMs: null },
  handover: { noticeMs: 0, overlapMs: 0 },
};
