import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Charter, Power } from './charter.ts';
import { instantText } from './instant.ts';

/**
 * Somebody's training: for one power of the charter, for the seats of one body, or, where it names neither, for all of them. Valid until just before `until`, in
 * milliseconds since 1970.
 */
export type Training = { readonly power: PowerId | null; readonly body: string | null; readonly until: number };

/** Everybody's trainings, by person: the latest that was recorded for each role. */
export type Trainings = ReadonlyMap<string, readonly Training[]>;

/** A person's trainings once one more was recorded: it takes the place of the one before for the same role, be it for longer or for less. */
export function withTraining(before: readonly Training[], training: Training): readonly Training[] {
  return [...before.filter(({ power, body }) => power !== training.power || body !== training.body), training];
}

/** Whether a training is one for this power, exercised for a seat of this body. */
export function isFor({ power, body }: Training, what: { readonly power: PowerId; readonly body: string }): boolean {
  if (power === null && body === null) return true;
  return power === what.power || body === what.body;
}

/** Whether somebody may vote on a power for a seat, by their training at `at`. A power that asks for none is everybody's. */
export function isTrained(
  charter: Charter,
  power: Power,
  trainings: Trainings,
  vote: { person: string; seat: string; at: number },
): boolean {
  if (!power.training) return true;
  const body = charter.seats.get(vote.seat)?.body ?? '';
  return (trainings.get(vote.person) ?? []).some((training) => vote.at < training.until && isFor(training, { power: power.id, body }));
}

/**
 * What training somebody lacks to vote on a power for a seat at `at`, as the end of a sentence that begins with who: what would do, and what they have. Null where
 * they lack none.
 */
export function lackInWords(
  charter: Charter,
  power: Power,
  trainings: Trainings,
  vote: { readonly person: string; readonly seat: string; readonly at: number },
): string | null {
  if (isTrained(charter, power, trainings, vote)) return null;
  const body = charter.seats.get(vote.seat)?.body ?? '';
  const own = trainings.get(vote.person) ?? [];
  const title = charter.bodies.get(body)?.title ?? body;
  const ended = own.filter((training) => isFor(training, { power: power.id, body }));
  const others = own.filter((training) => vote.at < training.until);
  const why =
    ended.length > 0
      ? `the last ran out on ${instantText(Math.max(...ended.map(({ until }) => until)))}`
      : others.length > 0
        ? `theirs is for ${others.map((training) => roleInWords(charter, training)).join(', ')}`
        : 'none is recorded';
  return `lacks training for ${power.id} or for ${title}: ${why}`;
}

/** What a training is for, in words. */
export function roleInWords(charter: Charter | null, { power, body }: Omit<Training, 'until'>): string {
  if (power !== null) return power;
  return body === null ? 'everything' : (charter?.bodies.get(body)?.title ?? body);
}
