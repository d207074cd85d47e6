import type { FoundEntry } from '@wheelhouse/protocol/export';
import { describe, expect, it } from 'vitest';
import { foundInWords } from './entry-words.ts';
import type { Names } from './names.ts';

const NAMES: Names = { actor: ({ id }) => (id === 'ada' ? 'Ada' : 'Wheelhouse'), person: (id) => (id === 'ben' ? 'Ben' : id) };
const ID = '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001';

function found(kind: string, data: Record<string, unknown>, withheld = 0): FoundEntry {
  const by = { kind: 'person', id: 'ada', role: 'operator' } as const;
  const said: [string, unknown][] = Object.entries(data).map(([key, value]) => [`data.${key}`, value]);
  const shown: [string, unknown][] = Object.entries(by).map(([key, value]) => [`by.${key}`, value]);
  const fields = Object.fromEntries<unknown>([['time', '2026-01-01T00:00:00.000Z'], ['clock', 5], ...shown, ...said]);
  return { index: 1, id: ID, kind, time: '2026-01-01T00:00:00.000Z', by, fields, withheld, leafHash: '' };
}

const ORDER = {
  order: ID,
  number: 1,
  kind: 'stop',
  scope: { type: 'everything' },
  receivedAt: '2026-01-01T00:00:00.000Z',
  gateClosedUs: 1,
  lastByteUs: null,
  covered: 0,
};

describe('an entry in words', () => {
  it('says who did what, over what, and why', () => {
    expect(foundInWords(found('order.given', { ...ORDER, reason: 'It swears' }), NAMES)).toBe('Ada stopped everything: It swears');
    expect(
      foundInWords(
        found('order.given', { ...ORDER, kind: 'level', level: 2, scope: { type: 'deployment', deployment: 'relay' }, reason: '' }),
        NAMES,
      ),
    ).toBe('Ada lowered deployment relay to level 2 collaborator');
  });

  it('says that words were erased, not that there were none', () => {
    expect(foundInWords(found('order.given', ORDER, 1), NAMES)).toBe('Ada stopped everything: (the reason was erased)');
  });

  it('names both people of a release', () => {
    expect(foundInWords(found('latch.released', { release: ID, latch: ID, askedBy: 'ben' }), NAMES)).toBe(
      'Ada confirmed the release of order 0b7c0c0e, which Ben had asked for',
    );
  });

  it('falls back to the kind where an entry cannot be read as a whole', () => {
    expect(foundInWords(found('order.given', { number: 1 }), NAMES)).toBe('Order given, by Ada');
    expect(foundInWords(found('some.newer', {}), NAMES)).toBe('some.newer, by Ada');
  });
});
