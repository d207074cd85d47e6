import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import pg from 'pg';
import { memoryKeyRecords } from '../../apps/api/src/content/memory-key-records.ts';
import { localMasterKey } from '../../apps/api/src/content/master-key.ts';
import { SubjectKeys } from '../../apps/api/src/content/subject-keys.ts';
import { wordsVault } from '../../apps/api/src/content/words-vault.ts';
import { migrate } from '../../apps/api/src/database/migrations.ts';
import { EntrySealer } from '../../apps/api/src/ledger/entry-sealer.ts';
import { emptyTree } from '../../apps/api/src/ledger/growing-tree.ts';
import { LedgerStore } from '../../apps/api/src/ledger/ledger-store.ts';
import { LedgerWriter } from '../../apps/api/src/ledger/ledger-writer.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');

/** A PostgreSQL of the bench's own, as the installation's is: same binaries, same settings, same durability. */
export class BenchDatabase {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-bench-ledger-'));
  readonly #postgres: EmbeddedPostgres;

  private constructor() {
    chmodSync(this.folder, 0o711);
    this.#postgres = new EmbeddedPostgres({
      folder: path.join(this.folder, 'postgres'),
      port: 0,
      password: 'only-for-this-bench',
      onLog: () => undefined,
    });
  }

  static async start(): Promise<BenchDatabase> {
    const database = new BenchDatabase();
    await database.#postgres.start();
    const client = await database.client();
    await migrate(client, MIGRATIONS);
    await client.end();
    return database;
  }

  get url(): string {
    return this.#postgres.url;
  }

  async client(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    return client;
  }

  pool(): pg.Pool {
    const pool = new pg.Pool({ connectionString: this.url, max: 4 });
    // When the bench breaks, its own error is what counts, not that the database is stopped under an idle connection.
    pool.on('error', () => undefined);
    return pool;
  }

  async remove(): Promise<void> {
    await this.#postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The ledger's writer on that database, with the real sealer and vault. */
export async function benchWriter(pool: pg.Pool): Promise<LedgerWriter> {
  const keys = await SubjectKeys.open(memoryKeyRecords(), () => localMasterKey(randomBytes(32)));
  const sealer = new EntrySealer(wordsVault(keys));
  return new LedgerWriter({ store: new LedgerStore(pool), sealer }, emptyTree, {
    now: () => performance.now(),
    onTrouble: () => undefined,
  });
}

const SESSION = randomUUID();
/** Made before: fresh randomness for each would be measured along with the ledger. */
const HASHES = Array.from({ length: 997 }, () => randomBytes(32).toString('base64'));

/** What a server writes most: nine seconds of ticks, and one act of a person with a reason. */
export function sampleEntry(i: number): LedgerEntry {
  const envelope = { v: 2, id: randomUUID(), time: new Date().toISOString(), clock: i } as const;
  if (i % 10 === 9) {
    return {
      ...envelope,
      by: { kind: 'person', id: `person-${i % 7}`, role: 'operator' },
      policy: 'built-in/1',
      charter: 'two-people/1',
      kind: 'release.asked',
      data: { release: randomUUID(), latch: randomUUID(), reason: 'it was a false alarm, the caller is fine' },
    };
  }
  const fromTick = i * 5;
  const hash = (n: number) => HASHES[(i * 7 + n) % HASHES.length] ?? '';
  return {
    ...envelope,
    by: { kind: 'system', id: 'wheelhouse', role: 'system' },
    kind: 'session.segment',
    data: {
      session: SESSION,
      fromTick,
      toTick: fromTick + 4,
      previous: hash(0),
      ticks: [hash(1), hash(2), hash(3), hash(4), hash(5)],
      head: hash(6),
      out: { first: i, last: i + 5 },
      withheld: 0,
      late: 0,
    },
  };
}
