import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Power } from './charter.ts';
import { type Coalition, type CoalitionModel, type Exercise, membersOf, powerOf, quorumPeople, without } from './coalition-model.ts';
import { exerciseByBreakGlass, exerciseByVote } from './direct-exercise.ts';

/** A chain of acts that ends in the exercise of a power, without the one before it where it has none. */
export type Chain =
  | { readonly by: 'vote'; readonly exercise: Exercise }
  | { readonly by: 'break_glass'; readonly exercise: Exercise }
  | { readonly by: 'amendment'; readonly exercise: Exercise }
  /** Take seats by `seat.change`, then vote. */
  | { readonly by: 'appointment'; readonly exercise: Exercise; readonly then: 'vote' | 'break_glass' | 'amendment' };

export const ROUTES = ['vote', 'break_glass', 'amendment', 'appointment'] as const;
export type Route = (typeof ROUTES)[number];

/** The chain by one route, or null when the coalition can't go it. */
export function chainBy(model: CoalitionModel, power: PowerId, coalition: Coalition, route: Route): Chain | null {
  const rule = powerOf(model, power);
  if (rule === null) return null;
  switch (route) {
    case 'vote': {
      const exercise = exerciseByVote(model, rule, coalition);
      return exercise === null ? null : { by: 'vote', exercise };
    }
    case 'break_glass': {
      const exercise = exerciseByBreakGlass(model, rule, coalition);
      return exercise === null ? null : { by: 'break_glass', exercise };
    }
    case 'amendment': {
      const amend = power === 'charter.amend' ? null : powerOf(model, 'charter.amend');
      const exercise = amend === null ? null : exerciseByVote(model, amend, coalition);
      return exercise === null ? null : { by: 'amendment', exercise };
    }
    case 'appointment': {
      const seatChange = power === 'seat.change' ? null : powerOf(model, 'seat.change');
      const then = cheapestOnceAppointed(model, rule);
      if (seatChange === null || membersOf(model, coalition).length < then.people) return null;
      const exercise = exerciseByVote(model, seatChange, coalition);
      return exercise === null ? null : { by: 'appointment', exercise, then: then.by };
    }
  }
}

/** Whether a coalition can exercise a power at all, through any chain. */
export function canExercise(model: CoalitionModel, power: PowerId, coalition: Coalition): boolean {
  return ROUTES.some((route) => chainBy(model, power, coalition, route) !== null);
}

/**
 * What a power takes once a coalition has given itself every seat and void reporting lines: people enough, and nothing else. The schema sees to
 * it that there are seats and bodies for every quorum.
 */
function cheapestOnceAppointed(model: CoalitionModel, power: Power): { people: number; by: 'vote' | 'break_glass' | 'amendment' } {
  const amend = powerOf(model, 'charter.amend');
  const ways = [
    { people: quorumPeople(power), by: 'vote' as const },
    { people: power.breakGlass?.people ?? Infinity, by: 'break_glass' as const },
    { people: amend === null ? Infinity : quorumPeople(amend), by: 'amendment' as const },
  ];
  return ways.reduce((best, way) => (way.people < best.people ? way : best));
}

/**
 * How many people the smallest coalition by a route has; null when nobody can go it. Every minimal coalition of a route has that size: whoever
 * neither proposes nor casts one of the votes can be left out (docs/charter.md has the proof).
 */
export function smallestBy(model: CoalitionModel, power: PowerId, route: Route): number | null {
  const rule = powerOf(model, power);
  if (rule === null || chainBy(model, power, model.everyone, route) === null) return null;
  switch (route) {
    case 'vote':
      return quorumPeople(rule);
    case 'break_glass':
      return rule.breakGlass?.people ?? null;
    case 'amendment':
      return quorumOf(model, 'charter.amend');
    case 'appointment':
      return Math.max(quorumOf(model, 'seat.change'), cheapestOnceAppointed(model, rule).people);
  }
}

function quorumOf(model: CoalitionModel, power: PowerId): number {
  const rule = powerOf(model, power);
  return rule === null ? Infinity : quorumPeople(rule);
}

/** A smallest coalition that can go a route: everyone, less each person in turn who is not needed. */
export function shrink(model: CoalitionModel, power: PowerId, route: Route): Coalition {
  let coalition = model.everyone;
  for (let person = model.people.length - 1; person >= 0; person -= 1) {
    const smaller = without(coalition, person);
    if (chainBy(model, power, smaller, route) !== null) coalition = smaller;
  }
  return coalition;
}
