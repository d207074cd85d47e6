import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { localMasterKey, type MasterKey } from '../../apps/api/src/content/master-key.ts';
import type { Chamber } from './chamber.ts';
import { found } from './export-story.ts';
import { until } from './until.ts';

/** The master key of a server: its files, and what the database and the ledger say of it. */
export class MasterKeyScene {
  readonly #chamber: Chamber;

  constructor(chamber: Chamber) {
    this.#chamber = chamber;
  }

  path(name: 'master.key' | 'master.key.next'): string {
    return path.join(this.#chamber.server.dataFolder, 'keys', name);
  }

  /** The key in one of the files. */
  key(name: Parameters<MasterKeyScene['path']>[0]): MasterKey {
    return localMasterKey(Buffer.from(readFileSync(this.path(name), 'utf8').trim(), 'base64'));
  }

  /** The key that the server has. */
  inFile(): MasterKey {
    return this.key('master.key');
  }

  /** Fingerprints that the ledger names, the latest first. */
  async inLedger(): Promise<unknown[]> {
    return (await found(this.#chamber.person(0).api, { kind: 'key.rotated' })).map(({ fields }) => fields['data.fingerprint']);
  }

  async inDatabase(): Promise<unknown[]> {
    return (await this.#chamber.database.query('SELECT fingerprint FROM master_key')).map(({ fingerprint }) => fingerprint);
  }

  /** Waits until a rotation is done to the end: file, database and ledger name one key, which is not `before`, and nothing is left over. */
  async rotated(before: MasterKey): Promise<MasterKey> {
    await until('the rotation', () => !existsSync(this.path('master.key.next')) && this.inFile().fingerprint !== before.fingerprint);
    const now = this.inFile();
    expect(await this.inDatabase()).toEqual([now.fingerprint]);
    expect((await this.inLedger())[0]).toBe(now.fingerprint);
    return now;
  }

  /** How many of the living keys in the database a master key opens, and how many there are. */
  async opened(master: MasterKey): Promise<[opened: number, all: number]> {
    const rows = await this.#chamber.database.query('SELECT id, subject, wrapped FROM subject_key WHERE destroyed_at IS NULL');
    const opened = rows.filter(({ id, subject, wrapped }) => {
      try {
        if (!Buffer.isBuffer(wrapped)) throw new Error('the column has bytes');
        return master.unwrap(wrapped, `subject key ${String(id)} of ${String(subject)}`).length === 32;
      } catch {
        return false;
      }
    });
    return [opened.length, rows.length];
  }
}
