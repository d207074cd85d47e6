import type { CharterFile } from '@wheelhouse/protocol/charter';

/** Who a seat is to belong to. */
export type Seating = {
  readonly seat: string;
  readonly holder: string | null;
  readonly alternates: readonly string[];
  readonly term: { readonly from: string; readonly until: string } | null;
};

/** A charter's file with one seat as it stands by now, or as a proposal would have it: what the analysis of a `seat.change` looks at. */
export function fileWithSeat(file: CharterFile, { seat, holder, alternates, term }: Seating): CharterFile {
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
