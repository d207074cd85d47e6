import fc from 'fast-check';
import { REDACTION_PROFILE_NAMES } from '@wheelhouse/protocol/field-class';
import { beforeAll, describe, expect, it } from 'vitest';
import { minuteBefore } from './bundle-entries.ts';
import { bundleOf, check, logKey, selected, story, testLog, verifyEd25519, witnessKey } from './bundle-fixture.ts';
import type { TestLog } from './bundle-fixture.ts';
import { bundleItems } from './bundle-items.ts';
import { entryLine, gapLine, readLine } from './bundle-line.ts';
import { equalBytes, utf8 } from './bytes.ts';
import { fieldsRoot, parseOpening } from './disclosure.ts';
import { sha256 } from './evidence-fixture.ts';
import { keyLabel } from './note-key.ts';
import { leafHash } from './tree-hash.ts';

let log: TestLog;
beforeAll(async () => {
  log = await testLog();
});
const uncheckedOf = (report: Awaited<ReturnType<typeof check>>) => report.unchecked.map(({ code }) => code);

describe('a bundle of a whole log', () => {
  it('is proven whole, and says with which keys', async () => {
    const { blob, written } = await bundleOf(log);
    const steps: number[] = [];
    const report = await check(blob, [log.log.key], { onProgress: (done, of) => steps.push(done / of) });
    expect(report).toMatchObject({
      ok: true,
      anchored: true,
      key: keyLabel(log.log.key),
      head: { size: log.size },
      heads: { checked: 3, matched: 3 },
      entries: { checked: log.size, gaps: 0, kinds: { 'session.segment': 10, 'order.given': 1 } },
      fields: { withheld: 0 },
      sessions: { sessions: 1, open: [], ticks: 50, orders: 1, inForce: [] },
      findings: [],
      unchecked: [],
    });
    expect(report.manifest).toMatchObject({ complete: true, from: 0, to: log.size, profile: 'full', origin: log.log.key.name });
    expect(steps.at(-1)).toBe(1);
    expect([written.bytes, written.sha256]).toEqual([blob.size, sha256(new Uint8Array(await blob.arrayBuffer()))]);
  });

  it('names the witnesses that cosigned until when, and those that did not', async () => {
    const [ann, bob, eve] = [witnessKey('w.test/ann'), witnessKey('w.test/bob'), witnessKey('w.test/eve')];
    const cosigned = await testLog(story(), { witnesses: [ann, bob] });
    const { blob } = await bundleOf(cosigned, { parts: { witnesses: [ann.key] } });
    const report = await check(blob, [cosigned.log.key], { witnesses: [bob.key, eve.key] });
    expect(report.witnesses).toMatchObject([
      { key: keyLabel(bob.key), trusted: true, size: cosigned.size },
      { key: keyLabel(ann.key), trusted: false, size: cosigned.size },
    ]);
    expect(report.findings).toMatchObject([{ code: 'cosignature_missing', severity: 'note' }]);
    expect(report.ok).toBe(true);
    const stranger = await check(blob, [cosigned.log.key]);
    expect(uncheckedOf(stranger)).toEqual(['cosigner_unknown']);
  });

  it('agrees only with itself where no key is trusted', async () => {
    const report = await check((await bundleOf(log)).blob, []);
    expect([report.ok, report.anchored, uncheckedOf(report)]).toEqual([true, false, ['not_anchored']]);
  });

  it('may be of the empty log, or of one entry', async () => {
    for (const entries of [[], story().slice(0, 1)]) {
      const small = await testLog(entries, { headsAt: [] });
      const { blob } = await bundleOf(small);
      expect(await check(blob, [small.log.key])).toMatchObject({ ok: true, entries: { checked: entries.length }, heads: { matched: 1 } });
    }
  });
});

