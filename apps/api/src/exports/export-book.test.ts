import { randomUUID } from 'node:crypto';
import type { Actor } from '@wheelhouse/protocol/identity';
import { describe, expect, it } from 'vitest';
import { entryOf } from '../ledger/new-entry.ts';
import { evolve, type ExportBook, EXPORT_KINDS, type ExportEntry, isDue } from './export-book.ts';

const ANNA: Actor = { kind: 'person', id: 'anna', role: 'reviewer' };
const BEN: Actor = { kind: 'person', id: 'ben', role: 'reviewer' };
const KEY_OF_BEN: Actor = { kind: 'key', id: 'k', role: 'reviewer', person: 'ben' };
const KEY_OF_ANNA: Actor = { kind: 'key', id: 'l', role: 'reviewer', person: 'anna' };
const SYSTEM: Actor = { kind: 'system', id: 'wheelhouse', role: 'system' };
const MADE = { digest: 'AA==', bytes: 1, entries: 1, treeSize: 1, root: 'AA==' };

function isExport(entry: { kind: string }): entry is ExportEntry {
  return EXPORT_KINDS.some((kind) => kind === entry.kind);
}

function folded(...entries: ReturnType<typeof entryOf>[]): ExportBook {
  return entries.filter(isExport).reduce<ExportBook>((book, entry, index) => evolve(book, entry, index), new Map());
}

const id = randomUUID();
const asked = (profile: string, by: Actor) =>
  entryOf('export.asked', { export: id, format: 'csv', profile, filter: {}, reason: 'because' }, by);
const confirmed = (by: Actor) => entryOf('export.confirmed', { export: id, askedBy: 'anna' }, by);
const made = entryOf('export.made', { export: id, ...MADE }, SYSTEM);

describe('the book of exports', () => {
  it('has one that is redacted made at once, and one of everything only when somebody else confirms', () => {
    const isDueAfter = (...entries: ReturnType<typeof entryOf>[]) => [...folded(...entries).values()].map(isDue);
    expect(isDueAfter(asked('no-words', ANNA))).toEqual([true]);
    expect(isDueAfter(asked('full', ANNA))).toEqual([false]);
    expect(isDueAfter(asked('full', ANNA), confirmed(BEN))).toEqual([true]);
  });

  it.each([
    ['the asker', ANNA, ANNA],
    ["the asker's key", ANNA, KEY_OF_ANNA],
    ["somebody else's key", ANNA, KEY_OF_BEN],
    ['the person behind the key that asked', KEY_OF_ANNA, ANNA],
    ['the server', ANNA, SYSTEM],
  ])('does not count a confirmation by %s', (_, by, who) => {
    expect([...folded(asked('full', by), confirmed(who)).values()].map(isDue)).toEqual([false]);
  });

  it('does not take an export of everything for made that nobody confirmed', () => {
    expect(folded(asked('full', ANNA), made).get(id)?.outcome).toBeNull();
  });

  it('keeps the first end of an export, and the first request under an id', () => {
    const failed = entryOf('export.failed', { export: id, problem: 'disk_full' }, SYSTEM);
    expect(folded(asked('no-words', ANNA), failed, made).get(id)?.outcome?.type).toBe('failed');
    expect(folded(asked('no-words', ANNA), made, failed).get(id)?.outcome?.type).toBe('made');
    expect(folded(asked('no-words', ANNA), asked('full', BEN)).get(id)?.profile).toBe('no-words');
  });

  it('passes over what it can not read, and ends of what was never asked for', () => {
    expect(folded(asked('everything', ANNA)).size).toBe(0);
    expect(folded(made).size).toBe(0);
  });
});
