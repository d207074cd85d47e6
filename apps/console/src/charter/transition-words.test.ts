import { describe, expect, it } from 'vitest';
import { bySeat, groupAlike, placeIn, stretchesOf, usualSpan } from './transition-words.ts';

const SPAN = { from: '2026-01-01T00:00:00.000Z', until: '2026-01-11T00:00:00.000Z' };
const tenure = (seat: string, person: string | null, from: number, until: number) => ({
  seat,
  person,
  name: person,
  from: `2026-01-${String(from).padStart(2, '0')}T00:00:00.000Z`,
  until: `2026-01-${String(until).padStart(2, '0')}T00:00:00.000Z`,
});
const OVERLAP = { person: 'ann', name: 'Ann', seats: ['a', 'b'], from: '2026-01-03T00:00:00.000Z', until: '2026-01-05T00:00:00.000Z' };

describe('transitions', () => {
  it('puts powers together whose seats are held alike', () => {
    const held = { tenures: [tenure('a', 'ann', 1, 11)], gaps: [], overlaps: [] };
    const other = { tenures: [tenure('b', 'bob', 1, 11)], gaps: [], overlaps: [] };
    const groups = groupAlike([
      { power: 'latch.release', ...held },
      { power: 'key.rotate', ...other },
      { power: 'level.raise', ...held },
    ]);
    expect(groups.map(({ powers }) => powers)).toEqual([['latch.release', 'level.raise'], ['key.rotate']]);
  });

  it('lays out tenures by seat', () => {
    const rows = bySeat([tenure('a', 'ann', 1, 3), tenure('b', 'bob', 1, 11), tenure('a', null, 3, 11)]);
    expect(rows.map(({ seat, tenures }) => [seat, tenures.map(({ person }) => person)])).toEqual([
      ['a', ['ann', null]],
      ['b', ['bob']],
    ]);
  });

  it('places a stretch in its span, cut at both ends', () => {
    expect(placeIn(SPAN, tenure('a', 'ann', 2, 6))).toEqual({ left: 10, width: 40 });
    expect(placeIn(SPAN, { from: '2025-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' })).toEqual({ left: 0, width: 100 });
    expect(placeIn({ from: SPAN.from, until: SPAN.from }, tenure('a', 'ann', 1, 2)).width).toBe(100);
  });

  it('cuts a tenure where its person begins and ceases to have other seats', () => {
    const parts = (one: ReturnType<typeof tenure>) =>
      stretchesOf({ overlaps: [OVERLAP] }, one).map(({ from, until, also }) => [from.slice(8, 10), until.slice(8, 10), also]);
    expect(parts(tenure('a', 'ann', 1, 11))).toEqual([
      ['01', '03', []],
      ['03', '05', ['b']],
      ['05', '11', []],
    ]);
    expect(parts(tenure('a', 'ann', 4, 5))).toEqual([['04', '05', ['b']]]);
    expect(parts(tenure('c', 'ann', 1, 11))).toEqual([['01', '11', []]]);
    expect(parts(tenure('a', 'bob', 1, 11))).toEqual([['01', '11', []]]);
    expect(parts(tenure('a', null, 1, 11))).toEqual([['01', '11', []]]);
  });

  it('shows a month back and half a year ahead', () => {
    expect(usualSpan(Date.UTC(2026, 0, 31, 15))).toEqual({ from: '2026-01-01', until: '2026-07-30' });
  });
});