describe('a bundle of which something is withheld or left out', () => {
  const thirds = (index: number) => index % 3 === 1;

  it.each(REDACTION_PROFILE_NAMES)('verifies in the profile %s', async (profile) => {
    const report = await check((await bundleOf(log, { profile })).blob, [log.log.key]);
    expect(report).toMatchObject({ ok: true, anchored: true, findings: [], sessions: { ticks: 50, orders: 1, inForce: [] } });
    expect(uncheckedOf(report)).toEqual(profile === 'full' ? [] : ['fields_withheld']);
    expect(report.fields.withheldBy.words).toBe(profile === 'full' ? 0 : 3);
    expect(report.fields.withheldBy.person > 0).toBe(profile === 'no-people' || profile === 'public');
    expect(report.fields.withheldBy.fact + report.fields.withheldBy.evidence).toBe(0);
  });

  it.each([false, true])('verifies with any selection, profile and page, and at every head; after a crash: %s', async (crash) => {
    const honest = await testLog(story(crash));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(honest.size - 1)),
        fc.constantFrom(...REDACTION_PROFILE_NAMES),
        fc.integer({ min: 1, max: 30 }),
        async (some, profile, page) => {
          const { blob } = await bundleOf(honest, { which: (index) => some.includes(index), profile, page });
          const report = await check(blob, [honest.log.key]);
          expect(report.findings.filter(({ code }) => code !== 'ticks_lost')).toEqual([]);
          expect(report).toMatchObject({ ok: true, anchored: true, entries: { checked: some.length }, heads: { matched: 3 } });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes any fields to be withheld, without calling that a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (coins) => {
        const show = () => coins.next().value === true;
        const page = [...log.sealed.keys()].map((index) => selected(log, index, show));
        async function* pages() {
          yield await Promise.resolve(page);
        }
        const items = bundleItems({ size: log.size, cuts: log.sizes, selected: pages(), readNodes: log.readNodes });
        const report = await check((await bundleOf(log, { parts: { items, profile: 'by hand' } })).blob, [log.log.key]);
        expect([report.faults, report.findings]).toEqual([0, []]);
      }),
      { numRuns: 60 },
    );
  });

  it('says that nobody can prove what a filter left out, and what it could not walk', async () => {
    const report = await check((await bundleOf(log, { which: thirds })).blob, [log.log.key]);
    expect(uncheckedOf(report)).toEqual(['entries_left_out', 'sessions_partial']);
    expect(report.manifest?.complete).toBe(false);
    const session = (index: number) => log.sealed[index]?.leaf.includes('"kind":"session.') ?? false;
    const walked = await check((await bundleOf(log, { which: session })).blob, [log.log.key]);
    expect([uncheckedOf(walked), walked.sessions.partial]).toEqual([['entries_left_out'], { whole: 1, withheld: 0 }]);
  });

  it('still finds what no entry that is left out could explain', async () => {
    const made = story();
    const at = made.findIndex(({ kind }) => kind === 'latch.released');
    const released = made[at];
    if (released === undefined) throw new Error('No release in the story.');
    made[at] = { ...released, by: { kind: 'person', id: 'ann', role: 'operator' } };
    const broken = made.findLastIndex(({ kind }) => kind === 'session.segment');
    const segment = made[broken];
    if (segment === undefined) throw new Error('No segment in the story.');
    made[broken] = { ...segment, data: { ...segment.data, ticks: [] } };
    const guilty = await testLog(made);
    const codes = async (which: (index: number) => boolean, profile: 'full' | 'public') =>
      (await check((await bundleOf(guilty, { which, profile })).blob, [guilty.log.key])).findings.map(({ code }) => code);
    expect(await codes((index) => index === at || index === broken, 'full')).toEqual([
      'release_by_one_person',
      'segment_length',
      'head_differs',
    ]);
    expect(await codes((index) => index === at, 'public')).toEqual([]);
  });

  it('tells fields that were withheld from fields that are not there, and what a profile does not say', async () => {
    async function* pages() {
      yield await Promise.resolve([
        selected(log, 3, (field) => field !== 'data.session'),
        selected(log, 5, (field) => field !== 'data.reason'),
      ]);
    }
    const items = bundleItems({ size: log.size, cuts: log.sizes, selected: pages(), readNodes: log.readNodes });
    const { blob } = await bundleOf(log, { profile: 'public', parts: { items } });
    const report = await check(blob, [log.log.key]);
    expect(report.ok).toBe(true);
    expect(new Set(report.findings.map(({ code, severity }) => `${severity} ${code}`))).toEqual(
      new Set(['note profile_exceeded', 'note profile_undercut']),
    );
    expect(uncheckedOf(report)).toContain('evidence_withheld');
  });
});

