import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localMasterKey, MasterKeyError, readMasterKey } from './master-key.ts';

describe('a master key', () => {
  const master = localMasterKey(randomBytes(32));
  const key = randomBytes(32);

  it('wraps a key for one context, and never twice alike', () => {
    const wrapped = master.wrap(key, 'carol');
    expect(Buffer.from(master.unwrap(wrapped, 'carol'))).toEqual(key);
    expect(master.wrap(key, 'carol')).not.toEqual(wrapped);
    expect(Buffer.from(wrapped).includes(key)).toBe(false);
  });

  it.each(['another context', 'another master key', 'an altered byte', 'a cut end', 'nothing'])('refuses %s', (damage) => {
    const wrapped = master.wrap(key, 'carol');
    const other = localMasterKey(randomBytes(32));
    const altered = wrapped.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
    const attempts: Record<string, () => unknown> = {
      'another context': () => master.unwrap(wrapped, 'dave'),
      'another master key': () => other.unwrap(wrapped, 'carol'),
      'an altered byte': () => master.unwrap(altered, 'carol'),
      'a cut end': () => master.unwrap(wrapped.subarray(0, -1), 'carol'),
      nothing: () => master.unwrap(new Uint8Array(), 'carol'),
    };
    expect(attempts[damage]).toThrow(MasterKeyError);
  });
});

describe('the source of the master key', () => {
  let home: string;
  let folder: DataFolder;
  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-key-'));
    folder = DataFolder.take(path.join(home, 'data'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('is a file in the data folder, made once, for the owner alone', () => {
    const first = readMasterKey({ key: null, file: null }, folder, []);
    expect(readMasterKey({ key: null, file: null }, folder, [first.fingerprint]).fingerprint).toBe(first.fingerprint);
    expect(statSync(path.join(folder.path, 'keys/master.key')).mode & 0o777).toBe(0o600);
  });

  it('is the environment before a file, and a file before the data folder', () => {
    const [a, b] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const file = path.join(home, 'my.key');
    writeFileSync(file, `${b}\n`);
    const own = readMasterKey({ key: null, file: null }, folder, []).fingerprint;
    const fromFile = readMasterKey({ key: null, file }, folder, []).fingerprint;
    const fromVariable = readMasterKey({ key: a, file }, folder, []).fingerprint;
    expect(new Set([own, fromFile, fromVariable]).size).toBe(3);
    expect(fromVariable).toBe(localMasterKey(Buffer.from(a, 'base64')).fingerprint);
  });

  it('never gives another key than the known one', () => {
    const known = [localMasterKey(randomBytes(32)).fingerprint];
    expect(() => readMasterKey({ key: null, file: null }, folder, known)).toThrow(/master\.key is missing/);
    expect(folder.read('keys/master.key')).toBeNull();
    expect(() => readMasterKey({ key: randomBytes(32).toString('base64'), file: null }, folder, known)).toThrow(/is not the one/);
    expect(() => readMasterKey({ key: null, file: path.join(home, 'none') }, folder, [])).toThrow(/not there/);
  });

  it('is the next key where a crash came before that took the file’s place, and never where the database knows the file’s', () => {
    const settings = { key: null, file: null };
    const old = readMasterKey(settings, folder, []);
    const text = randomBytes(32).toString('base64');
    const next = localMasterKey(Buffer.from(text, 'base64'));
    folder.write('keys/master.key.next', `${text}\n`);
    expect(readMasterKey(settings, folder, [old.fingerprint]).fingerprint).toBe(old.fingerprint);
    expect(readMasterKey(settings, folder, [next.fingerprint]).fingerprint).toBe(next.fingerprint);
    expect(() => readMasterKey(settings, folder, [localMasterKey(randomBytes(32)).fingerprint])).toThrow(/is not the one/);
    folder.write('keys/master.key.next', text.slice(0, 20));
    expect(() => readMasterKey(settings, folder, [next.fingerprint])).toThrow(/is not the one/);
  });

  it.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), `${randomBytes(32).toString('base64')}x`])(
    'says that %j is none',
    (key) => {
      expect(() => readMasterKey({ key, file: null }, folder, [])).toThrow(/is not 32 bytes in base64/);
    },
  );
});
