import { BREAKABLE_POWERS } from '@wheelhouse/protocol/charter';
import { type BreakGlass, type Charter, nameOf, type Power } from './charter.ts';
import type { CharterFault } from './charter-faults.ts';
import { type CoalitionModel, coalitionModel, type SeatVote } from './coalition-model.ts';
import { assignVotes, votersFor } from './direct-exercise.ts';
import { matching, sizeOf } from './matching.ts';

/** Matchings for each break glass at most, so that a hostile charter takes no thread for long. What takes more is not found. */
const MOST_EFFORT = 1000;

/**
 * Reviews of break glass that can't be closed without the people who broke the glass: they do not vote on it, so it would stay open, and the ceiling down. For
 * each such rule, one set of people who could break it and leave too few. Every seat is taken to be in its term: when terms end is for law 5's analysis, which
 * has a clock. Whoever proposes the review never counts, and may be anybody, also one who broke the glass.
 */
export function reviewFaults(charter: Charter): readonly CharterFault[] {
  const review = charter.powers.get('break_glass.review');
  if (review === undefined) return [];
  return BREAKABLE_POWERS.flatMap((id) => {
    const rule = charter.powers.get(id)?.breakGlass ?? null;
    const breakers = rule === null ? null : whoLeaveTooFew(charter, review, rule);
    if (breakers === null) return [];
    const names = breakers.map((person) => nameOf(charter, person)).join(' and ');
    const from = review.bodies > 1 ? ` from ${review.bodies} bodies` : '';
    const message = `if ${names} broke the glass, its review could never be closed: they do not vote on it, and the others have not the ${review.votes} votes${from} that break_glass.review takes`;
    return [{ path: ['breakGlass', id], message }];
  });
}

/**
 * The search follows the people whom a review rests on: while the review can be had without those chosen so far, one of the people of that way to it has to be
 * among the breakers too, or it can be had without all of them. So what is tried is bounded by the quorum, not by how many people there are.
 */
function whoLeaveTooFew(charter: Charter, review: Power, rule: BreakGlass): readonly string[] | null {
  const model = untimed(charter);
  const seats = model.seats.flatMap(({ id }, seat) => (rule.seats.includes(id) ? [seat] : []));
  const standing = seats.map((seat) => model.moments[0]?.standing[seat] ?? []);
  const tried = new Set<string>();
  let effort = 0;
  const search = (chosen: readonly number[]): readonly number[] | null => {
    const key = [...chosen].sort((a, b) => a - b).join(',');
    if (tried.has(key) || effort > MOST_EFFORT) return null;
    tried.add(key);
    const all = breakersWith(chosen, standing, rule.people, model.people.length);
    if (all === null) return null;
    const rest = restOf(charter, model, review, chosen);
    const way = closes(rest, review, chosen);
    effort += 1 + rest.effort.matchings;
    if (way === null) return all;
    if (chosen.length >= rule.people) return null;
    for (const person of restsOn(model, way)) {
      const found = search([...chosen, person]);
      if (found !== null) return found;
    }
    return null;
  };
  const found = search([]);
  return found === null ? null : found.map((person) => model.people[person] ?? '');
}

/** Exactly as many people as the rule takes, each for a seat of their own, these among them; null where there are no such. */
function breakersWith(
  chosen: readonly number[],
  standing: readonly (readonly number[])[],
  people: number,
  count: number,
): readonly number[] | null {
  const seatsOf = (person: number) => standing.flatMap((who, seat) => (who.includes(person) ? [seat] : []));
  const others = Array.from({ length: count }, (_, person) => person).filter((person) => !chosen.includes(person));
  // Those who come first keep a place in the matching, so that the chosen are all in it, or can't be.
  const order = [...chosen, ...others];
  const own = matching(chosen.map(seatsOf), standing.length);
  if (sizeOf(own) < chosen.length) return null;
  const taken = matching(order.map(seatsOf), standing.length, people);
  const found = [...taken].flatMap((left) => (left < 0 ? [] : [order[left] ?? 0]));
  return found.length < people ? null : found.sort((a, b) => a - b);
}

/** Who stands for which seat while every seat is in its term: its holder and its alternates, in their order. */
function untimed(charter: Charter): CoalitionModel {
  const seats = new Map([...charter.seats].map(([id, seat]) => [id, { ...seat, term: null }]));
  return coalitionModel({ ...charter, seats }, 0);
}

/** The votes by which all but the breakers close the review; null when they can't, whoever proposes it. */
function closes(model: CoalitionModel, review: Power, breakers: readonly number[]): readonly SeatVote[] | null {
  const everyone = [...model.people.keys()];
  const others = everyone.filter((person) => !breakers.includes(person));
  const [moment] = model.moments;
  if (moment === undefined) return null;
  for (const proposer of [...breakers, ...others]) {
    const votes = assignVotes(model, review, moment, votersFor(model, review, others, proposer));
    if (votes !== null) return votes;
  }
  return null;
}

/**
 * The same without what needs the breakers: an alternate's turn comes only when everybody before them has made room, and a breaker who says nothing makes room by
 * nothing but `noAnswerAfter`, where the charter has it and the vote is open for as long.
 */
function restOf(charter: Charter, model: CoalitionModel, review: Power, breakers: readonly number[]): CoalitionModel {
  const moments = model.moments.map(({ at, standing }) => ({
    at,
    standing: standing.map((order) =>
      order.filter((person, i) => !breakers.includes(person) && comesToTurn(charter, review, order.slice(0, i), breakers)),
    ),
  }));
  return { ...model, moments, known: new Map(), effort: { matchings: 0 } };
}

function comesToTurn({ alternates }: Charter, review: Power, before: readonly number[], breakers: readonly number[]): boolean {
  const silent = before.filter((person) => breakers.includes(person)).length;
  if (silent === 0) return true;
  return alternates.noAnswerMs !== null && silent * alternates.noAnswerMs <= review.voteWithinMs;
}

/** Everybody without whom this way to the review might not be there: who takes part, and who has to make room for them. */
function restsOn(model: CoalitionModel, votes: readonly SeatVote[]): readonly number[] {
  const people = new Set<number>();
  for (const { person, seat, delegatedBy } of votes) {
    people.add(person);
    const voice = delegatedBy ?? person;
    const order = model.moments[0]?.standing[seat] ?? [];
    for (const one of order.slice(0, order.indexOf(voice) + 1)) people.add(one);
  }
  return [...people];
}
