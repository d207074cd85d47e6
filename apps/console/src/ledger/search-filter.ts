import { z } from 'zod';

const text = z.string().trim().min(1).max(200).optional().catch(undefined);
const moment = z.iso.datetime().optional().catch(undefined);

/** A search, as it stands in the address: one that cannot be read is dropped rather than refused. */
export const LedgerSearch = z.object({
  from: moment,
  to: moment,
  /** Not looked up here: this file is loaded with the first page, the kinds are not. The server says when there is no such kind. */
  kind: text,
  /** Kinds that are left out, with commas between them. */
  without: z.string().trim().min(1).max(2000).optional().catch(undefined),
  person: text,
  session: z.uuid().optional().catch(undefined),
  deployment: text,
  /** Whether the tick evidence, an entry a second of every session, is listed too. */
  ticks: z.boolean().optional().catch(undefined),
});
export type LedgerSearch = z.infer<typeof LedgerSearch>;

/** The part of a search that the server understands. */
export type SearchFilter = Omit<LedgerSearch, 'ticks'>;

/** The filter without what is not set: what may be sent, and what a cache key is made of. */
export function givenParts({ from, to, kind, without, person, session, deployment }: SearchFilter): Record<string, string> {
  const parts = Object.entries({ from, to, kind, without, person, session, deployment });
  return Object.fromEntries(parts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export function searchPath(filter: SearchFilter, page: { readonly limit: number; readonly cursor: string | null }): string {
  const query = new URLSearchParams({ ...givenParts(filter), limit: String(page.limit) });
  if (page.cursor !== null) query.set('cursor', page.cursor);
  return `/v1/ledger/search?${query.toString()}`;
}

/** What a `datetime-local` field shows for a moment: the reader's own time zone, without saying so. */
export function localTime(iso: string | undefined): string {
  if (iso === undefined) return '';
  const moment = new Date(iso);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The moment that a `datetime-local` field names; undefined where it is empty or half typed. */
export function momentOf(local: string): string | undefined {
  const moment = new Date(local);
  return local === '' || Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}

/** The entries that nearly all of a log is made of: one a second of every session. */
export const TICKS = 'session.segment';

export function leavesOut({ without }: SearchFilter, kind: string): boolean {
  return listed(without).includes(kind);
}

/** The list of kinds with one more, or one fewer; undefined where none is left. */
export function withKind(without: string | undefined, kind: string, isLeftOut: boolean): string | undefined {
  const others = listed(without).filter((each) => each !== kind);
  const all = isLeftOut ? [...others, kind] : others;
  return all.length === 0 ? undefined : all.join(',');
}

/** Whether tick evidence is left out: not where somebody asks for it, or for nothing else. */
export function hidesTicks(search: LedgerSearch): boolean {
  return leavesOut(search, TICKS) || (search.ticks !== true && search.kind !== TICKS);
}

/** What the server is asked for: the filter, and where tick evidence is not shown, not that. */
export function askedFor({ ticks, ...filter }: LedgerSearch): SearchFilter {
  if (filter.kind !== undefined || !hidesTicks({ ...filter, ticks })) return filter;
  return { ...filter, without: withKind(filter.without, TICKS, true) };
}

function listed(without: string | undefined): readonly string[] {
  return without === undefined || without === '' ? [] : without.split(',');
}
