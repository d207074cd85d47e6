import type { CharterFile } from '@wheelhouse/protocol/charter';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';

/** A charter's file with one seat as a proposal would have it: what the analysis of a `seat.change` looks at. */
export function fileWithSeat(
  file: CharterFile,
  { seat, holder, alternates, term }: Extract<ProposedAct, { power: 'seat.change' }>,
): CharterFile {
  const before = file.seats[seat];
  if (before === undefined) return file;
  const people = Object.fromEntries(
    [...alternates, ...(holder === null ? [] : [holder])].map((person) => [person, file.people[person] ?? {}]),
  );
  const after = {
    body: before.body,
    alternates: [...alternates],
    ...(holder === null ? {} : { holder }),
    ...(term === null ? {} : { term }),
  };
  return { ...file, people: { ...file.people, ...people }, seats: { ...file.seats, [seat]: after } };
}
