import { z } from 'zod';

const text = z.string().trim().min(1).max(200).optional().catch(undefined);
const moment = z.iso.datetime().optional().catch(undefined);

/** A search, as it stands in the address: one that cannot be read is dropped rather than refused. */
export const LedgerSearch = z.object({
  from: moment,
  to: moment,
  /** Not looked up here: this file is loaded with the first page, the kinds are not. The server says when there is no such kind. */
  kind: text,
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
export function givenParts({ from, to, kind, person, session, deployment }: SearchFilter): Record<string, string> {
  const parts = Object.entries({ from, to, kind, person, session, deployment });
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

/** Whether tick evidence is left out: not where somebody asks for it, or for nothing else. */
export function hidesTicks({ ticks, kind }: LedgerSearch): boolean {
  return ticks !== true && kind !== 'session.segment';
}
