import type { PowerId } from '@wheelhouse/protocol/charter';
import { type Charter, nameOf } from './charter.ts';
import type { SeatFacts } from './powers-held.ts';
import type { Refusal } from './refusal.ts';
import { representativeAt } from './seat-history.ts';

/** An emergency act: these people, for these seats, together. `practice` marks a drill, which changes nothing and is told as one. */
export type GlassBreaking = {
  readonly power: PowerId;
  readonly by: readonly { readonly person: string; readonly seat: string; readonly stepUp: boolean }[];
  readonly reason: string;
  readonly practice: boolean;
};

/** The act took place: it ends by itself at `endsAt`, its review is due at `reviewDueAt`, and `skipped` are the people to tell at once. */
export type GlassBroken = GlassBreaking & {
  readonly type: 'glass_broken';
  readonly at: number;
  readonly endsAt: number;
  readonly reviewDueAt: number;
  readonly skipped: readonly string[];
};

/** `suspendedSeats` have lost their right of break glass until an overdue review is closed. */
export type GlassFacts = SeatFacts & { readonly now: number; readonly suspendedSeats: readonly string[] };

/** Decides whether the glass may be broken now. */
export function decideBreakGlass(charter: Charter, act: GlassBreaking, facts: GlassFacts): readonly GlassBroken[] | Refusal {
  const power = charter.powers.get(act.power);
  const rule = power?.breakGlass ?? null;
  if (power === undefined || rule === null) return { refused: 'forbidden', message: `The charter has no break glass for ${act.power}.` };
  if (act.reason.trim() === '') return { refused: 'malformed', message: 'Break glass takes a reason.' };
  for (const { person, seat, stepUp } of act.by) {
    const who = nameOf(charter, person);
    if (!rule.seats.includes(seat)) return { refused: 'forbidden', message: `${seat} may not break the glass of ${act.power}.` };
    if (facts.suspendedSeats.includes(seat))
      return { refused: 'forbidden', message: `${seat} may not until its overdue review is closed.` };
    if (representativeAt(charter, facts, seat, facts.now) !== person)
      return { refused: 'forbidden', message: `${who} does not represent ${seat} now.` };
    if (!stepUp) return { refused: 'forbidden', message: `${who} has to sign with user verification.` };
  }
  const people = new Set(act.by.map(({ person }) => person));
  const seats = new Set(act.by.map(({ seat }) => seat));
  if (Math.min(people.size, seats.size) < rule.people)
    return { refused: 'forbidden', message: `It takes ${rule.people} people together, each for a seat of their own.` };
  const skipped = new Set(power.seats.map((seat) => representativeAt(charter, facts, seat, facts.now)).filter((person) => person !== null));
  for (const person of people) skipped.delete(person);
  const { now } = facts;
  const due = { endsAt: now + rule.timeBoxMs, reviewDueAt: now + rule.reviewWithinMs, skipped: [...skipped] };
  return [{ ...act, type: 'glass_broken', at: now, ...due }];
}
