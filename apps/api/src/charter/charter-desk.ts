import { seatsOfPerson } from '@wheelhouse/charter/seats-of-person';
import { lackInWords, roleInWords } from '@wheelhouse/charter/training';
import { type Charter, nameOf, type Power, quorumInWords } from '@wheelhouse/charter/charter';
import type { AdoptedCharter } from '@wheelhouse/charter/charter-record';
import { FEWEST_PEOPLE, newCharter } from '@wheelhouse/charter/new-charter';
import { overseerRecord } from '@wheelhouse/charter/oversight';
import { powersHeld, type Tenure } from '@wheelhouse/charter/powers-held';
import { representativeAt, seatAt } from '@wheelhouse/charter/seat-history';
import type { CharterVersion, CharterView, OverseerView, SeatView, TransitionReport } from '@wheelhouse/protocol/charter-view';
import { HOUSE_TENANT, type Principal } from '@wheelhouse/protocol/identity';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { Refusal } from '../problem/refusal.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { z } from 'zod';
import type { PowerView } from '@wheelhouse/protocol/charter-view';

type Parts = { readonly keeper: CharterKeeper; readonly prisma: PrismaClient; readonly nameOf: (person: string) => string };

const DAY_MS = 86_400_000;
const LONGEST_SPAN_MS = 3660 * DAY_MS;

