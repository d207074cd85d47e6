import type { CharterView, SeatView } from '@wheelhouse/protocol/charter-view';
import { describe, expect, it } from 'vitest';
import { absenceOf, bodyTitle, nameIn, representedBecause, standingInWords, standingOf, termState } from './seat-words.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const TERM = { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };

const seat = (over: Partial<SeatView>): SeatView => ({
  id: 'safety-1',
  body: 'safety',
  holder: 'ann',
  alternates: ['bob', 'cem'],
  term: TERM,
  represented: 'ann',
  handover: null,
  ...over,
});

const away = (person: string) => ({
  id: '6b1c3f0e-34a7-4a43-9f36-0e7f7a3c5d10',
  person,
  name: person,
  from: '2026-05-31T00:00:00Z',
  until: '2026-06-02T00:00:00Z',
});

const view = (absences: CharterView['absences'] = []): CharterView => ({
  inForce: null,
  people: ['ann', 'bob', 'cem'].map((id) => ({ id, name: `${id.charAt(0).toUpperCase()}${id.slice(1)}` })),
  bodies: [{ id: 'safety', title: 'Safety', minimum: 2, ceiling: 2, people: 2 }],
  seats: [],
  powers: [],
  absences,
  delegations: [],
  delegationAllowed: false,
  handoverNoticeMs: 0,
  ceiling: { level: 5, because: [] },
  yours: [],
});

describe('why somebody represents a seat', () => {
  it.each([
    ['the holder', seat({}), [], 'holds it'],
    ['an absence', seat({ represented: 'bob' }), [away('ann')], 'alternate: Ann declared an absence'],
    ['two absences', seat({ represented: 'cem' }), [away('ann'), away('bob')], 'alternate: Ann declared an absence; Bob is away too'],
    ['no holder', seat({ holder: null, represented: 'bob' }), [], 'alternate: nobody holds it'],
    ['a term that is over', seat({ term: { ...TERM, until: TERM.from }, represented: 'bob' }), [], 'alternate: the term of Ann has ended'],
    ['a term to come', seat({ term: { ...TERM, from: TERM.until }, represented: 'bob' }), [], 'alternate: the term of Ann has not begun'],
    ['nobody at all', seat({ holder: null, alternates: [], represented: null }), [], 'nobody holds it, and no alternate is there'],
  ])('%s', (_name, one, absences, words) => {
    expect(representedBecause(view(absences), one, NOW)).toBe(words);
  });
});

describe('small words', () => {
  it('knows where in its term a seat is', () => {
    const at = (text: string) => termState({ term: TERM }, Date.parse(text));
    expect([at('2025-12-31T23:59:59Z'), at(TERM.from), at('2026-12-31T23:59:59Z'), at(TERM.until)]).toEqual([
      'before',
      'within',
      'within',
      'over',
    ]);
    expect(termState({ term: null }, NOW)).toBe('open');
  });

  it('counts an absence until just before its end', () => {
    const absences = [away('ann')];
    expect(absenceOf(absences, 'ann', NOW)?.person).toBe('ann');
    expect(absenceOf(absences, 'bob', NOW)).toBeNull();
    expect(absenceOf(absences, 'ann', Date.parse('2026-06-02T00:00:00Z'))).toBeNull();
  });

  it('says what somebody is to a seat', () => {
    expect(standingInWords(standingOf(seat({}), 'ann'))).toBe('its holder');
    expect(standingInWords(standingOf(seat({}), 'cem'))).toBe('its second alternate');
    expect(standingOf(seat({}), 'dan')).toBeNull();
  });

  it('falls back on ids', () => {
    expect(nameIn(view(), 'ann')).toBe('Ann');
    expect(nameIn(view(), 'zoe')).toBe('zoe');
    expect(bodyTitle(view(), 'safety')).toBe('Safety');
    expect(bodyTitle(view(), 'other')).toBe('other');
  });
});
