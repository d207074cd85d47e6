import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Approval } from '../charter/act-port.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { SYSTEM } from '../ledger/new-entry.ts';
import { readMasterKey } from './master-key.ts';
import { MasterKeyFile } from './master-key-file.ts';
import { MasterKeyRotation } from './master-key-rotation.ts';
import { memoryKeyRecords } from './memory-key-records.ts';
import { SubjectKeys } from './subject-keys.ts';
import { wordsVault } from './words-vault.ts';

const SETTINGS = { key: null, file: null };
const NEXT = 'keys/master.key.next';

describe('the rotation of the master key', () => {
  let home: string;
  let folder: DataFolder;
  let records: ReturnType<typeof memoryKeyRecords>;
  let recorded: string[];
  let sound: boolean;

  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-rotation-'));
    folder = DataFolder.take(path.join(home, 'data'));
    records = memoryKeyRecords();
    recorded = [];
    sound = true;
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  /** The server's start: the keys, then the ledger, then what is left of a rotation. */
  async function start(settings: Parameters<typeof readMasterKey>[0] = SETTINGS) {
    const keys = await SubjectKeys.open(records, (known) => readMasterKey(settings, folder, known));
    const file = new MasterKeyFile(settings, folder);
    const record = { isSound: () => sound, names: (fingerprint: string) => Promise.resolve(recorded.includes(fingerprint)) };
    const rotation = new MasterKeyRotation({ keys, file, record, log: pino({ level: 'silent' }), againMs: 5 });
    await rotation.resume();
    return { keys, rotation, vault: wordsVault(keys) };
  }

  const approval = (record: (entry: LedgerEntry) => Promise<number>): Approval => ({
    ...{ proposal: randomUUID(), proposer: SYSTEM, by: SYSTEM, reason: 'a test', cause: randomUUID(), at: Date.now(), record },
  });
  const take = (entry: LedgerEntry): Promise<number> => {
    if (entry.kind === 'key.rotated') recorded.push(entry.data.fingerprint);
    return Promise.resolve(recorded.length - 1);
  };
  /** A server with a key and something sealed under it. */
  async function begun() {
    const scene = await start();
    await scene.keys.ensure(['carol', 'dave']);
    return { ...scene, sealed: scene.vault.seal('carol', 'hello') ?? '' };
  }
  const inFile = () => readMasterKey(SETTINGS, folder, []).fingerprint;
  const done = (fingerprint: string) =>
    vi.waitFor(() => {
      expect([folder.read(NEXT), inFile()]).toEqual([null, fingerprint]);
    });

  it('makes a key, has it recorded, wraps with it, and puts its file in the place of the old one', async () => {
    const { keys, rotation, vault, sealed } = await begun();
    const old = keys.masterFingerprint;
    await rotation.rotate(
      approval((entry) => {
        // When it is recorded it is in its file, and nothing has taken effect.
        expect(entry).toMatchObject({
          kind: 'key.rotated',
          data: { key: 'master', fingerprint: new MasterKeyFile(SETTINGS, folder).next()?.fingerprint },
        });
        expect([inFile(), keys.masterFingerprint, ...records.known]).toEqual([old, old, old]);
        return take(entry);
      }),
    );
    const [next = ''] = recorded;
    expect(next).not.toBe(old);
    expect(rotation.fingerprint).toBe(next);
    await done(next);
    expect([rotation.fingerprint, keys.masterFingerprint, ...records.known]).toEqual([next, next, next]);
    expect(vault.open('carol', sealed)).toBe('hello');
    expect((await start()).vault.open('carol', sealed)).toBe('hello');
  });

  it('changes nothing when it can’t be recorded, when a key was altered, or when the key is not in its hands', async () => {
    const { keys, rotation, vault } = await begun();
    const old = keys.masterFingerprint;
    const away = () => Promise.reject(new LedgerUnavailableError('away'));
    await expect(rotation.rotate(approval(away))).rejects.toThrow(/away/);
    expect([folder.read(NEXT), inFile(), rotation.fingerprint]).toEqual([null, old, old]);
    const text = folder.read('keys/master.key')?.trim() ?? '';
    const elsewhere = await start({ key: text, file: null });
    await expect(elsewhere.rotation.rotate(approval(take))).rejects.toThrow(/comes from WHEELHOUSE_MASTER_KEY,/);
    const [row] = records.rows.values();
    if (row === undefined) throw new Error('there is no key');
    records.rows.set(row.id, { ...row, wrapped: row.wrapped.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) });
    for (const attempt of [rotation.requireWhole(), rotation.rotate(approval(take))])
      await expect(attempt).rejects.toThrow(/was altered.*Put it back/);
    expect([folder.read(NEXT), inFile(), rotation.fingerprint, ...recorded]).toEqual([null, old, old]);
    expect(vault.seal('dave', 'on it goes')).not.toBeNull();
  });

  it('goes on until it is done while the database is away, and takes no other meanwhile', async () => {
    const { keys, rotation, vault, sealed } = await begun();
    const old = keys.masterFingerprint;
    await rotation.rotate(
      approval((entry) => {
        records.away = true;
        return take(entry);
      }),
    );
    await expect(rotation.rotate(approval(take))).rejects.toThrow(/being carried out/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([keys.masterFingerprint, inFile()]).toEqual([old, old]);
    expect(vault.open('carol', sealed)).toBe('hello');
    records.away = false;
    records.answerLost = true;
    await done(recorded[0] ?? '');
    await keys.ensure(['erin']);
    expect((await start()).vault.open('carol', sealed)).toBe('hello');
  });

  describe('that a crash has interrupted', () => {
    /** What is on the disk when the server ends in the middle: the next key in its file, and maybe what follows. */
    async function crashed(upTo: 'made' | 'recorded' | 'wrapped') {
      const scene = await begun();
      const next = await new MasterKeyFile(SETTINGS, folder).makeNext();
      if (upTo !== 'made') recorded.push(next.fingerprint);
      if (upTo === 'wrapped') await scene.keys.rotate(next);
      return { sealed: scene.sealed, old: inFile(), next: next.fingerprint };
    }

    it('before it was recorded is taken back at the next start', async () => {
      const { sealed, old } = await crashed('made');
      const { vault, rotation } = await start();
      expect([folder.read(NEXT), inFile(), rotation.fingerprint, ...records.known]).toEqual([null, old, old, old]);
      expect(vault.open('carol', sealed)).toBe('hello');
    });

    it.each(['recorded', 'wrapped'] as const)('after it was %s is completed at the next start', async (upTo) => {
      const { sealed, next } = await crashed(upTo);
      const { vault, rotation } = await start();
      expect(rotation.fingerprint).toBe(next);
      await done(next);
      expect(records.known).toEqual([next]);
      expect(vault.open('carol', sealed)).toBe('hello');
      expect((await start()).vault.open('carol', sealed)).toBe('hello');
    });

    it('is left as it is while the ledger is not what was signed', async () => {
      const { sealed, old } = await crashed('recorded');
      sound = false;
      const first = await start();
      expect([inFile(), first.rotation.fingerprint]).toEqual([old, old]);
      expect(first.vault.open('carol', sealed)).toBe('hello');
      sound = true;
      await start();
      await done(recorded[0] ?? '');
    });

    it('waits where the master key has been moved to a setting meanwhile', async () => {
      const { sealed, old } = await crashed('recorded');
      const moved = { key: folder.read('keys/master.key')?.trim() ?? '', file: null };
      expect((await start(moved)).vault.open('carol', sealed)).toBe('hello');
      expect(records.known).toEqual([old]);
    });
  });
});
