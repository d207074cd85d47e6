import type { StoredPicture, StoredVideo } from '@wheelhouse/protocol/content';

/** Pages kept at once: a page may have 16 MB of pictures in base64. */
const KEPT = 4;
/** The next page is fetched this long before it is needed. */
const AHEAD_MS = 5_000;

export type Page = Pick<StoredVideo, 'fromMs' | 'toMs' | 'nextMs' | 'pictures'>;

/** The page that a moment lies in. The last one goes on for as long as no other follows: of a live session, more is to come. */
export function pageAt(pages: readonly Page[], atMs: number): Page | null {
  const there = pages.filter(({ fromMs, toMs, nextMs }) => fromMs <= atMs && (nextMs === null || atMs < toMs));
  return there.reduce<Page | null>((latest, page) => (latest !== null && latest.fromMs > page.fromMs ? latest : page), null);
}

/** The pages with another, the one that was fetched longest ago given up for it. */
export function withPage(pages: readonly Page[], page: Page): readonly Page[] {
  return [...pages.filter(({ fromMs }) => fromMs !== page.fromMs), page].slice(-KEPT);
}

/** From where on the next page is to be fetched; null while there is nothing to fetch. Past the end of what is stored there is not. */
export function wantedFrom(pages: readonly Page[], atMs: number, lengthMs: number): number | null {
  if (atMs >= lengthMs) return null;
  const page = pageAt(pages, atMs);
  if (page === null) return atMs;
  const { fromMs, toMs } = page;
  // A page of nothing is the end for now: it is not asked for over and over.
  const from = page.nextMs ?? (toMs > fromMs && toMs < lengthMs ? toMs : null);
  return from === null || toMs - atMs > AHEAD_MS || pages.some((known) => known.fromMs === from) ? null : from;
}

/** What there is to see at a moment: the last picture that the engine saw up to then, and what became of the last one that came, if it is another. */
export type Sight = { readonly seen: StoredPicture | null; readonly other: StoredPicture | null };

export function sightAt(pages: readonly Page[], atMs: number): Sight {
  const page = pageAt(pages, atMs);
  if (page === null) return { seen: null, other: null };
  // The page before may have the picture that is still the last.
  const before = pages.find((one) => one !== page && one.toMs === page.fromMs)?.pictures ?? [];
  const so = [...before, ...page.pictures].filter((picture) => picture.atMs <= atMs);
  const last = so.at(-1) ?? null;
  return { seen: so.findLast(({ jpeg }) => jpeg !== null) ?? null, other: last?.jpeg === null ? last : null };
}

/** A picture that is older than this is shown as such: nothing has come since. */
const FRESH_MS = 2_000;

export function isStale(picture: StoredPicture, atMs: number): boolean {
  return atMs - picture.atMs > FRESH_MS;
}

/** A moment on a session's clock, to the tick: 1:02.4. */
export function clockOf(ms: number): string {
  const tenths = Math.floor(ms / 100);
  return `${Math.floor(tenths / 600)}:${String(Math.floor((tenths % 600) / 10)).padStart(2, '0')}.${tenths % 10}`;
}

/** What is to be seen, in words. */
export function sightInWords({ seen, other }: Sight, atMs: number): string {
  const what =
    seen === null ? 'No picture up to here' : `The engine's picture of ${clockOf(seen.atMs)}${isStale(seen, atMs) ? ', the last one' : ''}`;
  if (other === null) return `${what}.`;
  const why =
    other.fate === 'refused' ? 'policy refused one, which is not kept' : 'one came that the engine was not given, and is not kept';
  return `${what}; at ${clockOf(other.atMs)} ${why}.`;
}
