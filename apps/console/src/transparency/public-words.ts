import { durationInWords } from '@wheelhouse/charter/duration';
import type { PowerView, SeatView } from '@wheelhouse/protocol/charter-view';
import { LEVEL_NAMES, type Level } from '@wheelhouse/protocol/level';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { Transparency } from '@wheelhouse/protocol/transparency';
import { capital, plural } from '../ledger/plain-words.ts';

// For people of any place, and for paper: moments are in UTC, and whole.
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

export function momentInWords(iso: string): string {
  return `${MOMENT.format(new Date(iso))} UTC`;
}

export function dayInWords(iso: string): string {
  return DAY.format(new Date(iso));
}

/** From the first day to the last one inside: `until` is the first moment outside. */
export function termInWords(term: SeatView['term']): string {
  if (term === null) return 'without an end';
  return `${dayInWords(term.from)} to ${DAY.format(Date.parse(term.until) - 1)}`;
}

/** What is out of the ordinary about a seat at a moment; null where its holder represents it. */
export function seatNote({ holder, represented, term }: SeatView, at: string): string | null {
  if (represented === null) return 'Nobody represents it now';
  if (represented === holder) return null;
  if (holder === null) return 'Nobody holds it';
  if (term !== null && Date.parse(at) >= Date.parse(term.until)) return 'The term has ended';
  return 'The holder is away';
}

/** `Operations`, `Operations and Safety`, `A, B and C`. */
export function listed(names: readonly string[], joint = 'and'): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${joint} ${last}`;
}

type House = Pick<Transparency, 'bodies' | 'seats'>;

/** What powers take: how many yes votes, of whom. They follow. */
export function quorumSentence({ votes, bodies, from }: PowerView, house: House): string {
  const seats = house.seats.filter(({ body }) => from.includes(body)).length;
  const titles = listed(from.map((body) => house.bodies.find(({ id }) => id === body)?.title ?? body));
  const spread =
    bodies < 2 ? '' : bodies === from.length ? `, from ${bodies === 2 ? 'both' : 'all'} bodies` : `, from at least ${bodies} bodies`;
  return `One person proposes, and ${votes} of the ${plural(seats, 'seat')} of ${titles} vote yes${spread}:`;
}

/** How long each part of it takes at most or at least. */
export function timesSentence({ noticeMs, voteWithinMs, executeWithinMs }: PowerView): string {
  const notice = noticeMs === 0 ? '' : `, after a notice of ${durationInWords(noticeMs)} in which it can still be stopped`;
  return `${capital(durationInWords(voteWithinMs))} to vote, ${durationInWords(executeWithinMs)} to carry it out${notice}.`;
}

/** Who may veto, and who besides the proposer never votes; null where there is nothing to say. */
export function limitsSentence({ vetoSeats, excludes }: PowerView): string | null {
  const never = excludes.filter((who) => who !== 'the proposer');
  const parts = [
    ...(vetoSeats.length === 0 ? [] : [`A veto of ${listed(vetoSeats, 'or')} stops it.`]),
    ...(never.length === 0 ? [] : [`Besides the proposer, these never vote on it: ${listed(never)}.`]),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}

/** What an emergency changes; null where nothing. */
export function emergencySentence({ breakGlass }: PowerView): string | null {
  if (breakGlass === null) return null;
  const { people, seats, timeBoxMs, reviewWithinMs, overdueCeiling } = breakGlass;
  return (
    `In an emergency ${plural(people, 'person', 'people')} of the seats ${listed(seats)} may break the glass: it happens at once and is undone after ` +
    `${durationInWords(timeBoxMs)}. A quorum reviews it within ${durationInWords(reviewWithinMs)}; while that is overdue, nothing runs above level ${overdueCeiling}.`
  );
}

export function ceilingSentence(level: Level): string {
  if (level === 5) return 'The charter sets no ceiling at present: a session runs at whichever of the five levels it was given.';
  return `No session runs above level ${level} of 5 (the human is ${LEVEL_NAMES[level]}).`;
}

export const KIND_WORDS: Readonly<Record<LatchKind, readonly [name: string, meaning: string]>> = {
  hold: ['Hold', 'nothing of what the AI says gets out until released'],
  mute: ['Mute', 'the AI is not heard'],
  stop: ['Stop', 'the AI is cut off'],
  take_over: ['Take over', 'a person speaks in its place'],
  level: ['Lower the level', 'the AI may do less by itself'],
};

/** Microseconds, in the unit that reads best. */
export function microsInWords(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(1)} s`;
}
