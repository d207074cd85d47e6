import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import { newEd25519Key, sha256 } from '@wheelhouse/installation/node-crypto';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { concatBytes, utf8 } from '@wheelhouse/ledger/bytes';
import { signCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { append, emptyRange, rootOf } from '@wheelhouse/ledger/compact-range';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { formatVerifierKey, noteKey } from '@wheelhouse/ledger/note-key';
import { openingOf, sealEntry } from '@wheelhouse/ledger/sealed-entry';
import { personOf, subjectOf } from '@wheelhouse/ledger/subject';
import { chainStep, genesisHead } from '@wheelhouse/ledger/tick-chain';
import { classOf } from '@wheelhouse/protocol/field-class';
import type { Actor } from '@wheelhouse/protocol/identity';
import { ENTRY_VERSION, LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import pg from 'pg';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../../../prisma/migrations');
const PASSWORD = 'only-for-this-test';
const START = Date.parse('2026-01-01T00:00:00.000Z');

export const ANN: Actor = { kind: 'person', id: 'ann', role: 'operator' };
export const BOB: Actor = { kind: 'person', id: 'bob', role: 'administrator' };
export const KEY: Actor = { kind: 'key', id: 'key-of-ann', role: 'operator', person: 'ann' };
const SYSTEM: Actor = { kind: 'system', id: 'wheelhouse', role: 'system' };

/** A key as an installation has it. */
export function testKey(origin = 'wheelhouse.test/verify') {
  const pair = newEd25519Key();
  const key = noteKey(origin, pair.publicKey, sha256);
  return { key, origin, signer: { name: key.name, keyId: key.keyId, sign: pair.sign }, text: formatVerifierKey(key) };
}

/** The data folder of an installation with its built-in PostgreSQL, in the system's folder for temporary files. */
export class TestInstallation {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-verify-'));
  readonly identity = testKey();
  #postgres: EmbeddedPostgres;

  constructor() {
    // Rather than the 0700 of mkdtemp: as root, PostgreSQL runs as another user and has to reach its own folder below.
    chmodSync(this.folder, 0o711);
    mkdirSync(path.join(this.folder, 'ledger'));
    this.write('secrets.json', JSON.stringify({ database: PASSWORD, auth: 'x'.repeat(40) }));
    this.write('ledger/verifier-key.txt', `${this.identity.text}\n`);
    this.#postgres = this.#makePostgres();
  }

  #makePostgres(): EmbeddedPostgres {
    return new EmbeddedPostgres({ folder: path.join(this.folder, 'postgres'), port: 0, password: PASSWORD, onLog: () => undefined });
  }

  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text);
  }

  async start(): Promise<void> {
    this.#postgres = this.#makePostgres();
    await this.#postgres.start();
  }

  stop(): Promise<void> {
    return this.#postgres.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  url(database = 'postgres'): string {
    return this.#postgres.url.replace(/\/postgres$/, `/${database}`);
  }

  async client(database = 'postgres'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    return client;
  }

  /** A copy of the log to tamper with. */
  async copy(): Promise<pg.Client> {
    const name = `copy_${randomUUID().replaceAll('-', '')}`;
    const client = await this.client('template1');
    await client.query(`CREATE DATABASE ${name} TEMPLATE postgres`);
    await client.end();
    return this.client(name);
  }
}

export async function migrate(client: pg.Client): Promise<void> {
  const names = readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  for (const name of names) await client.query(readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8'));
}

type EntryData<K extends LedgerEntry['kind']> = Extract<LedgerEntry, { kind: K }>['data'];

/** Writes a log as the server does: entries, tiles, signed heads. A second of the log's time passes with each entry. */
export class TestLog {
  readonly #client: pg.Client;
  readonly #identity: ReturnType<typeof testKey>;
  readonly #edge: Uint8Array[][] = [];
  #range = emptyRange();
  checkpoint = '';

  constructor(client: pg.Client, identity: ReturnType<typeof testKey>) {
    this.#client = client;
    this.#identity = identity;
  }

  get size(): number {
    return this.#range.size;
  }

  async add<K extends LedgerEntry['kind']>(kind: K, data: EntryData<K>, by: Actor = SYSTEM): Promise<number> {
    const index = this.size;
    const time = new Date(START + index * 1000).toISOString();
    const entry = LedgerEntry.parse({ v: ENTRY_VERSION, id: randomUUID(), time, clock: index, by, kind, data });
    const { leaf: body, fields } = sealEntry(entry, randomBytes, sha256);
    const leaf = entryLeafHash(utf8(body), sha256);
    const sql =
      'INSERT INTO ledger_entry (index, id, kind, subject, body, leaf_hash, opening, at, person) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)';
    // What people typed stands in the server's database encrypted, and to whoever reads it there as a commitment only.
    const opening = openingOf(fields, (field) => by.kind === 'system' || classOf(field) !== 'words');
    await this.#client.query(sql, [index, entry.id, entry.kind, subjectOf(entry), body, leaf, opening, time, personOf(entry)]);
    const full: { level: number; index: number; hashes: Uint8Array }[] = [];
    this.#range = append(this.#range, leaf, sha256, (node, hash) => {
      if (node.level % 8 !== 0) return;
      const edge = (this.#edge[node.level / 8] ??= []);
      if (edge.push(hash) === 256)
        full.push({ level: node.level / 8, index: Math.floor(node.index / 256), hashes: concatBytes(edge.splice(0)) });
    });
    for (const tile of full) {
      await this.#client.query('INSERT INTO ledger_tile (level, index, hashes) VALUES ($1, $2, $3)', [tile.level, tile.index, tile.hashes]);
    }
    return index;
  }

  async sign(): Promise<void> {
    const head = { size: this.size, root: rootOf(this.#range, sha256) };
    this.checkpoint = await signCheckpoint({ ...head, origin: this.#identity.origin }, this.#identity.signer);
    await this.#client.query('INSERT INTO ledger_head (size, root, checkpoint, signed_at) VALUES ($1, $2, $3, now())', [
      head.size,
      head.root,
      this.checkpoint,
    ]);
  }
}

/** The ticks of a session, as the stream thread evidences them. */
export class TestTicks {
  readonly #log: TestLog;
  readonly #session: string;
  #head: Uint8Array;
  #next = 0;
  #out = 0;

  constructor(log: TestLog, session: string) {
    this.#log = log;
    this.#session = session;
    this.#head = genesisHead(session, sha256);
  }

  get at(): { readonly fromTick: number; readonly previous: string } {
    return { fromTick: this.#next, previous: toBase64(this.#head) };
  }

  segment(left: number): Promise<number> {
    const { fromTick, previous } = this.at;
    const ticks = Array.from({ length: 5 }, (_, i) => sha256(Buffer.from(`${this.#session} ${fromTick + i}`)));
    this.#head = ticks.reduce((head, tick) => chainStep(head, tick, sha256), this.#head);
    this.#next += 5;
    const out = { first: this.#out, last: this.#out + left };
    this.#out += left;
    const data = {
      session: this.#session,
      fromTick,
      toTick: fromTick + 4,
      previous,
      ticks: ticks.map(toBase64),
      head: toBase64(this.#head),
      out,
      withheld: 0,
      late: 0,
    };
    return this.#log.add('session.segment', data);
  }
}
