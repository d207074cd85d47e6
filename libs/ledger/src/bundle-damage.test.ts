import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOf, check, logKey, selected, story, testLog, witnessKey } from './bundle-fixture.ts';
import type { TestLog } from './bundle-fixture.ts';
import { forge, lines, textOf, unzip, zip, zipOfTexts } from './bundle-forgery.ts';
import type { Members } from './bundle-forgery.ts';
import { BUNDLE_MEMBERS } from './bundle-format.ts';
import { entryLine } from './bundle-line.ts';
import { utf8 } from './bytes.ts';
import { signCheckpoint } from './checkpoint.ts';
import { sha256 } from './evidence-fixture.ts';

let log: TestLog;
let whole: Blob;
let sparse: Blob;
beforeAll(async () => {
  log = await testLog();
  whole = (await bundleOf(log)).blob;
  sparse = (await bundleOf(log, { which: (index) => index % 4 === 1, profile: 'public' })).blob;
});

const codes = async (blob: Blob, trusted = [log.log.key]) => {
  const { findings, ok, faults } = await check(blob, trusted);
  expect(ok).toBe(faults === 0);
  return findings.filter(({ severity }) => severity === 'fault').map(({ code }) => code);
};
/** What is found in a bundle with changed entries, though the log's own key has signed a manifest for them. */
const foundIn = async (edit: (lines: string[]) => string[], of = whole) =>
  codes(await forge(log, of, { edit: lines('entries.jsonl', edit), claim: () => ({}) }));
const replaced = (at: number, from: string | RegExp, to: string) => (all: string[]) => {
  const next = all.map((line, i) => (i === at ? line.replace(from, to) : line));
  expect(next[at]).not.toBe(all[at]);
  return next;
};

describe('a bundle in which a byte was changed', () => {
  const flips = (bytes: Uint8Array, at: number, mask: number) => bytes.map((byte, i) => (i === at ? byte ^ mask : byte));

  it('is found, whichever member and byte it is', async () => {
    for (const blob of [whole, sparse]) {
      const members = await unzip(blob);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...BUNDLE_MEMBERS), fc.nat(), fc.integer({ min: 1, max: 255 }), async (name, place, mask) => {
          const bytes = members.get(name) ?? new Uint8Array(0);
          const changed = new Map(members).set(name, flips(bytes, place % bytes.length, mask));
          const report = await check(await zip(changed), [log.log.key]);
          expect(report.ok).toBe(false);
        }),
        { numRuns: 120 },
      );
    }
  });

  it('is found in the raw ZIP, or leaves every member as it was', async () => {
    const raw = new Uint8Array(await whole.arrayBuffer());
    const members = await unzip(whole);
    await fc.assert(
      fc.asyncProperty(fc.nat(raw.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const blob = new Blob([flips(raw, at, mask)]);
        if ((await check(blob, [log.log.key])).ok) expect(await unzip(blob)).toEqual(members);
      }),
      { numRuns: 250 },
    );
  });

  it('is found where the directory says of a member that it is encrypted', async () => {
    const raw = new Uint8Array(await whole.arrayBuffer());
    const directory = raw.findIndex((_, i) => [0x50, 0x4b, 1, 2].every((byte, k) => raw[i + k] === byte));
    // Bit 0 of the general purpose flags, at 8 in a file's header in the directory (APPNOTE.TXT, 4.3.12 and 4.4.4).
    expect(await codes(new Blob([flips(raw, directory + 8, 1)]))).toEqual(['member_unreadable']);
  });

  it('is found when it was cut off, anywhere, or something was added', async () => {
    const raw = new Uint8Array(await whole.arrayBuffer());
    await fc.assert(
      fc.asyncProperty(fc.nat(raw.length - 1), async (length) => {
        const report = await check(new Blob([raw.slice(0, length)]), [log.log.key]);
        expect(report).toMatchObject({
          ok: false,
          anchored: false,
          findings: [{ code: 'zip_unreadable' }],
          unchecked: [{}, { code: 'stopped' }],
        });
      }),
      { numRuns: 60 },
    );
    expect(await codes(new Blob([raw, 'more']))).toEqual(['zip_unreadable']);
    expect(await codes(new Blob(['more', raw]))).toEqual(['zip_unreadable']);
    expect(await codes(new Blob(['not a zip at all']))).toEqual(['zip_unreadable']);
  });
});

