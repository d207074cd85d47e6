import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Level } from '@wheelhouse/protocol/level';

/** A charter whose names all refer to something, with lengths of time in milliseconds and moments in milliseconds since 1970. */
export type Charter = {
  readonly version: number;
  readonly people: ReadonlyMap<string, Person>;
  readonly bodies: ReadonlyMap<string, Body>;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly powers: ReadonlyMap<PowerId, Power>;
  readonly alternates: { readonly onAbsence: boolean; readonly noAnswerMs: number | null };
  readonly delegation: { readonly allowed: boolean; readonly longestMs: number | null };
  readonly handover: { readonly noticeMs: number; readonly overlapMs: number };
};

export type Person = { readonly id: string; readonly name: string; readonly manager: string | null };

export type Body = { readonly id: string; readonly title: string; readonly minimum: number; readonly ceiling: Level };

export type Term = { readonly from: number; readonly until: number };

/** A seat. Outside its term, and with no holder, it is vacant and its alternates stand for it. Without a term it has no end. */
export type Seat = {
  readonly id: string;
  readonly body: string;
  readonly holder: string | null;
  readonly alternates: readonly string[];
  readonly term: Term | null;
};

export type Power = {
  readonly id: PowerId;
  readonly votes: number;
  readonly bodies: number;
  readonly from: readonly string[];
  /** The seats of the bodies in `from`. */
  readonly seats: readonly string[];
  readonly excludesAuthor: boolean;
  readonly excludesLine: boolean;
  /** Seats that may veto. */
  readonly vetoSeats: readonly string[];
  readonly noticeMs: number;
  readonly voteWithinMs: number;
  readonly executeWithinMs: number;
  readonly stepUp: boolean;
  readonly training: boolean;
  readonly breakGlass: BreakGlass | null;
};

export type BreakGlass = {
  readonly seats: readonly string[];
  readonly people: number;
  readonly timeBoxMs: number;
  readonly reviewWithinMs: number;
  readonly overdueCeiling: Level;
};

/** A person's name; the id of one whom the charter does not know. */
export function nameOf(charter: Charter, person: string): string {
  return charter.people.get(person)?.name ?? person;
}

/** Everyone above and below a person in the reporting line: managers up to the top and, all the way down, those who report to them. */
export function reportingLine(people: ReadonlyMap<string, Person>, person: string): ReadonlySet<string> {
  const line = new Set(managersOf(people, person));
  for (const other of people.keys()) if (managersOf(people, other).has(person)) line.add(other);
  line.delete(person);
  return line;
}

function managersOf(people: ReadonlyMap<string, Person>, person: string): Set<string> {
  const above = new Set<string>();
  for (let at = people.get(person)?.manager ?? null; at !== null && !above.has(at); at = people.get(at)?.manager ?? null) above.add(at);
  return above;
}

/** The power's quorum in words. */
export function quorumInWords(power: Power): string {
  const votes = `${power.votes} of ${power.seats.length}`;
  const bodies = power.bodies > 1 ? ` from ${power.bodies} bodies` : '';
  return `a proposer and ${votes} votes${bodies} (${power.from.join(', ')})`;
}
