import { newEd25519Key, sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { openAudit } from '@wheelhouse/ledger/audit';
import { openCheckpoint, signCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { append, emptyRange, rootOf } from '@wheelhouse/ledger/compact-range';
import { cosign, cosignerKey, formatCosignerKey } from '@wheelhouse/ledger/cosignature';
import { formatNote, parseNote } from '@wheelhouse/ledger/signed-note';
import { leafHash } from '@wheelhouse/ledger/tree-hash';
import { describe, expect, it } from 'vitest';
import { checkCosigned } from './cosigned-check.ts';
import { FindingsBook } from './findings-book.ts';
import { readWitnessKeys } from './log-source.ts';
import { testKey } from './test-log.ts';

const TIME = Date.parse('2026-01-02T03:04:05.000Z') / 1000;
const entries = [0, 1, 2, 3, 4].map((n) => new Uint8Array(Buffer.from(`{"n":${n}}`)));
const headOf = (some: readonly Uint8Array[]) => ({
  size: some.length,
  root: rootOf(
    some.reduce((range, entry) => append(range, leafHash(entry, sha256), sha256), emptyRange()),
    sha256,
  ),
});
const log = testKey();
const witness = (name: string) => {
  const pair = newEd25519Key();
  return { key: cosignerKey(name, pair.publicKey, sha256), sign: pair.sign };
};
const [ann, bob] = [witness('witness.test/ann'), witness('witness.test/bob')];

async function cosigned(
  by: readonly ReturnType<typeof witness>[],
  options: { head?: ReturnType<typeof headOf>; time?: number } = {},
): Promise<string> {
  const note = parseNote(await signCheckpoint({ ...(options.head ?? headOf(entries)), origin: log.origin }, log.signer));
  if (!note.ok) throw new Error(note.message);
  const lines = by.map((each) => cosign(note.value.text, options.time ?? TIME, each));
  return formatNote({ text: note.value.text, signatures: [...note.value.signatures, ...lines] });
}

async function check(checkpoint: string | null, witnesses = [ann.key, bob.key]) {
  const book = new FindingsBook();
  const audit = openAudit({ sha256 });
  const report = await checkCosigned({ cosigned: { checkpoint, witnesses }, key: log.key, audit, book, now: new Date((TIME + 60) * 1000) });
  for (const [index, bytes] of entries.entries()) audit.entry({ index, bytes });
  return { report, codes: [...book.summary().findings, ...audit.finish().findings].map(({ code }) => code), faults: book.summary().faults };
}

describe('the cosigned checkpoint', () => {
  it('says which witness vouches for how much, and as of when', async () => {
    const time = '2026-01-02T03:04:05.000Z';
    const { report, codes } = await check(await cosigned([ann, bob]));
    expect(report).toEqual({
      size: 5,
      witnesses: [
        { name: ann.key.name, time },
        { name: bob.key.name, time },
      ],
      unchecked: [],
    });
    expect(codes).toEqual([]);
  });

  it('names signers that it could not check, and witnesses that have not signed', async () => {
    const { report, codes, faults } = await check(await cosigned([bob]), [ann.key]);
    expect(report?.witnesses).toEqual([]);
    expect(report?.unchecked[0]).toMatch(/^witness\.test\/bob\+[0-9a-f]{8}$/);
    expect([codes, faults]).toEqual([['cosignature_missing'], 0]);
    expect((await check(null)).codes).toEqual(['cosigned_checkpoint_missing']);
    expect((await check(null, [])).codes).toEqual([]);
    expect((await check(await cosigned([ann, bob], { time: TIME + 9999 }))).codes).toEqual([
      'cosignature_in_future',
      'cosignature_in_future',
    ]);
  });

  it('finds a forged cosignature, another log, and entries that are not those that were cosigned', async () => {
    const text = await cosigned([ann, bob]);
    const forged = await cosigned([{ ...ann, sign: bob.sign }, bob]);
    expect(await check(forged)).toMatchObject({
      codes: ['cosignature_not_genuine'],
      faults: 1,
      report: { witnesses: [{ name: bob.key.name }] },
    });
    expect(await check(text.replace('\n5\n', '\n6\n'))).toMatchObject({ report: null, codes: ['cosigned_not_genuine'] });
    const other = headOf([...entries.slice(0, 3), new Uint8Array(Buffer.from('{}')), ...entries.slice(4)]);
    expect((await check(await cosigned([ann, bob], { head: other }))).codes).toEqual(['root_differs']);
    const longer = headOf([...entries, ...entries]);
    expect((await check(await cosigned([ann, bob], { head: longer }))).codes).toEqual(['head_not_reached']);
    expect((await openCheckpoint(text, { origin: log.origin, keys: [log.key] }, verifyEd25519)).ok).toBe(true);
  });

  it('takes keys as the server does, and refuses others', () => {
    const settings = { dataFolder: '', databaseUrl: null, apiKey: null, witnesses: `${formatCosignerKey(ann.key)}@http://localhost:1` };
    expect(readWitnessKeys(settings, [])).toEqual([ann.key]);
    expect(readWitnessKeys(settings, [`${formatCosignerKey(bob.key)},${formatCosignerKey(ann.key)}`])).toEqual([bob.key, ann.key]);
    expect(readWitnessKeys({ ...settings, witnesses: null }, [])).toEqual([]);
    expect(() => readWitnessKeys(settings, [log.text])).toThrow(/not the key of a witness/);
  });
});
