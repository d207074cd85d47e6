import type { AbsenceView, CharterView, SeatView } from '@wheelhouse/protocol/charter-view';

type Names = Pick<CharterView, 'people'>;

/** A person's name as the charter has it; the id of one whom it does not know. */
export function nameIn({ people }: Names, person: string): string {
  return people.find(({ id }) => id === person)?.name ?? person;
}

export function namesIn(view: Names, people: readonly string[]): string {
  return people.map((person) => nameIn(view, person)).join(', ');
}

/** A body's title; its id where it has none. */
export function bodyTitle({ bodies }: Pick<CharterView, 'bodies'>, body: string): string {
  return bodies.find(({ id }) => id === body)?.title ?? body;
}

export type TermState = 'open' | 'before' | 'within' | 'over';

/** Where in its term a seat is; `open` where it has none. */
export function termState({ term }: Pick<SeatView, 'term'>, now: number): TermState {
  if (term === null) return 'open';
  if (now < Date.parse(term.from)) return 'before';
  return now < Date.parse(term.until) ? 'within' : 'over';
}

/** The absence that somebody is in now. */
export function absenceOf(absences: readonly AbsenceView[], person: string, now: number): AbsenceView | null {
  return (
    absences.find((absence) => absence.person === person && Date.parse(absence.from) <= now && now < Date.parse(absence.until)) ?? null
  );
}

/** Why whoever represents a seat now does: the holder, or the alternate whose turn it is and why. */
export function representedBecause(view: CharterView, seat: SeatView, now: number): string {
  const { holder, represented, alternates } = seat;
  if (represented !== null && represented === holder) return 'holds it';
  const before = whyNotTheHolder(view, seat, now);
  if (represented === null) return `${before}, and no alternate is there`;
  const passed = alternates.slice(0, Math.max(0, alternates.indexOf(represented)));
  const over = passed.length === 0 ? '' : `; ${namesIn(view, passed)} ${passed.length === 1 ? 'is' : 'are'} away too`;
  return `alternate: ${before}${over}`;
}

function whyNotTheHolder(view: CharterView, seat: SeatView, now: number): string {
  if (seat.holder === null) return 'nobody holds it';
  const name = nameIn(view, seat.holder);
  switch (termState(seat, now)) {
    case 'over':
      return `the term of ${name} has ended`;
    case 'before':
      return `the term of ${name} has not begun`;
    case 'open':
    case 'within':
      return absenceOf(view.absences, seat.holder, now) === null ? `${name} does not represent it` : `${name} declared an absence`;
  }
}

/** What somebody is to a seat. `order` is the alternate's place, from 1. */
export type Standing = { readonly as: 'holder' } | { readonly as: 'alternate'; readonly order: number } | null;

export function standingOf(seat: Pick<SeatView, 'holder' | 'alternates'>, person: string): Standing {
  if (seat.holder === person) return { as: 'holder' };
  const at = seat.alternates.indexOf(person);
  return at < 0 ? null : { as: 'alternate', order: at + 1 };
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

export function standingInWords(standing: Standing): string {
  if (standing === null) return 'nothing to do with it';
  return standing.as === 'holder' ? 'its holder' : `its ${ORDINALS[standing.order - 1] ?? `${standing.order}th`} alternate`;
}
