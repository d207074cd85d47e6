import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localMasterKey, MasterKeyError } from './master-key.ts';
import { memoryKeyRecords } from './memory-key-records.ts';
import { openPiece, sealPiece } from './piece-seal.ts';
import { SealBrokenError, SubjectKeys } from './subject-keys.ts';
import { wordsVault } from './words-vault.ts';

const master = localMasterKey(randomBytes(32));
const open = (records = memoryKeyRecords(), key = master) => SubjectKeys.open(records, () => key);
const nothingElse = () => Promise.resolve();

describe('the keys of data subjects', () => {
  it('are made once for each, also when two ask at the same time', async () => {
    const records = memoryKeyRecords();
    const keys = await open(records);
    await Promise.all([keys.ensure(['carol', 'dave', 'carol']), keys.ensure(['carol'])]);
    expect([...records.rows.values()].map(({ subject }) => subject).sort()).toEqual(['carol', 'dave']);
    expect([...records.rows.keys()]).toContain(keys.livingId('carol'));
    expect(keys.livingId('erin')).toBeNull();
  });

  it('are those of the database when another node was faster', async () => {
    const records = memoryKeyRecords();
    const [here, there] = [await open(records), await open(records)];
    await there.ensure(['carol']);
    await here.ensure(['carol']);
    expect(here.livingId('carol')).toBe(there.livingId('carol'));
  });

  it('are not there when the database is away', async () => {
    const records = memoryKeyRecords();
    const keys = await open(records);
    records.away = true;
    await expect(keys.ensure(['carol'])).rejects.toThrow(/away/);
    expect(keys.livingId('carol')).toBeNull();
  });

  it('survive a restart, and do not open under another master key, fingerprint or not', async () => {
    const records = memoryKeyRecords();
    const keys = await open(records);
    await keys.ensure(['carol']);
    const sealed = wordsVault(keys).seal('carol', 'hello') ?? '';
    expect(wordsVault(await open(records)).open('carol', sealed)).toBe('hello');
    const other = localMasterKey(randomBytes(32));
    await expect(open(records, other)).rejects.toThrow(MasterKeyError);
    records.known.splice(0);
    await expect(open(records, other)).rejects.toThrow(MasterKeyError);
    expect(records.known).toEqual([]);
  });

  it('open nothing once they are destroyed, here and after a restart; who is asked again gets a new one', async () => {
    const records = memoryKeyRecords();
    const keys = await open(records);
    await keys.ensure(['carol', 'dave']);
    const vault = wordsVault(keys);
    const [carols, daves] = [vault.seal('carol', 'hello') ?? '', vault.seal('dave', 'hello') ?? ''];
    const id = keys.livingId('carol') ?? '';
    await keys.destroy('carol', nothingElse);
    expect(vault.open('carol', carols)).toBeNull();
    expect(vault.seal('carol', 'again')).toBeNull();
    expect(keys.canOpen(id)).toBe(false);
    expect(records.rows.get(id)).toMatchObject({ living: null, wrapped: new Uint8Array() });
    expect(vault.open('dave', daves)).toBe('hello');
    expect(wordsVault(await open(records)).open('carol', carols)).toBeNull();
    await vault.ensure(['carol']);
    expect(vault.open('carol', vault.seal('carol', 'again') ?? '')).toBe('again');
    expect(vault.open('carol', carols)).toBeNull();
  });

  it('stay when the database could not destroy them', async () => {
    const records = memoryKeyRecords();
    const keys = await open(records);
    await keys.ensure(['carol']);
    records.away = true;
    await expect(keys.destroy('carol', nothingElse)).rejects.toThrow(/away/);
    expect(keys.livingId('carol')).not.toBeNull();
  });
});

describe('sealed words', () => {
  it('open for their subject, whatever they are', async () => {
    const keys = await open();
    await keys.ensure(['carol']);
    const vault = wordsVault(keys);
    for (const plain of ['', 'ä€😀', 'x'.repeat(100_000)]) expect(vault.open('carol', vault.seal('carol', plain) ?? '')).toBe(plain);
    expect(vault.seal('carol', 'a')).not.toBe(vault.seal('carol', 'a'));
  });

  it('are found out when any byte of them was altered, or when they are told to be somebody else’s', async () => {
    const keys = await open();
    await keys.ensure(['carol', 'dave']);
    const vault = wordsVault(keys);
    const sealed = Buffer.from(vault.seal('carol', 'hello') ?? '', 'base64');
    for (let at = 16; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      expect(() => vault.open('carol', altered.toString('base64')), `byte ${at}`).toThrow(SealBrokenError);
    }
    expect(() => vault.open('dave', sealed.toString('base64'))).toThrow(SealBrokenError);
    expect(() => vault.open('carol', sealed.subarray(0, 30).toString('base64'))).toThrow(SealBrokenError);
    // Another key's name leads to no key, or to one that does not open it.
    expect(vault.open('carol', Buffer.alloc(60).toString('base64'))).toBeNull();
  });
});

describe('a sealed piece', () => {
  const plain = {
    session: '7e0c5a0e-51a4-4e6d-9d3c-0d7e2c0b8a11',
    subject: 'carol',
    what: 'audio-in',
    fromMs: 0,
    toMs: 5000,
    retention: 'regulated',
    bytes: Buffer.alloc(160_000),
  } as const;
  const now = new Date('2026-11-23T00:00:00.000Z');

  it('opens where it belongs, and nowhere else', async () => {
    const keys = await open();
    await keys.ensure(['carol', 'dave']);
    const sealed = sealPiece(keys, plain, now);
    if (sealed === null) throw new Error('not sealed');
    const stored = { ...sealed, gone: null };
    expect(openPiece(keys, stored, sealed.sealed)).toEqual(Buffer.alloc(160_000));
    expect(sealed.retainUntil.toISOString()).toBe('2027-05-26T00:00:00.000Z');
    const elsewhere = [
      { session: 'another' },
      { fromMs: 5000 },
      { toMs: 10_000 },
      { what: 'audio-out' },
      { subject: 'dave' },
      { id: 'x' },
      { digest: 'x' },
    ];
    for (const moved of elsewhere) expect(() => openPiece(keys, { ...stored, ...moved }, sealed.sealed)).toThrow(SealBrokenError);
    await keys.destroy('carol', nothingElse);
    expect(openPiece(keys, stored, sealed.sealed)).toBeNull();
    expect(sealPiece(keys, plain, now)).toBeNull();
  });

  it('has a digest that says nothing of what is in it: the same silence twice has two', async () => {
    const keys = await open();
    await keys.ensure(['carol']);
    expect(sealPiece(keys, plain, now)?.digest).not.toBe(sealPiece(keys, plain, now)?.digest);
  });
});
