import type { Power } from './charter.ts';
import type { CoalitionModel } from './coalition-model.ts';

/**
 * Groups people whom the charter does not tell apart where `power` is concerned: swapping two of a group leaves every seat, moment and
 * reporting line, and the power's break glass, as they were. What one coalition can do, every other can that has as many people of each group.
 */
export function interchangeable(model: CoalitionModel, power: Power): readonly (readonly number[])[] {
  const seatKey = seatKeys(model, power);
  const groups: number[][] = [];
  for (const person of model.people.keys()) {
    const group = groups.find(([first]) => first !== undefined && isSwap(model, seatKey, first, person));
    if (group === undefined) groups.push([person]);
    else group.push(person);
  }
  return groups;
}

type SeatKey = (seat: number, rename: (person: number) => number) => string;

/** What tells seats apart: body, right of break glass, and who may come to stand for it at each moment. */
function seatKeys(model: CoalitionModel, { breakGlass }: Power): SeatKey {
  const fixed = model.seats.map(({ id, body }) => `${body} ${breakGlass?.seats.includes(id) === true ? 'may' : 'may not'}`);
  return (seat, rename) => {
    const standing = model.moments.map((moment) => [...(moment.standing[seat] ?? [])].map(rename).sort((a, b) => a - b));
    return `${fixed[seat] ?? ''}|${standing.map((people) => people.join()).join('|')}`;
  };
}

function isSwap(model: CoalitionModel, seatKey: SeatKey, a: number, b: number): boolean {
  const bits = (1n << BigInt(a)) | (1n << BigInt(b));
  const [lineA, lineB] = [model.lines[a] ?? 0n, model.lines[b] ?? 0n];
  if ((lineA & ~bits) !== (lineB & ~bits)) return false;
  const swap = (person: number) => (person === a ? b : person === b ? a : person);
  const theirs = [...model.seats.keys()].filter((seat) =>
    model.moments.some(({ standing }) => [a, b].some((p) => standing[seat]?.includes(p))),
  );
  const before = theirs.map((seat) => seatKey(seat, (person) => person)).sort();
  const after = theirs.map((seat) => seatKey(seat, swap)).sort();
  return before.join('\n') === after.join('\n');
}
