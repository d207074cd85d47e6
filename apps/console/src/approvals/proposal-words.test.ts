import { describe, expect, it } from 'vitest';
import { missingInWords } from './proposal-words.ts';
import { fromNow, lengthInWords } from './time-words.ts';

describe('a proposal in words', () => {
  it('says how much is missing, and from whom', () => {
    expect(missingInWords({ yes: 1, takes: 2, from: ['Safety'] }, 1)).toBe('1 more yes, from Safety');
    expect(missingInWords({ yes: 0, takes: 2, from: ['Operations', 'Safety'] }, 2)).toBe('2 more yes, from Operations and Safety');
    expect(missingInWords({ yes: 0, takes: 2, from: ['A', 'B', 'C'] })).toBe('2 more yes, from A, B or C');
    expect(missingInWords({ yes: 1, takes: 3, from: ['A', 'B'] }, 1)).toBe(
      '2 more yes, from A or B, 1 of them from a body that has not said yes',
    );
    // Enough have voted, but all of one body.
    expect(missingInWords({ yes: 2, takes: 2, from: ['Safety'] }, 1)).toBe('1 more yes, from Safety');
    expect(missingInWords({ yes: 2, takes: 2, from: [] })).toBe('2 of 2 yes');
    expect(missingInWords({ yes: 0, takes: 1, from: [] })).toBe('1 more yes, but nobody is left who could give it');
  });

  it('says how far off a moment is, in two units at most', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(fromNow('2026-01-01T03:20:59Z', now)).toBe('in 3 h 20 min');
    expect(fromNow('2025-12-31T23:58:00Z', now)).toBe('2 min ago');
    expect(fromNow('2026-01-03T05:00:00Z', now)).toBe('in 2 days 5 h');
    expect(fromNow('2026-01-14T23:59:57Z', now)).toBe('in 14 days');
    expect(fromNow('2026-01-01T00:00:00Z', now)).toBe('now');
    expect([lengthInWords(59_000), lengthInWords(3_600_000), lengthInWords(86_400_000), lengthInWords(-5)]).toEqual([
      '59 s',
      '1 h',
      '1 day',
      '0 s',
    ]);
  });
});
