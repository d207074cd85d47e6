import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Charter } from './charter.ts';
import { type Absence, representativeAt, type SeatEvent } from './seat-history.ts';

/** One person representing one seat from `from` until just before `until`; `person` null is a gap: nobody represents it. */
export type Tenure = { readonly seat: string; readonly person: string | null; readonly from: number; readonly until: number };

/** One person representing several of a power's seats at once. They count once, so the power has that many voters fewer. */
export type Overlap = { readonly person: string; readonly seats: readonly string[]; readonly from: number; readonly until: number };

export type PowerHeld = {
  readonly power: PowerId;
  readonly tenures: readonly Tenure[];
  readonly gaps: readonly Tenure[];
  readonly overlaps: readonly Overlap[];
};

export type SeatFacts = { readonly seatEvents: readonly SeatEvent[]; readonly absences: readonly Absence[] };
export type Span = { readonly from: number; readonly until: number };

/** Who represented the seats of each power over a span of time, with the gaps and overlaps. The transition report is made of this. */
export function powersHeld(charter: Charter, facts: SeatFacts, span: Span): readonly PowerHeld[] {
  const edges = momentsOfChange(charter, facts, span);
  const tenures = new Map([...charter.seats.keys()].map((seat) => [seat, tenuresOf(charter, facts, seat, edges)]));
  return [...charter.powers.values()].map((power) => {
    const held = power.seats.flatMap((seat) => tenures.get(seat) ?? []);
    return { power: power.id, tenures: held, gaps: held.filter(({ person }) => person === null), overlaps: overlapsOf(held, edges) };
  });
}

/** Every moment in the span at which somebody may begin or cease to represent a seat, with both ends of the span. */
function momentsOfChange(charter: Charter, facts: SeatFacts, { from, until }: Span): readonly number[] {
  const moments = [from, until];
  for (const { term } of charter.seats.values()) if (term !== null) moments.push(term.from, term.until);
  for (const absence of facts.absences) moments.push(absence.from, absence.until);
  for (const event of facts.seatEvents) {
    moments.push(event.at);
    if (event.type === 'handover_announced') moments.push(event.effectiveAt, event.effectiveAt + charter.handover.overlapMs);
    if (event.type === 'appointed' && event.term !== null) moments.push(event.term.from, event.term.until);
  }
  return [...new Set(moments)].filter((at) => from <= at && at <= until).sort((a, b) => a - b);
}

function tenuresOf(charter: Charter, facts: SeatFacts, seat: string, edges: readonly number[]): readonly Tenure[] {
  const tenures: Tenure[] = [];
  for (const [i, from] of edges.entries()) {
    const until = edges[i + 1];
    if (until === undefined) break;
    const person = representativeAt(charter, facts, seat, from);
    const last = tenures.at(-1);
    if (last?.person === person) tenures[tenures.length - 1] = { ...last, until };
    else tenures.push({ seat, person, from, until });
  }
  return tenures;
}

function overlapsOf(held: readonly Tenure[], edges: readonly number[]): readonly Overlap[] {
  const overlaps: Overlap[] = [];
  for (const person of new Set(held.map((tenure) => tenure.person))) {
    if (person === null) continue;
    const own = held.filter((tenure) => tenure.person === person);
    for (const [i, from] of edges.entries()) {
      const until = edges[i + 1];
      const seats = own.filter((tenure) => tenure.from <= from && from < tenure.until).map(({ seat }) => seat);
      if (until === undefined || seats.length < 2) continue;
      const last = overlaps.at(-1);
      const goesOn = last?.person === person && last.until === from && last.seats.join() === seats.join();
      if (goesOn) overlaps[overlaps.length - 1] = { ...last, until };
      else overlaps.push({ person, seats, from, until });
    }
  }
  return overlaps;
}
