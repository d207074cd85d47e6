import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hintsIn } from './hints.ts';
import { precisionOf, readTestSet, recallOf, score } from './test-set.fixture.ts';
import { findingsIn } from './text-findings.ts';

const found = (text: string): string[] => findingsIn(text).map(({ what, from, to }) => `${what}: ${text.slice(from, to)}`);

test('the test set: what the patterns were made with, and what was written after', () => {
  const lines = readTestSet();
  const fresh = score(
    lines.filter(({ file }) => file === 'fresh.jsonl'),
    findingsIn,
  );
  const tuned = score(
    lines.filter(({ file }) => file !== 'fresh.jsonl'),
    findingsIn,
  );
  expect(lines.length).toBeGreaterThan(500);
  for (const one of tuned.scores) {
    expect([one.what, precisionOf(one) >= 0.99, tuned.misses.filter((miss) => miss.startsWith('wrong'))]).toEqual([one.what, true, []]);
    expect([one.what, recallOf(one) >= 0.92]).toEqual([one.what, true]);
  }
  const sum = (pick: 'right' | 'wrong' | 'missed') => fresh.scores.reduce((total, one) => total + one[pick], 0);
  expect(sum('right') / (sum('right') + sum('wrong'))).toBeGreaterThan(0.93);
  expect(sum('right') / (sum('right') + sum('missed'))).toBeGreaterThan(0.8);
});

test('spans lie where the thing is said, in spoken, foreign and hidden forms', () => {
  expect(found('so, double four one one, one one one one, one one one one, one one one four?')).toEqual([]);
  expect(found('so, four one double one, one one one one, one one one one, one one one one?')).toEqual([
    'payment_card: four one double one, one one one one, one one one one, one one one one',
  ]);
  expect(found('a 4111\u200b1111\u00a01111\u20111111 z')).toEqual(['payment_card: 4111\u200b1111\u00a01111\u20111111']);
  expect(found('٤١١١ ١١١١ ١١١١ ١١١١')).toEqual(['payment_card: ٤١١١ ١١١١ ١١١١ ١١١١']);
  expect(found('jane dot roe at example dot com, or ten dot zero dot zero dot one')).toEqual([
    'email: jane dot roe at example dot com',
    'ip_address: ten dot zero dot zero dot one',
  ]);
});

test('a stronger finding stands alone where a weaker one overlaps it', () => {
  expect(found('iban ES9121000418450200051332')).toEqual(['iban: ES9121000418450200051332']);
  expect(found('postgres://app:Xy7pQ2@db.internal:5432/main')).toEqual(['password: Xy7pQ2']);
  expect(found(`token ${['ghp', 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'].join('_')}`)).toHaveLength(1);
});

test('nothing is found in a text without hints, and hints survive any neighbours', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
      const hits = findingsIn(text);
      if (hintsIn(text) === 0) expect(hits).toEqual([]);
      for (const { from, to } of hits) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(from).toBeLessThan(to);
        expect(to).toBeLessThanOrEqual(text.length);
      }
      expect(hits.toSorted((a, b) => a.from - b.from || a.to - b.to)).toEqual(hits);
    }),
    { numRuns: 2000 },
  );
  for (const { text, found: wanted } of readTestSet())
    if (wanted.length > 0 && findingsIn(text).length > 0) expect([text, hintsIn(text) !== 0]).toEqual([text, true]);
});

const pieces = fc.constantFrom(
  ...[
    '4111 1111 ',
    'four one ',
    'double ',
    'at ',
    'dot ',
    'com ',
    '@',
    'a@b.',
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'eyJ',
    'sk-',
  ],
  ...[
    'password is ',
    'pin: ',
    '::',
    '1.1.',
    'DE89 ',
    '+1 ',
    '(',
    ')',
    ' - ',
    'secret=',
    '\n',
    '\\n',
    '\u200b',
    '٤',
    'oh ',
    'A',
    'A1',
    '://u:p@',
    "'",
    'capital ',
  ],
);

test('any mixture of what the patterns look for is read without harm', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (some) => {
      const text = some.join('');
      for (const { from, to } of findingsIn(text)) expect(from >= 0 && from < to && to <= text.length).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
