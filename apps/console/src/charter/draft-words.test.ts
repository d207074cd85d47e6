import type { CheckedCharter } from '@wheelhouse/protocol/charter-view';
import { describe, expect, it } from 'vitest';
import { cannotBeProposed, nextVersion } from './draft-words.ts';

describe('nextVersion', () => {
  it.each([
    ['# a comment, version: 7\nversion: 1\npeople:\n', '# a comment, version: 7\nversion: 2\npeople:\n'],
    ['{ "version": 9, "people": {} }', '{ "version": 9, "people": {} }'],
    ['{\n  "version": 9\n}', '{\n  "version": 10\n}'],
    ['people:\n', 'people:\n'],
  ])('of %j', (text, next) => {
    expect(nextVersion(text)).toBe(next);
  });
});

describe('what stands in the way of a proposal', () => {
  const fine: CheckedCharter = { faults: [], analysis: { from: '2026-01-01T00:00:00Z', powers: [], breaches: [] } };
  const facts = { isUnchanged: false, isChecking: false, checked: fine };
  const breach = {
    kind: 'autocrat',
    power: 'key.rotate',
    people: ['Ann'],
    message: 'Ann alone can exercise key.rotate.',
    chain: [],
  } as const;

  it('is nothing where the text is whole and holds law 5', () => {
    expect(cannotBeProposed(facts)).toBeNull();
  });

  it.each([
    ['no change', { ...facts, isUnchanged: true }, /nothing else than/],
    ['a check under way', { ...facts, isChecking: true }, /being checked/],
    ['no check yet', { ...facts, checked: null }, /being checked/],
    ['a fault', { ...facts, checked: { faults: [{ line: 3, path: 'seats', message: 'unknown' }], analysis: null } }, /one fault to mend/],
    [
      'a breach',
      {
        ...facts,
        checked: {
          faults: [],
          analysis: { ...(fine.analysis ?? { from: '', powers: [] }), breaches: [{ ...breach, people: ['Ann'], chain: [] }] },
        },
      },
      /law 5 in one way/,
    ],
  ])('is %s', (_name, given, words) => {
    expect(cannotBeProposed(given)).toMatch(words);
  });
});
