import type { PowerId } from '@wheelhouse/protocol/charter';
import type { TransitionReport } from '@wheelhouse/protocol/charter-view';

type Held = TransitionReport['powers'][number];

/** Powers whose seats are represented by the same people at the same times: most are, as their quorums come from the same bodies. */
export type HeldAlike = { readonly powers: readonly PowerId[] } & Omit<Held, 'power'>;

export function groupAlike(powers: readonly Held[]): readonly HeldAlike[] {
  const groups = new Map<string, HeldAlike>();
  for (const { power, ...held } of powers) {
    const key = JSON.stringify(held);
    const group = groups.get(key);
    groups.set(key, { ...held, powers: [...(group?.powers ?? []), power] });
  }
  return [...groups.values()];
}

/** The tenures of each seat in their order, seats in the order in which they first come. */
export function bySeat(tenures: Held['tenures']): readonly { readonly seat: string; readonly tenures: Held['tenures'] }[] {
  const seats = new Map<string, Held['tenures']>();
  for (const tenure of tenures) seats.set(tenure.seat, [...(seats.get(tenure.seat) ?? []), tenure]);
  return [...seats].map(([seat, own]) => ({ seat, tenures: own }));
}

/** Where in a span a stretch of time lies, in percent of its width. */
export function placeIn(span: { readonly from: string; readonly until: string }, part: { readonly from: string; readonly until: string }) {
  const [start, end] = [Date.parse(span.from), Date.parse(span.until)];
  const percent = (iso: string) => Math.min(100, Math.max(0, ((Date.parse(iso) - start) / Math.max(1, end - start)) * 100));
  const left = percent(part.from);
  return { left, width: percent(part.until) - left };
}

/** A part of a tenure. `also`: the other seats that the person represents all the while; they count once all the same. */
export type Stretch = Held['tenures'][number] & { readonly also: readonly string[] };

/** A tenure cut where overlaps with other seats begin and end. */
export function stretchesOf({ overlaps }: Pick<Held, 'overlaps'>, tenure: Held['tenures'][number]): readonly Stretch[] {
  const [start, end] = [Date.parse(tenure.from), Date.parse(tenure.until)];
  const own = overlaps.filter(({ person, seats }) => person === tenure.person && seats.includes(tenure.seat));
  const cuts = own.flatMap(({ from, until }) => [Date.parse(from), Date.parse(until)]).filter((at) => start < at && at < end);
  const edges = [...new Set([start, ...cuts, end])].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, i) => {
    const within = own.filter((overlap) => Date.parse(overlap.from) <= from && from < Date.parse(overlap.until));
    const also = [...new Set(within.flatMap(({ seats }) => seats))].filter((seat) => seat !== tenure.seat);
    return { ...tenure, from: new Date(from).toISOString(), until: new Date(edges[i + 1] ?? end).toISOString(), also };
  });
}

const DAY_MS = 86_400_000;
const [BACK_DAYS, AHEAD_DAYS] = [30, 180];

/** The span that is shown unless another is asked for: what just happened, and as far ahead as handovers are planned. */
export function usualSpan(now: number): { readonly from: string; readonly until: string } {
  return { from: dayOf(now - BACK_DAYS * DAY_MS), until: dayOf(now + AHEAD_DAYS * DAY_MS) };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
