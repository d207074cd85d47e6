import { type BreakGlassRule, type CharterFile, POWERS, type PowerId, type PowerRule } from '@wheelhouse/protocol/charter';
import type { BreakGlass, Charter, Power, Seat } from './charter.ts';
import { parseDuration } from './duration.ts';
import { parseInstant } from './instant.ts';

/** Powers that are exercised on what certain people did, or for a certain person: those never decide on it, whatever the file says. */
const ABOUT_PEOPLE: ReadonlySet<PowerId> = new Set(['access.grant', 'break_glass.review']);

/** The charter that a file means. For a file without faults only (`faultsOf`): throws on a moment that is none. */
export function charterOf(file: CharterFile): Charter {
  const seats = Object.entries(file.seats).map(([id, seat]) => seatOf(id, seat));
  const powers = POWERS.flatMap((id) => {
    const rule = file.powers[id];
    return rule === undefined ? [] : [powerOf(id, rule, breakGlassOf(file, id), seats)];
  });
  const { noAnswerAfter } = file.alternates;
  const { allowed, longest } = file.delegation;
  return {
    version: file.version,
    people: new Map(Object.entries(file.people).map(([id, { name, manager }]) => [id, { id, name: name ?? id, manager: manager ?? null }])),
    bodies: new Map(
      Object.entries(file.bodies).map(([id, { title, minimum, ceiling }]) => [
        id,
        { id, title: title ?? id, minimum: minimum ?? 0, ceiling: ceiling ?? 1 },
      ]),
    ),
    seats: new Map(seats.map((seat) => [seat.id, seat])),
    powers: new Map(powers.map((power) => [power.id, power])),
    alternates: { onAbsence: file.alternates.onAbsence, noAnswerMs: noAnswerAfter === undefined ? null : ms(noAnswerAfter) },
    delegation: { allowed, longestMs: longest === undefined ? null : ms(longest) },
    handover: { noticeMs: ms(file.handover.notice), overlapMs: ms(file.handover.overlap) },
  };
}

function seatOf(id: string, { body, holder, alternates, term }: CharterFile['seats'][string]): Seat {
  return {
    id,
    body,
    holder: holder ?? null,
    alternates,
    term: term === undefined ? null : { from: instant(term.from), until: instant(term.until) },
  };
}

function powerOf(id: PowerId, rule: PowerRule, breakGlass: BreakGlass | null, seats: readonly Seat[]): Power {
  const vetoes = ({ id: seat, body }: Seat) => rule.veto.bodies.includes(body) || rule.veto.seats.includes(seat);
  return {
    id,
    votes: rule.quorum.votes,
    bodies: rule.quorum.bodies,
    from: rule.quorum.from,
    seats: seats.filter(({ body }) => rule.quorum.from.includes(body)).map((seat) => seat.id),
    excludesAuthor: rule.exclude.includes('author') || ABOUT_PEOPLE.has(id),
    excludesLine: rule.exclude.includes('reporting_line'),
    vetoSeats: seats.filter(vetoes).map((seat) => seat.id),
    noticeMs: ms(rule.notice),
    voteWithinMs: ms(rule.voteWithin),
    executeWithinMs: ms(rule.executeWithin),
    stepUp: rule.stepUp,
    training: rule.training,
    breakGlass,
  };
}

function breakGlassOf(file: CharterFile, power: PowerId): BreakGlass | null {
  const rules: Partial<Record<PowerId, BreakGlassRule | undefined>> = file.breakGlass;
  const rule = rules[power];
  if (rule === undefined) return null;
  const { seats, people, timeBox, reviewWithin, overdueCeiling } = rule;
  return { seats, people, timeBoxMs: ms(timeBox), reviewWithinMs: ms(reviewWithin), overdueCeiling };
}

function ms(text: string): number {
  const length = parseDuration(text);
  if (length === null) throw new Error(`"${text}" is no length of time; the schema should have refused it`);
  return length;
}

function instant(text: string): number {
  const at = parseInstant(text);
  if (at === null) throw new Error(`"${text}" is no moment; faultsOf should have refused it`);
  return at;
}