/** What people read of the charter. */
export class CharterDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  view({ person }: Pick<Principal, 'person'>): CharterView {
    const { keeper } = this.#parts;
    const { inForce, seats } = keeper.record;
    const now = keeper.now();
    const charter = inForce?.charter;
    const views = charter === undefined ? [] : [...charter.seats.keys()].flatMap((seat) => this.#seat(charter, seat) ?? []);
    return {
      inForce: inForce === null ? null : versionView(inForce),
      people: [...(charter?.people.values() ?? [])].map(({ id, name }) => ({ id, name })),
      bodies: [...(charter?.bodies.values() ?? [])].map(({ id, title, minimum, ceiling }) => {
        const people = new Set(views.filter(({ body }) => body === id).map(({ represented }) => represented));
        people.delete(null);
        return { id, title, minimum, ceiling, people: people.size };
      }),
      seats: views,
      powers: [...(charter?.powers.values() ?? [])].map(powerView),
      absences: seats.absences
        .filter(({ until }) => until > now)
        .map(({ id, person: who, from, until }) => ({ id, person: who, name: this.#named(who), from: isoOf(from), until: isoOf(until) })),
      delegations: seats.delegations
        .filter(({ end }) => end > now)
        .map(({ id, seat, from, to, start, end }) => ({ id, seat, from, to, start: isoOf(start), end: isoOf(end) })),
      delegationAllowed: charter?.delegation.allowed ?? false,
      handoverNoticeMs: charter?.handover.noticeMs ?? 0,
      ceiling: { level: keeper.record.ceilingAt(now).level, because: [...keeper.record.ceilingAt(now).because] },
      yours: views.filter(({ holder, alternates }) => holder === person || alternates.includes(person)).map(({ id }) => id),
    };
  }

  /** Every charter that was in force, the newest first. */
  versions(): CharterVersion[] {
    return this.#parts.keeper.record.history.map(versionView).reverse();
  }

  inForceText(): string {
    const { inForce } = this.#parts.keeper.record;
    if (inForce === null) throw new Refusal('not_found', 'There is no charter in force yet.');
    return inForce.text;
  }

  /** A charter for the people of the house, to start from. */
  async draft(): Promise<string> {
    const rows = await this.#parts.prisma.user.findMany({ where: { tenant: HOUSE_TENANT }, orderBy: { createdAt: 'asc' }, take: 40 });
    if (rows.length < FEWEST_PEOPLE)
      throw new Refusal(
        'conflict',
        `A charter takes at least ${FEWEST_PEOPLE} people, so that it needs nobody in particular, and ${rows.length} ${rows.length === 1 ? 'is' : 'are'} here. Invite the others first.`,
      );
    const from = Math.floor(this.#parts.keeper.now() / DAY_MS) * DAY_MS;
    return newCharter({ people: rows.map(({ id, name }) => ({ id, name })), from });
  }

  /** Who represented each power's seats over a span. Only of the charter in force: its seats began with its adoption. */
  transitions(from: number, until: number): TransitionReport {
    const { keeper } = this.#parts;
    const { inForce, seats } = keeper.record;
    if (inForce === null) throw new Refusal('not_found', 'There is no charter in force yet.');
    if (until <= from || until - from > LONGEST_SPAN_MS)
      throw new Refusal('malformed', 'The span has to end after it begins, within ten years.');
    const facts = { seatEvents: seats.events, absences: seats.absences };
    const begins = Math.max(from, inForce.adoptedAt);
    const powers = begins >= until ? [] : powersHeld(inForce.charter, facts, { from: begins, until });
    const tenure = (one: Tenure) => ({
      seat: one.seat,
      person: one.person,
      name: one.person === null ? null : this.#named(one.person),
      from: isoOf(one.from),
      until: isoOf(one.until),
    });
    return {
      from: isoOf(begins),
      until: isoOf(until),
      powers: powers.map(({ power, tenures, gaps, overlaps }) => ({
        power,
        tenures: tenures.map(tenure),
        gaps: gaps.map(tenure),
        overlaps: overlaps.map((overlap) => ({
          ...{ person: overlap.person, name: this.#named(overlap.person), seats: [...overlap.seats] },
          ...{ from: isoOf(overlap.from), until: isoOf(overlap.until) },
        })),
      })),
    };
  }

  overseer(person: string): OverseerView {
    const { record } = this.#parts.keeper;
    const own = overseerRecord(person, record.proposals.all());
    return { person, name: this.#named(person), ...own, signs: [...own.signs], ...this.#training(person) };
  }

  #training(person: string): Pick<OverseerView, 'trainings' | 'lacks'> {
    const { record } = this.#parts.keeper;
    const { trainings, events: seatEvents, delegations } = record.seats;
    const charter = record.inForce?.charter ?? null;
    const own = (trainings.get(person) ?? []).map((training) => ({
      ...{ power: training.power, body: training.body },
      ...{ role: roleInWords(charter, training), until: isoOf(training.until) },
    }));
    if (charter === null) return { trainings: own, lacks: [] };
    const at = this.#parts.keeper.now();
    const seats = seatsOfPerson(charter, { seatEvents, delegations }, person);
    const lacks = [...charter.powers.values()].flatMap((power) =>
      seats
        .filter((seat) => power.seats.includes(seat))
        .flatMap((seat) => lackInWords(charter, power, trainings, { person, seat, at }) ?? []),
    );
    return { trainings: own, lacks: [...new Set(lacks)] };
  }

  /** Everybody whom the charter knows, or who has voted. */
  overseers(): OverseerView[] {
    const { record } = this.#parts.keeper;
    const people = new Set(record.inForce?.charter.people.keys() ?? []);
    for (const { life } of record.proposals.all()) for (const { person } of life.votes) people.add(person);
    return [...people].map((person) => this.overseer(person));
  }

  #seat(charter: Charter, id: string): SeatView | null {
    const { keeper } = this.#parts;
    const { events: seatEvents, absences } = keeper.record.seats;
    const now = keeper.now();
    const state = seatAt(charter, seatEvents, id, now);
    if (state === null) return null;
    const { body, holder, alternates, term, handover } = state;
    return {
      ...{ id, body, holder, alternates: [...alternates] },
      term: term === null ? null : { from: isoOf(term.from), until: isoOf(term.until) },
      represented: representativeAt(charter, { seatEvents, absences }, id, now),
      handover: handover === null ? null : { ...handover, effectiveAt: isoOf(handover.effectiveAt) },
    };
  }

  #named(person: string): string {
    const { inForce } = this.#parts.keeper.record;
    const charted = inForce === null ? person : nameOf(inForce.charter, person);
    return charted === person ? this.#parts.nameOf(person) : charted;
  }
}

function versionView({ name, version, text, adoptedAt, proposal, entry }: AdoptedCharter): CharterVersion {
  return { name, version, text, adoptedAt: isoOf(adoptedAt), proposal, entry };
}

function powerView(power: Power): z.infer<typeof PowerView> {
  const { id, votes, bodies, from, excludesAuthor, excludesLine, vetoSeats, noticeMs, voteWithinMs, executeWithinMs, breakGlass } = power;
  return {
    ...{ power: id, quorum: quorumInWords(power), votes, bodies, from: [...from], vetoSeats: [...vetoSeats] },
    excludes: ['the proposer', ...(excludesAuthor ? ['authors'] : []), ...(excludesLine ? ["the proposer's reporting line"] : [])],
    ...{ noticeMs, voteWithinMs, executeWithinMs },
    breakGlass: breakGlass === null ? null : { ...breakGlass, seats: [...breakGlass.seats] },
  };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
