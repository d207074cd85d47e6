import type { PowerView, SeatView } from '@wheelhouse/protocol/charter-view';
import { describe, expect, it } from 'vitest';
import {
  ceilingSentence,
  emergencySentence,
  limitsSentence,
  listed,
  microsInWords,
  momentInWords,
  quorumSentence,
  seatNote,
  termInWords,
  timesSentence,
} from './public-words.ts';

const HOUR = 3_600_000;

const seat = (change: Partial<SeatView> = {}): SeatView => ({
  id: 'safety-1',
  body: 'safety',
  holder: 'ann',
  alternates: ['bob'],
  term: { from: '2026-01-01T00:00:00.000Z', until: '2028-01-01T00:00:00.000Z' },
  represented: 'ann',
  handover: null,
  ...change,
});

const power = (change: Partial<PowerView> = {}): PowerView => ({
  power: 'latch.release',
  quorum: '',
  votes: 2,
  bodies: 1,
  from: ['operations', 'safety'],
  excludes: ['the proposer'],
  vetoSeats: [],
  noticeMs: 0,
  voteWithinMs: 12 * HOUR,
  executeWithinMs: HOUR,
  breakGlass: null,
  ...change,
});

const HOUSE = {
  bodies: [
    { id: 'operations', title: 'Operations' },
    { id: 'safety', title: 'Safety' },
  ],
  seats: [seat(), seat({ id: 'safety-2' }), seat({ id: 'operations-1', body: 'operations' }), seat({ id: 'audit-1', body: 'audit' })],
};

describe('a power in words', () => {
  it('says how many votes of whom it takes', () => {
    expect(quorumSentence(power(), HOUSE)).toBe('One person proposes, and 2 of the 3 seats of Operations and Safety vote yes:');
    expect(quorumSentence(power({ bodies: 2 }), HOUSE)).toContain('vote yes, from both bodies:');
    expect(quorumSentence(power({ bodies: 2, from: ['operations', 'safety', 'audit'] }), HOUSE)).toContain(
      '2 of the 4 seats of Operations, Safety and audit vote yes, from at least 2 bodies:',
    );
    expect(quorumSentence(power({ votes: 1, from: ['operations'] }), HOUSE)).toContain('1 of the 1 seat of Operations vote');
  });

  it('says how long it takes', () => {
    expect(timesSentence(power())).toBe('12 hours to vote, 1 hour to carry it out.');
    expect(timesSentence(power({ noticeMs: 24 * HOUR }))).toContain(
      '1 hour to carry it out, after a notice of 24 hours in which it can still be stopped.',
    );
  });

  it('says who stops it and who never votes', () => {
    expect(limitsSentence(power())).toBeNull();
    expect(limitsSentence(power({ vetoSeats: ['safety-1', 'safety-2'], excludes: ['the proposer', 'authors'] }))).toBe(
      'A veto of safety-1 or safety-2 stops it. Besides the proposer, these never vote on it: authors.',
    );
  });

  it('says what an emergency changes', () => {
    expect(emergencySentence(power())).toBeNull();
    const breakGlass: PowerView['breakGlass'] = {
      seats: ['safety-1'],
      people: 2,
      timeBoxMs: HOUR,
      reviewWithinMs: 72 * HOUR,
      overdueCeiling: 1,
    };
    expect(emergencySentence(power({ breakGlass }))).toContain('2 people of the seats safety-1 may break the glass');
  });
});

describe('a seat in words', () => {
  it('names the last day of a term, not the first one after it', () => {
    expect(termInWords(seat().term)).toBe('1 January 2026 to 31 December 2027');
    expect(termInWords(null)).toBe('without an end');
  });

  it('says why its holder does not stand for it', () => {
    const at = '2026-06-01T00:00:00.000Z';
    expect(seatNote(seat(), at)).toBeNull();
    expect(seatNote(seat({ represented: null }), at)).toBe('Nobody represents it now');
    expect(seatNote(seat({ holder: null, represented: 'bob' }), at)).toBe('Nobody holds it');
    expect(seatNote(seat({ represented: 'bob' }), at)).toBe('The holder is away');
    expect(seatNote(seat({ represented: 'bob' }), '2028-01-01T00:00:00.000Z')).toBe('The term has ended');
  });
});

describe('the rest in words', () => {
  it('is the same everywhere: moments are in UTC', () => {
    expect(momentInWords('2026-03-01T23:30:00.000Z')).toMatch(/^1 March 2026 at 23:30 UTC$/);
  });

  it('lists names', () => {
    expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'], 'or')]).toEqual(['', 'a', 'a and b', 'a, b or c']);
  });

  it('has short times in the unit that reads best', () => {
    expect([412.4, 3210, 45_600, 2_500_000].map(microsInWords)).toEqual(['412 µs', '3.2 ms', '46 ms', '2.5 s']);
  });

  it('says what the ceiling is', () => {
    expect(ceilingSentence(5)).toContain('no ceiling');
    expect(ceilingSentence(2)).toBe('No session runs above level 2 of 5 (the human is collaborator).');
  });
});
