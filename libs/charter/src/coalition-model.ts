import type { PowerId } from '@wheelhouse/protocol/charter';
import { type Charter, type Power, reportingLine } from './charter.ts';

/** People by their place in `CoalitionModel.people`; a coalition is a set of them, bit `i` standing for person `i`. */
export type Coalition = bigint;

/**
 * What the analysis sees of a charter: who may come to stand for which seat. `seatsAt` has one row for each moment worth waiting for, and in
 * it for each seat the people who may come to stand for it then: its holder if in term, and its alternates.
 */
export type CoalitionModel = {
  readonly charter: Charter;
  readonly people: readonly string[];
  readonly everyone: Coalition;
  readonly seats: readonly { readonly id: string; readonly body: string }[];
  readonly moments: readonly Moment[];
  /** For each person, everyone above and below them. */
  readonly lines: readonly Coalition[];
  /** What was worked out before, by power and coalition: the same questions come up for each power again. */
  readonly known: Map<string, Exercise | null>;
  /** Matchings made so far: the analysis's measure of effort, the same on every machine. */
  readonly effort: { matchings: number };
};

/** One way for a coalition to meet a power's quorum with the seats that its members stand for. People and seats by their index. */
export type Exercise = { readonly at: number; readonly proposer: number; readonly votes: readonly SeatVote[] };
export type SeatVote = { readonly person: number; readonly seat: number; readonly delegatedBy: number | null };

export type Moment = { readonly at: number; readonly standing: readonly (readonly number[])[] };

/** Builds the model. `from` is the moment from which on people act, in milliseconds since 1970. */
export function coalitionModel(charter: Charter, from: number): CoalitionModel {
  const people = [...charter.people.keys()];
  const indexOf = new Map(people.map((person, i) => [person, i]));
  const maskOf = (names: Iterable<string>) => [...names].reduce((mask, name) => mask | (1n << BigInt(indexOf.get(name) ?? 0)), 0n);
  return {
    charter,
    people,
    everyone: (1n << BigInt(people.length)) - 1n,
    seats: [...charter.seats.values()].map(({ id, body }) => ({ id, body })),
    moments: momentsWorthWaitingFor(charter, from, (name) => indexOf.get(name) ?? -1),
    lines: people.map((person) => maskOf(reportingLine(charter.people, person))),
    known: new Map(),
    effort: { matchings: 0 },
  };
}

/**
 * Terms only begin at known moments, and a seat in term can be stood for by everyone who can when it is vacant, and its holder. So the moments
 * at which the set of seats in term is largest are the only ones that a coalition could want.
 */
function momentsWorthWaitingFor(charter: Charter, from: number, indexOf: (person: string) => number): readonly Moment[] {
  const seats = [...charter.seats.values()];
  const starts = seats.flatMap(({ term }) => (term === null ? [] : [term.from]));
  const candidates = [...new Set([from, ...starts.filter((at) => at > from)])].sort((a, b) => a - b);
  const inTerm = candidates.map((at) => seats.map(({ term }) => term === null || (term.from <= at && at < term.until)));
  const within = (a: readonly boolean[], b: readonly boolean[]) => a.every((value, i) => !value || b[i] === true);
  return candidates.flatMap((at, i) => {
    const own = inTerm[i] ?? [];
    // Of equal ones the earliest stays.
    const beaten = inTerm.some((other, j) => j !== i && within(own, other) && (!within(other, own) || j < i));
    if (beaten) return [];
    const standing = seats.map(({ holder, alternates }, s) =>
      [...(holder !== null && own[s] === true ? [holder] : []), ...alternates].map(indexOf),
    );
    return [{ at, standing }];
  });
}

export function has(coalition: Coalition, person: number): boolean {
  return ((coalition >> BigInt(person)) & 1n) === 1n;
}

export function without(coalition: Coalition, person: number): Coalition {
  return coalition & ~(1n << BigInt(person));
}

export function membersOf(model: CoalitionModel, coalition: Coalition): readonly number[] {
  return model.people.flatMap((_, i) => (has(coalition, i) ? [i] : []));
}

/** The people of a power's quorum: its yes votes, and the proposer, who never counts. */
export function quorumPeople(power: Power): number {
  return power.votes + 1;
}

export function powerOf(model: CoalitionModel, power: PowerId): Power | null {
  return model.charter.powers.get(power) ?? null;
}
