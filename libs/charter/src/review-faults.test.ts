import type { CharterFile, Vote } from '@wheelhouse/protocol/charter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharterFile } from './any-charter.fixture.ts';
import { type Charter } from './charter.ts';
import { faultsOf } from './charter-faults.ts';
import { charterOf } from './charter-of.ts';
import { evaluate } from './evaluate.ts';
import { largeCharter } from './large-charter.fixture.ts';
import { newCharter } from './new-charter.ts';
import type { Delegation } from './proposal.ts';
import { readAdopted, readCharter } from './read-charter.ts';
import { reviewFaults } from './review-faults.ts';
import { DIGEST, OPENED, sampleFacts, sampleFile, sampleProposal } from './sample-charter.fixture.ts';
import type { SeatEvent } from './seat-history.ts';

/** Every way to choose `count` of these. */
function choices<T>(from: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return from.flatMap((one, i) => choices(from.slice(i + 1), count - 1).map((rest) => [one, ...rest]));
}

const orderOf = (charter: Charter, id: string): readonly string[] => {
  const seat = charter.seats.get(id);
  return seat === undefined ? [] : [...(seat.holder === null ? [] : [seat.holder]), ...seat.alternates];
};

/** Whether these people can each take one of the seats that they stand for, tried out. */
function canSit(charter: Charter, people: readonly string[], seats: readonly string[]): boolean {
  const [person, ...others] = people;
  if (person === undefined) return true;
  return seats.some(
    (seat) =>
      orderOf(charter, seat).includes(person) &&
      canSit(
        charter,
        others,
        seats.filter((other) => other !== seat),
      ),
  );
}

type Cast = { readonly person: string; readonly seat: string; readonly owner: string };

/** Every way in which people cast votes for different seats: each as themselves, or in the place of somebody who stands for the seat. */
function casts(
  charter: Charter,
  voters: readonly string[],
  standing: readonly string[],
  seats: readonly string[],
): readonly (readonly Cast[])[] {
  const [person, ...others] = voters;
  if (person === undefined) return [[]];
  const own = seats.flatMap((seat) => {
    const owners = orderOf(charter, seat).filter((one) => standing.includes(one));
    return (charter.delegation.allowed ? owners : owners.filter((one) => one === person)).map((owner) => ({ person, seat, owner }));
  });
  return own.flatMap((cast) =>
    casts(
      charter,
      others,
      standing,
      seats.filter((seat) => seat !== cast.seat),
    ).map((rest) => [cast, ...rest]),
  );
}

/** Has the votes cast at the last moment, after everybody who is no breaker made room, and asks the rules that decide proposals. */
function passes(charter: Charter, ballot: readonly Cast[], breakers: readonly string[], proposer: string): boolean {
  const power = charter.powers.get('break_glass.review');
  if (power === undefined) return false;
  const at = OPENED + power.voteWithinMs;
  const seatEvents: SeatEvent[] = ballot.flatMap(({ seat, owner }) =>
    orderOf(charter, seat)
      .slice(0, orderOf(charter, seat).indexOf(owner))
      .filter((person) => !breakers.includes(person))
      .map((person) => ({ type: 'stepped_down' as const, seat, person, at: OPENED })),
  );
  const delegations: Delegation[] = ballot.flatMap(({ seat, owner, person }) =>
    owner === person ? [] : [{ seat, from: owner, to: person, start: OPENED, end: at + 1 }],
  );
  const votes: Vote[] = ballot.map(({ person, seat }, i) => ({
    ...{ id: `v${i}`, person, seat, choice: 'yes', digest: DIGEST, reason: '', stepUp: true, at },
  }));
  const proposal = sampleProposal({ power: 'break_glass.review', proposer, authors: breakers });
  return evaluate(charter, proposal, votes, sampleFacts({ now: at, seatEvents, delegations })).state === 'passed';
}

