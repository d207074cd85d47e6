import type { Power } from './charter.ts';
import { type Coalition, type CoalitionModel, type Exercise, has, membersOf, type Moment, type SeatVote } from './coalition-model.ts';
import { matching } from './matching.ts';

/**
 * How a coalition can exercise a power by proposing and voting alone, while nobody else does anything; null when it can't. Tries each member
 * as the proposer, at each moment worth waiting for.
 */
export function exerciseByVote(model: CoalitionModel, power: Power, coalition: Coalition): Exercise | null {
  // Powers that take the same quorum of the same seats are exercised alike.
  const key = `${power.votes} ${power.bodies} ${power.excludesLine ? 1 : 0} ${power.from.join(',')} ${coalition.toString(36)}`;
  const known = model.known.get(key);
  if (known !== undefined) return known;
  const exercise = searchExercise(model, power, coalition);
  model.known.set(key, exercise);
  return exercise;
}

function searchExercise(model: CoalitionModel, power: Power, coalition: Coalition): Exercise | null {
  const members = membersOf(model, coalition);
  if (members.length <= power.votes) return null;
  for (const moment of model.moments) {
    const all = assignVotes(model, power, moment, members);
    if (all === null) continue;
    // Whoever is not needed for a vote is the likeliest proposer.
    const idle = members.filter((person) => !all.some((vote) => vote.person === person || vote.delegatedBy === person));
    for (const proposer of [...idle, ...members.filter((person) => !idle.includes(person))]) {
      const votes = assignVotes(model, power, moment, votersFor(model, power, members, proposer));
      if (votes !== null) return { at: moment.at, proposer, votes };
    }
  }
  return null;
}

/** The members whose votes count when `proposer` proposes. */
export function votersFor(model: CoalitionModel, power: Power, members: readonly number[], proposer: number): readonly number[] {
  const line = power.excludesLine ? (model.lines[proposer] ?? 0n) : 0n;
  return members.filter((person) => person !== proposer && !has(line, person));
}

/**
 * Gives voters seats so that the quorum is met: different people, different seats, enough bodies; null when it can't be. First covers the
 * bodies, then fills up with further seats; the matching never gives up a seat that it has, so both needs are met together whenever each can
 * be (Mendelsohn and Dulmage).
 */
export function assignVotes(model: CoalitionModel, power: Power, moment: Moment, voters: readonly number[]): readonly SeatVote[] | null {
  if (voters.length < power.votes) return null;
  const seats = openSeats(model, power, moment, voters);
  if (seats.length < power.votes) return null;
  model.effort.matchings += 1;
  const first = power.bodies > 1 ? coverBodies(model, power, seats) : [];
  if (first === null) return null;
  const ordered = [...first, ...seats.filter((seat) => !first.includes(seat))];
  const taken = matching(
    ordered.map(({ who }) => who),
    model.people.length,
    power.votes,
  );
  const votes: SeatVote[] = [];
  for (const [person, left] of taken.entries()) {
    const seat = ordered[left];
    if (seat !== undefined) votes.push({ person, seat: seat.seat, delegatedBy: seat.own.includes(person) ? null : (seat.own[0] ?? null) });
  }
  return votes.length < power.votes ? null : votes;
}

type SeatChoice = { readonly seat: number; readonly body: string; readonly own: readonly number[]; readonly who: readonly number[] };

/** The power's seats that a voter stands for, and who may cast each vote: whoever stands for it or, where allowed, whoever they delegate to. */
function openSeats(model: CoalitionModel, power: Power, moment: Moment, voters: readonly number[]): readonly SeatChoice[] {
  const choices: SeatChoice[] = [];
  const votes = new Uint8Array(model.people.length);
  for (const person of voters) votes[person] = 1;
  for (const [seat, standing] of moment.standing.entries()) {
    const body = model.seats[seat]?.body ?? '';
    if (!power.from.includes(body)) continue;
    const own = standing.filter((person) => votes[person] === 1);
    if (own.length > 0) choices.push({ seat, body, own, who: model.charter.delegation.allowed ? voters : own });
  }
  return choices;
}

/** One seat from each of as many bodies as the quorum asks for, votable by different people at once; null when there are not so many. */
function coverBodies(model: CoalitionModel, power: Power, seats: readonly SeatChoice[]): readonly SeatChoice[] | null {
  const bodies = [...new Set(seats.map(({ body }) => body))];
  const edges = bodies.map((body) => seats.filter((seat) => seat.body === body).flatMap(({ who }) => who));
  const taken = matching(edges, model.people.length, power.bodies);
  const cover: SeatChoice[] = [];
  for (const [person, left] of taken.entries()) {
    const body = bodies[left];
    const seat = body === undefined ? undefined : seats.find((choice) => choice.body === body && choice.who.includes(person));
    if (seat !== undefined) cover.push(seat);
  }
  return cover.length < power.bodies ? null : cover;
}

/** How a coalition can break the glass of a power; null when it can't, or when the power has none. */
export function exerciseByBreakGlass(model: CoalitionModel, power: Power, coalition: Coalition): Exercise | null {
  const rule = power.breakGlass;
  if (rule === null) return null;
  for (const moment of model.moments) {
    const seats = model.seats.flatMap(({ id }, seat) => (rule.seats.includes(id) ? [seat] : []));
    const edges = seats.map((seat) => (moment.standing[seat] ?? []).filter((person) => has(coalition, person)));
    const taken = matching(edges, model.people.length, rule.people);
    const votes = [...taken.entries()].flatMap(([person, left]) => {
      const seat = seats[left];
      return seat === undefined ? [] : [{ person, seat, delegatedBy: null }];
    });
    if (votes.length >= rule.people) return { at: moment.at, proposer: -1, votes };
  }
  return null;
}

/** The most votes that a coalition can bring together for a power, and the most bodies. Says how far short it falls. */
export function mostVotes(model: CoalitionModel, power: Power, coalition: Coalition): { readonly votes: number; readonly bodies: number } {
  let [votes, bodies] = [0, 0];
  const members = membersOf(model, coalition);
  for (const moment of model.moments) {
    for (const proposer of members) {
      const seats = openSeats(model, power, moment, votersFor(model, power, members, proposer));
      const taken = matching(
        seats.map(({ who }) => who),
        model.people.length,
        power.votes,
      );
      votes = Math.max(votes, taken.filter((left) => left >= 0).length);
      bodies = Math.max(bodies, new Set(seats.map(({ body }) => body)).size);
    }
  }
  return { votes, bodies };
}
