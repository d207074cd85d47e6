import type { PowerId } from '@wheelhouse/protocol/charter';
import { type Level, lowerLevel } from '@wheelhouse/protocol/level';
import type { Charter } from './charter.ts';
import type { SeatFacts } from './powers-held.ts';
import { representativeAt } from './seat-history.ts';

/** The highest level that any session may run at, and why it is not 5, in words. */
export type LevelCeiling = { readonly level: Level; readonly because: readonly string[] };

/**
 * The charter's level ceiling at a moment: lowered while fewer seats of a body are represented than its `minimum`, and while a review of
 * break glass is overdue. `overdueReviews` names the powers of such reviews. Different people count, not seats.
 */
export function levelCeiling(
  charter: Charter,
  facts: SeatFacts & { readonly overdueReviews: readonly PowerId[] },
  at: number,
): LevelCeiling {
  let level: Level = 5;
  const because: string[] = [];
  for (const body of charter.bodies.values()) {
    const seats = [...charter.seats.values()].filter((seat) => seat.body === body.id);
    const people = new Set(seats.map((seat) => representativeAt(charter, facts, seat.id, at)));
    people.delete(null);
    if (people.size >= body.minimum) continue;
    level = lowerLevel(level, body.ceiling);
    because.push(`${body.title} has ${people.size} of the ${body.minimum} people it needs: level ${body.ceiling} at most`);
  }
  for (const power of facts.overdueReviews) {
    const ceiling = charter.powers.get(power)?.breakGlass?.overdueCeiling ?? 1;
    level = lowerLevel(level, ceiling);
    because.push(`the review of a break glass of ${power} is overdue: level ${ceiling} at most`);
  }
  return { level, because };
}
