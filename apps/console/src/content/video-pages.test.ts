import type { StoredPicture } from '@wheelhouse/protocol/content';
import { describe, expect, it } from 'vitest';
import { clockOf, type Page, pageAt, sightAt, sightInWords, wantedFrom, withPage } from './video-pages.ts';

const picture = (atMs: number, fate: StoredPicture['fate'] = 'seen'): StoredPicture => ({
  tick: atMs / 200,
  atMs,
  arrivedMs: atMs,
  fate,
  jpeg: fate === 'seen' ? `jpeg of ${atMs}` : null,
});
const page = (fromMs: number, toMs: number, pictures: StoredPicture[], isLast = false): Page => ({
  fromMs,
  toMs,
  pictures,
  nextMs: isLast ? null : toMs,
});

const PAGES = [page(0, 40_000, [picture(200), picture(39_000)]), page(40_000, 61_000, [picture(45_000, 'refused'), picture(50_000)], true)];

describe('the pages of a video', () => {
  it('are fetched where one looks, and a little before one gets there', () => {
    expect(wantedFrom([], 30_000, 61_000)).toBe(30_000);
    expect(wantedFrom(PAGES.slice(0, 1), 30_000, 61_000)).toBeNull();
    expect(wantedFrom(PAGES.slice(0, 1), 36_000, 61_000)).toBe(40_000);
    expect(wantedFrom(PAGES, 36_000, 61_000)).toBeNull();
    expect(wantedFrom(PAGES, 60_800, 61_000)).toBeNull();
    expect(wantedFrom(PAGES, 61_000, 61_000)).toBeNull();
  });

  it('are fetched on at the end of a session that goes on, and not over and over while nothing has come', () => {
    const live = [page(0, 10_000, [picture(200)], true)];
    expect(wantedFrom(live, 9_000, 10_000)).toBeNull();
    expect(wantedFrom(live, 9_000, 15_000)).toBe(10_000);
    const more = [...live, page(10_000, 10_000, [], true)];
    expect(wantedFrom(more, 9_000, 15_000)).toBeNull();
    expect(wantedFrom(more, 12_000, 15_000)).toBeNull();
    expect(sightAt(more, 12_000).seen?.atMs).toBe(200);
  });

  it('are kept a few at a time', () => {
    const some = Array.from({ length: 9 }, (_, i) => page(i, i + 1, []));
    const kept = some.reduce<readonly Page[]>(withPage, []);
    expect(kept.map(({ fromMs }) => fromMs)).toEqual([5, 6, 7, 8]);
    expect(pageAt(kept, 4)).toBeNull();
    expect(pageAt(kept, 6)?.fromMs).toBe(6);
  });
});

describe('what there is to see at a moment', () => {
  it('is the last picture that the engine saw by then, never one that came later', () => {
    expect(sightAt(PAGES, 199)).toEqual({ seen: null, other: null });
    expect(sightAt(PAGES, 200).seen?.atMs).toBe(200);
    expect(sightAt(PAGES, 38_999).seen?.atMs).toBe(200);
    expect(sightAt(PAGES, 44_000).seen?.atMs).toBe(39_000);
    expect(sightAt(PAGES.slice(1), 44_000).seen).toBeNull();
  });

  it('says when a picture was refused, until the next one', () => {
    expect(sightAt(PAGES, 45_000)).toMatchObject({ seen: { atMs: 39_000 }, other: { fate: 'refused' } });
    expect(sightAt(PAGES, 50_000)).toMatchObject({ seen: { atMs: 50_000 }, other: null });
    expect(sightInWords(sightAt(PAGES, 45_000), 45_000)).toBe(
      "The engine's picture of 0:39.0, the last one; at 0:45.0 policy refused one, which is not kept.",
    );
    expect(sightInWords(sightAt(PAGES, 50_200), 50_200)).toBe("The engine's picture of 0:50.0.");
    expect(sightInWords(sightAt(PAGES, 0), 0)).toBe('No picture up to here.');
    expect(clockOf(62_400)).toBe('1:02.4');
  });
});
