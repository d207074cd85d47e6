import { randomUUID } from 'node:crypto';
import type { EntryData } from '../ledger/new-entry.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PolicyEntry, PolicyHistory } from './policy-history.ts';

const BY = { kind: 'person', id: 'ann', role: 'operator' } as const;

function adopted(bundle: string, proposal: string | null = randomUUID()): PolicyEntry {
  const data: EntryData<'policy.adopted'> = { bundle, name: bundle, bundleText: '{}', ...(proposal === null ? {} : { proposal }) };
  return policyEntry(entryOf('policy.adopted', data, SYSTEM));
}

function rolledBack(replaced: string, bundle: string, order: string = randomUUID()): PolicyEntry {
  return policyEntry(entryOf('policy.rolled_back', { order, bundle, replaced, reason: 'x' }, BY));
}

function policyEntry(entry: ReturnType<typeof entryOf>): PolicyEntry {
  if (entry.kind !== 'policy.adopted' && entry.kind !== 'policy.rolled_back') throw new Error('another kind');
  return entry;
}

function historyOf(...entries: readonly PolicyEntry[]): PolicyHistory {
  const history = new PolicyHistory();
  for (const [index, entry] of entries.entries()) history.take(index, entry);
  return history;
}

describe('the history of policy', () => {
  it('goes back one step after the other, and never forward without an approval', () => {
    const history = historyOf(adopted('a', null), adopted('b'), adopted('c'));
    expect([history.inForce?.digest, history.before?.digest]).toEqual(['c', 'b']);
    expect(history.take(3, rolledBack('c', 'b'))).toBeNull();
    expect([history.inForce?.digest, history.before?.digest]).toEqual(['b', 'a']);
    expect(history.take(4, rolledBack('b', 'c'))).not.toBeNull();
    expect(history.take(4, rolledBack('b', 'a'))).toBeNull();
    expect([history.inForce?.digest, history.before]).toEqual(['a', null]);
    expect(history.take(5, rolledBack('a', 'b'))).not.toBeNull();
    expect(history.versions.map(({ digest, how }) => `${how} ${digest}`)).toEqual([
      'shipped a',
      'adopted b',
      'adopted c',
      'rolled_back b',
      'rolled_back a',
    ]);
  });

  it('takes one bundle without an approval, the first, and no other', () => {
    const history = historyOf(adopted('a', null));
    expect(history.take(1, adopted('evil', null))).toContain('without an approval');
    expect(history.inForce?.digest).toBe('a');
  });

  it('keeps what was adopted while a rollback was on its way into the ledger', () => {
    const history = historyOf(adopted('a', null), adopted('b'), adopted('c'), rolledBack('b', 'a'));
    expect([history.inForce?.digest, history.before?.digest]).toEqual(['c', 'a']);
  });

  it('takes the same rollback once', () => {
    const order = randomUUID();
    const history = historyOf(adopted('a', null), adopted('b'), rolledBack('b', 'a', order));
    expect(history.take(9, rolledBack('b', 'a', order))).toBeNull();
    expect(history.versions).toHaveLength(3);
  });

  it('lets no chain of rollbacks put a bundle in force that was rolled back', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('adopt' as const), digest: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ type: fc.constant('roll' as const), from: fc.constantFrom('a', 'b', 'c', 'd'), to: fc.constantFrom('a', 'b', 'c', 'd') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const history = historyOf(adopted('a', null));
        const model = ['a'];
        for (const one of steps) {
          if (one.type === 'adopt') {
            history.take(0, adopted(one.digest));
            model.push(one.digest);
          } else if (history.inForce?.digest === one.from) {
            const fine = model.at(-2) === one.to;
            expect(history.take(0, rolledBack(one.from, one.to)) === null).toBe(fine);
            if (fine) model.pop();
          }
          expect(history.inForce?.digest).toBe(model.at(-1));
          expect(history.before?.digest).toBe(model.at(-2));
        }
      }),
    );
  });
});