/** Whether the review can be closed without these people, by trying everything. */
function closable(charter: Charter, breakers: readonly string[]): boolean {
  const power = charter.powers.get('break_glass.review');
  if (power === undefined) return false;
  const people = [...charter.people.keys()];
  return people.some((proposer) => {
    const others = people.filter((person) => !breakers.includes(person) && person !== proposer);
    return choices(others, power.votes).some((voters) =>
      casts(charter, voters, others, power.seats).some((ballot) => passes(charter, ballot, breakers, proposer)),
    );
  });
}

/** Whether some people could break a glass and leave a review that can't be closed, by trying everybody. */
function bruteForce(charter: Charter): boolean {
  const rule = charter.powers.get('latch.release')?.breakGlass ?? null;
  if (rule === null) return false;
  return choices([...charter.people.keys()], rule.people).some(
    (people) => canSit(charter, people, rule.seats) && !closable(charter, people),
  );
}

/** As small charters are, without terms, and with alternates whose turn comes never, in time, or too late. */
const anyFile: fc.Arbitrary<CharterFile> = fc
  .tuple(anyCharterFile(5), fc.constantFrom(null, '6h', '20h', '2d'))
  .filter(([{ breakGlass }]) => Object.keys(breakGlass).length > 0)
  .map(([file, noAnswerAfter]) => ({
    ...file,
    seats: Object.fromEntries(Object.entries(file.seats).map(([id, { term: _, ...seat }]) => [id, seat])),
    alternates: { onAbsence: true, ...(noAnswerAfter === null ? {} : { noAnswerAfter }) },
  }));

describe('a review that needs those who broke the glass', () => {
  it('is found wherever trying everything finds it, and nowhere else', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(anyFile, (file) => {
        expect(faultsOf(file)).toEqual([]);
        const charter = charterOf(file);
        const isFaulty = reviewFaults(charter).length > 0;
        seen.add(isFaulty);
        expect(isFaulty).toBe(bruteForce(charter));
      }),
      { numRuns: 400 },
    );
    expect(seen.size).toBe(2);
  }, 60_000);

  it('is a fault of the text, in words, at the line of the rule', () => {
    const review = sampleFile().powers['break_glass.review'];
    if (review === undefined) throw new Error('the sample has a review');
    const file = sampleFile({
      powers: { ...sampleFile().powers, 'break_glass.review': { ...review, quorum: { votes: 5, bodies: 1, from: ['ops', 'safety'] } } },
      delegation: { allowed: false },
    });
    const text = JSON.stringify(file, null, 2);
    const reading = readCharter(text);
    if (reading.ok) throw new Error('it was read');
    expect(reading.faults).toHaveLength(1);
    expect(reading.faults[0]).toMatchObject({ path: ['breakGlass', 'latch.release'] });
    expect(text.split('\n')[(reading.faults[0]?.line ?? 0) - 1]).toContain('"latch.release"');
    expect(reading.faults[0]?.message).toMatch(
      /^if \w+ and \w+ broke the glass, its review could never be closed: they do not vote on it, and the others have not the 5 votes that break_glass\.review takes$/,
    );
    // One that was adopted before this was looked for stays readable.
    expect(readAdopted(text).ok).toBe(true);
  });

  it('is none of a charter that init writes, however many people it is for', () => {
    for (let count = 3; count <= 30; count += 1) {
      const people = Array.from({ length: count }, (_, i) => ({ id: `p${i}`, name: `Person ${i}` }));
      const reading = readCharter(newCharter({ people, from: 0 }));
      expect([count, reading.ok ? [] : reading.faults]).toEqual([count, []]);
    }
  });

  it('is looked for in a large charter too, within bounds', () => {
    const file = largeCharter({ people: 40, bodies: 5, tangled: true, votes: () => 5 });
    const seats = Object.keys(file.seats);
    const rule = { seats, people: 20, timeBox: '1h', reviewWithin: '1d', overdueCeiling: 1 as const };
    expect(Array.isArray(reviewFaults(charterOf({ ...file, breakGlass: { 'latch.release': rule } })))).toBe(true);
  });
});
