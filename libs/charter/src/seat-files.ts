import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import { type CharterEntry, personBehind, timeOf, msOf } from './charter-kinds.ts';
import type { Delegation } from './proposal.ts';
import type { Absence, SeatEvent } from './seat-history.ts';
import { type Training, type Trainings, withTraining } from './training.ts';

export type DeclaredAbsence = Absence & { readonly id: string };
export type GivenDelegation = Delegation & { readonly id: string };

/** What happened to the charter's seats since it was adopted, and who is away, delegates and is trained; folded from the ledger. */
export class SeatFiles {
  #events: SeatEvent[] = [];
  readonly #absences = new Map<string, DeclaredAbsence>();
  readonly #delegations = new Map<string, GivenDelegation>();
  readonly #trainings = new Map<string, readonly Training[]>();

  get events(): readonly SeatEvent[] {
    return this.#events;
  }

  get absences(): readonly DeclaredAbsence[] {
    return [...this.#absences.values()];
  }

  get delegations(): readonly GivenDelegation[] {
    return [...this.#delegations.values()];
  }

  get trainings(): Trainings {
    return this.#trainings;
  }

  #train({ person, until, power, body }: EntryOf<'training.recorded'>['data']): void {
    this.#trainings.set(
      person,
      withTraining(this.#trainings.get(person) ?? [], { power: power ?? null, body: body ?? null, until: msOf(until) }),
    );
  }

  take(entry: CharterEntry): void {
    const event = seatEventOf(entry);
    if (event !== null) this.#events.push(event);
    switch (entry.kind) {
      // A charter names holders anew: what happened to seats before is history.
      case 'charter.adopted':
        this.#events = [];
        return;
      case 'absence.declared': {
        const { absence, person, fromTime, until } = entry.data;
        this.#absences.set(absence, { id: absence, person, from: msOf(fromTime), until: msOf(until) });
        return;
      }
      case 'absence.ended': {
        const found = this.#absences.get(entry.data.absence);
        if (found !== undefined) this.#absences.set(found.id, { ...found, until: Math.min(found.until, timeOf(entry)) });
        return;
      }
      case 'delegation.given': {
        const { delegation, seat, to, fromTime, until } = entry.data;
        const span = { start: msOf(fromTime), end: msOf(until) };
        this.#delegations.set(delegation, { id: delegation, seat, from: personBehind(entry), to, ...span });
        return;
      }
      case 'delegation.ended': {
        const found = this.#delegations.get(entry.data.delegation);
        if (found !== undefined) this.#delegations.set(found.id, { ...found, end: Math.min(found.end, timeOf(entry)) });
        return;
      }
      case 'training.recorded':
        this.#train(entry.data);
        return;
      default:
    }
  }
}

function seatEventOf(entry: CharterEntry): SeatEvent | null {
  const at = timeOf(entry);
  switch (entry.kind) {
    case 'seat.appointed': {
      const { seat, holder = null, alternates, term } = entry.data;
      const span = term === undefined ? null : { from: msOf(term.from), until: msOf(term.until) };
      return { type: 'appointed', seat, holder, alternates, term: span, at };
    }
    case 'seat.recalled':
      return { type: 'recalled', seat: entry.data.seat, at };
    case 'seat.left':
      return { type: 'stepped_down', seat: entry.data.seat, person: entry.data.person, at };
    case 'handover.announced': {
      const { seat, to, effectiveAt } = entry.data;
      return { type: 'handover_announced', seat, from: personBehind(entry), to, effectiveAt: msOf(effectiveAt), at };
    }
    case 'handover.accepted':
      return { type: 'handover_accepted', seat: entry.data.seat, to: entry.data.to, at };
    case 'handover.cancelled':
      return { type: 'handover_cancelled', seat: entry.data.seat, at };
    default:
      return null;
  }
}