describe('the laws in a bundle', () => {
  it('are held against the whole record', async () => {
    const made = story().filter(({ kind }) => kind !== 'release.asked' && kind !== 'latch.released');
    const guilty = await testLog(made);
    const report = await check((await bundleOf(guilty, { profile: 'public' })).blob, [guilty.log.key]);
    expect(report.findings.map(({ code }) => code)).toEqual(['output_after_order', 'output_after_order', 'output_after_order']);
    expect(report).toMatchObject({ ok: false, anchored: true, faults: 3 });
  });
});

describe('a line of entries.jsonl', () => {
  it('is read as the careful readers read it, plain or not', () => {
    for (const [index] of log.sealed.entries()) {
      const { leaf, opening } = selected(log, index, index % 2 === 0 ? 'full' : 'public');
      const line = readLine(utf8(entryLine({ index, leaf, opening })), sha256);
      const items = parseOpening(opening);
      if (!line.ok || line.value.is !== 'entry' || !items.ok) throw new Error('unreadable');
      expect(line.value.items).toEqual(items.value);
      expect(line.value.leafHash).toEqual(leafHash(utf8(leaf), sha256));
      expect(line.value.fieldsRoot).toEqual(fieldsRoot(items.value, sha256));
      expect(equalBytes(line.value.fieldsRoot, line.value.leaf.fields)).toBe(true);
    }
  });

  it('is spelt in one way only', () => {
    const lines = [
      ...[3, 9, 10].map((index) => entryLine(selected(log, index, 'no-words'))),
      entryLine(selected(log, 9)),
      gapLine({ from: 3, to: 5, nodes: [sha256(utf8('a'))] }),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom('flip', 'add', 'drop'),
        (line, place, byte, how) => {
          const bytes = utf8(line);
          const at = place % bytes.length;
          const rest = bytes.subarray(how === 'add' ? at : at + 1);
          const other = Uint8Array.of(...bytes.subarray(0, at), ...(how === 'drop' ? [] : [byte]), ...rest);
          fc.pre(!equalBytes(other, bytes));
          const read = readLine(other, sha256);
          if (!read.ok) return;
          const { value } = read;
          // What can still be read must say something else than the line did.
          if (value.is === 'entry') {
            const before = readLine(bytes, sha256);
            if (!before.ok || before.value.is !== 'entry') throw new Error('unreadable');
            expect([value.index, value.leafHash, value.fieldsRoot]).not.toEqual([
              before.value.index,
              before.value.leafHash,
              before.value.fieldsRoot,
            ]);
          } else expect(gapLine(value)).toBe(new TextDecoder().decode(other));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

it('an order of the last minute may not have said yet what it met', () => {
  expect(minuteBefore('2026-03-02T10:05:06.700Z')).toBe('2026-03-02T10:04:06.700Z');
  expect(minuteBefore('2026-03-02T10:00:06Z')).toBe('2026-03-02T09:59:06Z');
  expect(minuteBefore('2026-03-02T00:00:06Z')).toBe('2026-03-01T23:59:06Z');
  expect(minuteBefore('2026-03-01T00:00:06Z')).toBe('2026-02-28T23:59:06Z');
  expect(minuteBefore('2026-01-01T00:00:06Z')).toBe('2025-12-28T23:59:06Z');
  expect(minuteBefore('today')).toBeUndefined();
});

it('the export ends where the log does not fit what it is given', async () => {
  const other = await testLog(story(), { log: logKey('other.test/log') });
  await expect(bundleOf(log, { parts: { heads: other.heads } })).rejects.toThrow(/another log/);
  await expect(bundleOf(log, { parts: { heads: [...log.heads].reverse() } })).rejects.toThrow(/not larger/);
  await expect(bundleOf(log, { parts: { heads: [] } })).rejects.toThrow(/needs a signed head/);
  await expect(bundleOf(log, { parts: { heads: log.heads.slice(0, 2) } })).rejects.toMatchObject({ code: 'out_of_range' });
  async function* broken() {
    yield await Promise.resolve([]);
    throw new Error('the database is gone');
  }
  await expect(bundleOf(log, { parts: { items: broken() } })).rejects.toThrow(/database is gone/);
  expect(await verifyEd25519(log.log.key.publicKey, utf8('x'), new Uint8Array(64))).toBe(false);
});
