import type { Charter, Seat, Term } from './charter.ts';

/**
 * What happens to seats between two versions of a charter. The ledger holds these. `appointed` and `recalled` come from executed proposals
 * (`seat.change`, `seat.recall`); the others from `decideSeat`.
 */
export type SeatEvent =
  | {
      readonly type: 'appointed';
      readonly seat: string;
      readonly holder: string | null;
      readonly alternates: readonly string[];
      readonly term: Term | null;
      readonly at: number;
    }
  | {
      readonly type: 'handover_announced';
      readonly seat: string;
      readonly from: string;
      readonly to: string;
      readonly effectiveAt: number;
      readonly at: number;
    }
  | { readonly type: 'handover_accepted'; readonly seat: string; readonly to: string; readonly at: number }
  | { readonly type: 'handover_cancelled'; readonly seat: string; readonly at: number }
  | { readonly type: 'stepped_down'; readonly seat: string; readonly person: string; readonly at: number }
  | { readonly type: 'recalled'; readonly seat: string; readonly at: number };

/** A handover under way: announced, and accepted or not yet. */
export type Handover = { readonly to: string; readonly effectiveAt: number; readonly accepted: boolean };

/** The former holder after a handover: until just before `until` they stand in for the new one, before all alternates. */
export type Outgoing = { readonly person: string; readonly until: number };

export type SeatState = Seat & { readonly handover: Handover | null; readonly outgoing: Outgoing | null };

/** How a seat stands at a moment, after everything that happened up to it; null for a seat that the charter does not know. */
export function seatAt(charter: Charter, events: readonly SeatEvent[], seat: string, at: number): SeatState | null {
  const first = charter.seats.get(seat);
  if (first === undefined) return null;
  const { overlapMs } = charter.handover;
  let state: SeatState = { ...first, handover: null, outgoing: null };
  for (const event of events) {
    if (event.seat !== seat || event.at > at) continue;
    state = afterEvent(settled(state, event.at, overlapMs), event);
  }
  return settled(state, at, overlapMs);
}

/** A handover takes effect by itself when its time has come, and lapses when nobody accepted it by then. So does the end of its overlap. */
function settled(state: SeatState, at: number, overlapMs: number): SeatState {
  const { handover } = state;
  if (handover === null || handover.effectiveAt > at) return withoutFormer(state, at);
  if (!handover.accepted) return withoutFormer({ ...state, handover: null }, at);
  const alternates = state.alternates.filter((person) => person !== handover.to);
  const outgoing = state.holder === null ? null : { person: state.holder, until: handover.effectiveAt + overlapMs };
  return withoutFormer({ ...state, holder: handover.to, alternates, handover: null, outgoing }, at);
}

function withoutFormer(state: SeatState, at: number): SeatState {
  return state.outgoing !== null && state.outgoing.until <= at ? { ...state, outgoing: null } : state;
}

function afterEvent(state: SeatState, event: SeatEvent): SeatState {
  switch (event.type) {
    case 'appointed':
      return { ...state, holder: event.holder, alternates: event.alternates, term: event.term, handover: null, outgoing: null };
    case 'handover_announced':
      return { ...state, handover: { to: event.to, effectiveAt: event.effectiveAt, accepted: false } };
    case 'handover_accepted':
      return state.handover?.to === event.to ? { ...state, handover: { ...state.handover, accepted: true } } : state;
    case 'handover_cancelled':
      return { ...state, handover: null };
    case 'stepped_down': {
      const alternates = state.alternates.filter((person) => person !== event.person);
      const outgoing = state.outgoing?.person === event.person ? null : state.outgoing;
      if (state.holder !== event.person) return { ...state, alternates, outgoing };
      return { ...state, alternates, outgoing, holder: null, handover: null };
    }
    case 'recalled':
      return { ...state, holder: null, handover: null, outgoing: null };
  }
}

/**
 * Who a seat belongs to at a moment: its holder while in term, and in any case its alternates in their order; while a handover overlaps, the former holder
 * is the first of them.
 */
export type Incumbents = { readonly holder: string | null; readonly alternates: readonly string[] };

export function incumbentsAt(state: SeatState, at: number): Incumbents {
  const inTerm = state.term === null || (state.term.from <= at && at < state.term.until);
  const { outgoing } = state;
  const former = inTerm && outgoing !== null && at < outgoing.until ? [outgoing.person] : [];
  return { holder: inTerm ? state.holder : null, alternates: [...former, ...state.alternates] };
}

/** An absence that a person declared, from `from` until just before `until`. */
export type Absence = { readonly person: string; readonly from: number; readonly until: number };

export function isAbsent(absences: readonly Absence[], person: string, at: number): boolean {
  return absences.some((absence) => absence.person === person && absence.from <= at && at < absence.until);
}

/** The one person who represents a seat at a moment: its holder, else the first alternate who is there; null when there is nobody. */
export function representativeAt(
  charter: Charter,
  facts: { readonly seatEvents: readonly SeatEvent[]; readonly absences: readonly Absence[] },
  seat: string,
  at: number,
): string | null {
  const state = seatAt(charter, facts.seatEvents, seat, at);
  if (state === null) return null;
  const { holder, alternates } = incumbentsAt(state, at);
  const away = (person: string) => isAbsent(facts.absences, person, at);
  if (holder !== null && !(charter.alternates.onAbsence && away(holder))) return holder;
  return alternates.find((person) => !away(person)) ?? null;
}
