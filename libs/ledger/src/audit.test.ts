import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAudit } from './audit.ts';
import type { AuditEntry } from './audit.ts';
import { append, emptyRange, rootOf } from './compact-range.ts';
import { leafHash } from './tree-hash.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const SIZE = 50;
const log: AuditEntry[] = Array.from({ length: SIZE }, (_, index) => {
  const bytes = new Uint8Array(Buffer.from(`{"n":${index}}`));
  return { index, bytes, storedLeafHash: leafHash(bytes, sha256) };
});
const headAt = (size: number) => {
  const range = log.slice(0, size).reduce((at, { bytes }) => append(at, leafHash(bytes, sha256), sha256), emptyRange());
  return { size, root: rootOf(range, sha256) };
};
const heads = [0, 10, 20, 30, SIZE].map(headAt);
const audit = (entries: readonly AuditEntry[], given = heads) => {
  const auditor = openAudit({ sha256 });
  for (const head of given) auditor.expectHead(head);
  for (const entry of entries) auditor.entry(entry);
  return auditor.finish();
};
const changedAt = (index: number, change: (entry: AuditEntry) => AuditEntry) =>
  log.map((entry) => (entry.index === index ? change(entry) : entry));
const other = new Uint8Array(Buffer.from('{"n":"changed"}'));
const messages = (report: ReturnType<typeof audit>) => report.findings.map(({ code, message }) => `${code}: ${message}`);

describe('audit', () => {
  it('finds nothing in a log that is whole', () => {
    const report = audit(log);
    expect(report).toEqual({ entries: SIZE, head: headAt(SIZE), headsMatched: 5, headsFailed: 0, findings: [], suppressed: 0 });
  });

  it('takes heads as they are passed, and a start in the middle', () => {
    const range = log.slice(0, 20).reduce((at, { bytes }) => append(at, leafHash(bytes, sha256), sha256), emptyRange());
    const auditor = openAudit({ sha256, start: range });
    for (const entry of log.slice(20)) {
      auditor.entry(entry);
      auditor.expectHead(headAt(entry.index + 1));
    }
    expect(auditor.finish()).toMatchObject({ entries: 30, headsMatched: 30, findings: [] });
  });

  it('names an entry whose bytes were changed behind its hash', () => {
    const report = audit(changedAt(13, (entry) => ({ ...entry, bytes: other })));
    expect(report.findings.map(({ code, index }) => [code, index])).toEqual([
      ['leaf_hash_differs', 13],
      ['root_differs', undefined],
    ]);
    expect(messages(report)[1]).toMatch(/stored leaf hashes still do: entries were changed after the head was signed.*entries 10 to 19/);
    expect(report).toMatchObject({ headsMatched: 2, headsFailed: 3 });
  });

  it('names the stretch where an entry and its hash were changed together', () => {
    const report = audit(changedAt(13, (entry) => ({ ...entry, bytes: other, storedLeafHash: leafHash(other, sha256) })));
    expect(messages(report)).toEqual([
      'root_differs: The entries do not lead to the signed head of 20 entries. The first difference is among the entries 10 to 19.',
    ]);
  });

  it('names a stored hash that was changed', () => {
    const report = audit(changedAt(13, (entry) => ({ ...entry, storedLeafHash: sha256(other) })));
    expect(report.findings.map(({ code, index }) => [code, index])).toEqual([['leaf_hash_differs', 13]]);
    const short = audit(changedAt(13, (entry) => ({ ...entry, storedLeafHash: new Uint8Array(3) })));
    expect(short.findings.map(({ code }) => code)).toEqual(['leaf_hash_differs']);
  });

  it('names missing, repeated and cut entries', () => {
    expect(messages(audit(log.filter(({ index }) => index < 5 || index > 7)))[0]).toBe('index_missing: Entries 5 to 7 are missing.');
    expect(messages(audit([...log.slice(0, 12), ...log.slice(11)]))[0]).toMatch(/index_repeated: Entry 11 comes again/);
    expect(messages(audit(log.slice(0, 25)))).toEqual([
      'head_not_reached: A signed head has 30 entries, the log ends after 25: entries were removed from its end.',
      'head_not_reached: A signed head has 50 entries, the log ends after 25: entries were removed from its end.',
    ]);
  });

  it('names a fork and a head that comes too late', () => {
    expect(messages(audit(log, [headAt(10), { size: 10, root: sha256(other) }]))).toEqual([expect.stringMatching(/two faces/)]);
    const auditor = openAudit({ sha256 });
    for (const entry of log) auditor.entry(entry);
    auditor.expectHead(headAt(10));
    expect(auditor.finish().findings).toMatchObject([{ code: 'head_too_late' }]);
  });

  it('finds any changed byte, with or without stored hashes', () => {
    fc.assert(
      fc.property(fc.nat(SIZE - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (index, at, flip, stored) => {
        const damaged = changedAt(index, ({ bytes, storedLeafHash }) => ({
          index,
          bytes: bytes.map((byte, i) => (i === at % bytes.length ? byte ^ flip : byte)),
          ...(stored && storedLeafHash !== undefined ? { storedLeafHash } : {}),
        }));
        const { findings } = audit(damaged);
        expect(findings.at(-1)).toMatchObject({ code: 'root_differs' });
        expect(findings).toHaveLength(stored ? 2 : 1);
      }),
    );
  });

  it('keeps no more findings than it was told', () => {
    const auditor = openAudit({ sha256, limit: 3 });
    for (const entry of log) auditor.entry({ ...entry, storedLeafHash: sha256(other) });
    const report = auditor.finish();
    expect([report.findings.length, report.suppressed]).toEqual([3, SIZE - 3]);
  });
});
