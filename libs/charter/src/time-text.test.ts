import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationInWords, parseDuration } from './duration.ts';
import { instantText, parseInstant } from './instant.ts';

describe('lengths of time', () => {
  it.each([
    ['90s', 90_000, '90 seconds'],
    ['30m', 1_800_000, '30 minutes'],
    ['72h', 259_200_000, '3 days'],
    ['48h', 172_800_000, '48 hours'],
    ['14d', 1_209_600_000, '14 days'],
    ['2w', 1_209_600_000, '14 days'],
    ['0s', 0, 'no time'],
    ['P1W', 604_800_000, '7 days'],
    ['P1DT12H', 129_600_000, '36 hours'],
    ['PT1H30M', 5_400_000, '90 minutes'],
    ['PT1H', 3_600_000, '1 hour'],
  ])('%s is %d milliseconds, %s', (text, ms, words) => {
    expect(parseDuration(text)).toBe(ms);
    expect(durationInWords(ms)).toBe(words);
  });

  it.each(['', 'P', 'PT', 'P1M', 'P1Y', '1.5h', '-1h', '1 h', '1H', 'h', 'P1H', '1d2h', '1234567d', '1h\n'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('moments', () => {
  it('are what the calendar says, both ways', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
        expect(parseInstant(date.toISOString().slice(0, 10))).toBe(Date.parse(date.toISOString().slice(0, 10)));
        expect(instantText(date.getTime()).slice(0, 10)).toBe(date.toISOString().slice(0, 10));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['2026-02-29', '2026-13-01', '2026-00-10', '2026-01-01T24:00:00Z', '2026-01-01T10:00', '2026-1-1', 'tomorrow'])(
    '%s is none',
    (text) => {
      expect(parseInstant(text)).toBeNull();
    },
  );
});