describe('members', () => {
  const rezip = async (edit: (members: Members) => Members) => codes(await zip(edit(await unzip(whole))));

  it('are all there, no others, in their order', async () => {
    for (const name of BUNDLE_MEMBERS)
      expect(await rezip((members) => new Map([...members].filter(([each]) => each !== name)))).toContain('member_missing');
    expect(await rezip((members) => new Map([...members, ['more.txt', utf8('x')]]))).toEqual(['member_unexpected']);
    expect(await rezip((members) => new Map([...members].reverse()))).toEqual(['member_order']);
    expect(await codes(await zipOfTexts({ 'holiday.txt': 'sun' }))).toContain('member_missing');
  });

  it('are those of the manifest, and small where they must be', async () => {
    expect(await rezip((members) => members.set('README.txt', utf8('Trust me.')))).toEqual(['member_differs']);
    const large = await zip((await unzip(whole)).set('keys.json', new Uint8Array(33 * 2 ** 20)));
    expect(await codes(large)).toEqual(['member_too_large']);
  });
});

describe('who signed', () => {
  it('is another key of the same log', async () => {
    const eve = logKey();
    const forged = await testLog(story(), { log: eve });
    const { blob } = await bundleOf(forged);
    const report = await check(blob, [log.log.key]);
    expect(report.findings).toMatchObject([{ code: 'other_key' }]);
    expect(report.findings[0]?.message).toContain('signed by another key');
    expect(report).toMatchObject({ ok: false, anchored: false, heads: { matched: 3 } });
    expect(await codes(await forge(log, whole, { signer: eve.signer }))).toEqual(['other_key', 'manifest_not_genuine']);
  });

  it('is another log', async () => {
    const other = await testLog(story(), { log: logKey('other.test/log') });
    const report = await check((await bundleOf(other)).blob, [log.log.key]);
    expect(report.findings).toMatchObject([{ code: 'other_log' }]);
    expect(report.anchored).toBe(false);
  });

  it('is not who keys.json says', async () => {
    const eve = logKey();
    const keys = textOf(await unzip((await bundleOf(await testLog(story(), { log: eve }))).blob), 'keys.json');
    const swapped = await forge(log, whole, { edit: (members) => members.set('keys.json', utf8(keys)) });
    expect(await codes(swapped)).toEqual(['keys_differ']);
    expect(await codes(swapped, [])).toEqual(['manifest_not_genuine', 'head_not_genuine', 'head_not_genuine', 'head_not_genuine']);
    const broken = await forge(log, whole, { edit: (members) => members.set('keys.json', utf8('{"log":"x","witnesses":["y"]}')) });
    expect(await codes(broken)).toEqual(['keys_malformed', 'keys_malformed']);
    expect(await codes(broken, [])).toEqual(['keys_malformed', 'keys_malformed']);
  });

  it('did not sign this manifest', async () => {
    const members = await unzip(whole);
    const note = textOf(members, 'manifest.sig');
    const other = textOf(await unzip(sparse), 'manifest.sig');
    const withNote = async (text: string) => codes(await zip(new Map(members).set('manifest.sig', utf8(text))));
    expect(await withNote(other)).toEqual(['manifest_differs']);
    expect(await withNote(note.replace(/[0-9a-f]{64}/, 'f'.repeat(64)))).toEqual(['manifest_differs', 'manifest_not_genuine']);
    expect(await withNote('nothing')).toEqual(['manifest_signature_malformed']);
  });
});

describe('heads', () => {
  const head = (checkpoint: string) => JSON.stringify({ checkpoint });
  const withHeads = async (edit: (all: string[]) => string[], trusted = [log.log.key]) =>
    codes(await forge(log, whole, { edit: lines('heads.jsonl', edit) }), trusted);

  it('that look valid and are inconsistent', async () => {
    const fork = await signCheckpoint({ size: 12, root: sha256(utf8('another history')), origin: log.log.key.name }, log.log.signer);
    expect(await withHeads(([a, , c]) => [a ?? '', head(fork), c ?? ''])).toEqual(['root_differs']);
    const last = await signCheckpoint({ size: log.size, root: sha256(utf8('another history')), origin: log.log.key.name }, log.log.signer);
    expect(await withHeads(([a, b]) => [a ?? '', b ?? '', head(last)])).toEqual(['root_differs', 'last_head_differs']);
    const long = await signCheckpoint({ size: 99, root: sha256(utf8('more')), origin: log.log.key.name }, log.log.signer);
    expect(await withHeads((all) => [...all, head(long)])).toEqual(['entries_cut', 'last_head_differs', 'counts_differ']);
    const between = await signCheckpoint(log.headOf(16), log.log.signer);
    const gappy = await forge(log, sparse, { edit: lines('heads.jsonl', ([a, b, c]) => [a ?? '', b ?? '', head(between), c ?? '']) });
    expect(await codes(gappy)).toEqual(['head_not_reached', 'counts_differ']);
  });

  it('that are not signed as they must be', async () => {
    const eve = logKey();
    const forged = await signCheckpoint(log.headOf(log.size), eve.signer);
    expect(await withHeads(([a, b]) => [a ?? '', b ?? '', head(forged)])).toEqual(['head_not_genuine', 'entries_beyond_head']);
    const foreign = await signCheckpoint({ ...log.headOf(log.size), origin: 'other.test/log' }, log.log.signer);
    expect(await withHeads(([a, b]) => [a ?? '', b ?? '', head(foreign)])).toEqual(['head_of_other_log', 'entries_beyond_head']);
    expect(await withHeads(([a, b, c]) => [b ?? '', a ?? '', c ?? ''])).toEqual(['head_order']);
    expect(await withHeads((all) => all.map((line) => line.replace('"checkpoint"', '"Checkpoint"')).slice(0, 1))).toContain(
      'head_malformed',
    );
    expect(await withHeads(() => [])).toContain('no_head');
    expect(await withHeads((all) => all.map((line, i) => (i === 0 ? line.replace('\\n5\\n', '\\n6\\n') : line)))).toEqual([
      'head_not_genuine',
    ]);
  });

  it('under which a cosignature is not genuine', async () => {
    const [ann, eve] = [witnessKey('w.test/ann'), witnessKey('w.test/ann')];
    const cosigned = await testLog(story(), { witnesses: [{ key: ann.key, sign: eve.sign }], headsAt: [] });
    expect(await codes((await bundleOf(cosigned)).blob, [cosigned.log.key])).toEqual(['cosignature_not_genuine']);
  });
});

describe('entries', () => {
  it('that were reordered, repeated, left out or cut off', async () => {
    expect(await foundIn((all) => [...all.slice(0, 5), ...all.slice(5, 7).reverse(), ...all.slice(7)])).toEqual(
      expect.arrayContaining(['index_missing', 'index_repeated']),
    );
    expect(await foundIn((all) => [...all.slice(0, 6), ...all.slice(5)])).toEqual([
      'index_repeated',
      'ticks_repeated',
      'chain_broken',
      'counts_differ',
      'completeness_differs',
    ]);
    expect(await foundIn((all) => all.filter((_, i) => i !== 6))).toEqual(['index_missing', 'counts_differ', 'completeness_differs']);
    expect(await foundIn((all) => all.slice(0, 15))).toEqual(['entries_cut', 'counts_differ']);
    expect(await foundIn((all) => [...all, (all[3] ?? '').replace('"index":3', `"index":${log.size}`)])).toEqual(
      expect.arrayContaining(['entries_beyond_head']),
    );
    const cut = await forge(log, whole, {
      edit: (members) => members.set('entries.jsonl', (members.get('entries.jsonl') ?? utf8('')).slice(0, -30)),
    });
    expect(await codes(cut)).toEqual(expect.arrayContaining(['line_not_ended', 'entries_cut']));
    expect(await foundIn((all) => all.slice(1), sparse)).toEqual(['index_missing', 'counts_differ']);
  });

  it.each<[string, (all: string[]) => string[], string]>([
    ['a key twice', replaced(5, '"v":2', '"v":1,"v":2'), 'duplicate_key'],
    ['a number that loses precision', replaced(5, '"data.late",0', '"data.late",9007199254740993'), 'unsafe_number'],
    ['a number that loses its digits', replaced(5, '"data.late",0', '"data.late",0.30000000000000000001'), 'unsafe_number'],
    ['a number in another spelling', replaced(5, '"data.late",0', '"data.late",0e2'), 'not_canonical'],
    ['a space', replaced(5, '"v":2}', '"v":2 }'), 'not_canonical'],
    ['keys in another order', replaced(5, /"leaf":(\{[^}]*\}),"opening":(.*)\}$/, '"opening":$2,"leaf":$1}'), 'not_canonical'],
    ['half a character', replaced(5, '"session.segment"', '"session.\\ud800"'), 'lone_surrogate'],
    ['no JSON', replaced(5, '{', '<'), 'syntax'],
    ['another key', replaced(5, '"v":2}', '"v":2,"x":1}'), 'line_shape'],
    ['a key too many', replaced(5, /\}$/, ',"zebra":1}'), 'line_shape'],
    ['no object', () => ['7'], 'line_shape'],
    ['an index that is none', replaced(5, '"index":5', '"index":-5'), 'line_shape'],
    ['a leaf that is none', replaced(5, '"v":2', '"v":"2"'), 'line_shape'],
    ['a field that comes twice', replaced(5, /(\["[^"]*","clock",\d+\])/, '$1,$1'), 'field_repeated'],
    ['fields in another order', replaced(5, /(\["[^"]*","by.role","system"\]),(\["[^"]*","clock",\d+\])/, '$2,$1'), 'field_out_of_order'],
    ['an item that is none', replaced(5, /\["[^"]*","clock",\d+\]/, '["c2hvcnQ=","clock",1]'), 'opening_unreadable'],
    ['a field that says something else', replaced(5, /"clock",\d+/, '"clock",1'), 'fields_differ'],
    ['a field that was taken out', replaced(5, /\["[^"]*","clock",\d+\],/, ''), 'fields_differ'],
    ['a leaf that says something else', replaced(5, '"id":"0', '"id":"1'), 'root_differs'],
    ['a line without end', (all) => [...all.slice(0, 5), `"${'x'.repeat(2 ** 20)}"`, ...all.slice(6)], 'line_too_long'],
  ])('with %s', async (_, edit, code) => {
    expect((await foundIn(edit))[0]).toBe(code);
  });

  it('whose gaps are not what they must be', async () => {
    const gap = (all: string[]) => all.findIndex((line) => line.startsWith('{"from"'));
    expect(await foundIn((all) => replaced(gap(all), /"to":\d+/, '"to":3')(all), sparse)).toContain('wrong_nodes');
    expect(await foundIn((all) => replaced(gap(all), /"nodes":\["./, '"nodes":["_')(all), sparse)).toContain('line_shape');
    expect(await foundIn((all) => replaced(gap(all), /"nodes":\[".../, '"nodes":["AAA')(all), sparse)).toEqual(['root_differs']);
  });

  it('whose place in the file says where it is', async () => {
    const { findings } = await check(await forge(log, whole, { edit: lines('entries.jsonl', replaced(5, '"v":2', '"v":1,"v":2')) }), [
      log.log.key,
    ]);
    expect(findings.map(({ code }) => code)).toEqual(['duplicate_key', 'counts_differ', 'completeness_differs']);
    expect(findings[0]?.message).toMatch(/^entries.jsonl, line 6 \(where entry 5 was expected\): The key "v" occurs twice/);
  });
});

describe('fields that the leaf commits to, and that are not what its kind has', () => {
  const guilty = async (change: (data: Record<string, unknown>) => object, kind?: string) => {
    const made = story().slice(0, 3);
    const base = await testLog(made, { headsAt: [] });
    const { sealEntry } = await import('./sealed-entry.ts');
    const { LedgerEntry } = await import('@wheelhouse/protocol/ledger-entry');
    const valid = LedgerEntry.parse({
      v: 2,
      id: '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001',
      time: '2026-01-01T00:00:00.000Z',
      clock: 1,
      by: { kind: 'system', id: 'x', role: 'system' },
      kind: 'person.joined',
      data: { person: 'eve', role: 'operator', tenant: 'house' },
    });
    // A log's keeper who writes what no schema of ours would let through.
    Object.assign(valid, { data: change({ ...valid.data }), ...(kind === undefined ? {} : { kind }) });
    base.sealed.push(sealEntry(valid, (n) => new Uint8Array(n), sha256));
    const { leafHash, rootOfLeaves } = await import('./tree-hash.ts');
    const root = rootOfLeaves(
      base.sealed.map(({ leaf }) => leafHash(utf8(leaf), sha256)),
      sha256,
    );
    const head = await signCheckpoint({ size: 4, root, origin: base.log.key.name }, base.log.signer);
    const { blob } = await bundleOf({ ...base, size: 4, sizes: [4], heads: [head] });
    return (await check(blob, [base.log.key])).findings.map(({ code, severity }) => `${severity} ${code}`);
  };

  it('are named', async () => {
    expect(await guilty((data) => data)).toEqual([]);
    expect(await guilty((data) => ({ ...data, role: 'emperor' }))).toEqual(['fault field_invalid']);
    expect(await guilty((data) => ({ ...data, crown: 'gold' }))).toEqual(['fault field_unknown']);
    expect(await guilty(({ person }) => ({ person }))).toEqual(['fault field_missing']);
    expect(await guilty((data) => data, 'person.crowned')).toEqual(['note kind_unknown']);
  });
});

it('a bundle that claims more than it holds', async () => {
  const claims = async (claim: object) => codes(await forge(log, sparse, { claim: () => claim }));
  expect(await claims({ complete: true })).toEqual(['completeness_differs']);
  expect(await claims({ counts: { entries: 99, gaps: 1, heads: 3 } })).toEqual(['counts_differ']);
  expect(await claims({ tree: { size: 99, root: 'AAAA' } })).toEqual(['last_head_differs']);
  expect(await claims({ version: 2 })).toEqual(['manifest_malformed']);
  expect(await claims({ more: 1 })).toEqual(['manifest_malformed']);
  expect(entryLine(selected(log, 0))).toContain('"index":0');
});
