import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { hashFromBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { leafHash } from '@wheelhouse/ledger/tree-hash';
import { verifyConsistency, verifyInclusion } from '@wheelhouse/ledger/verify-proof';
import { StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { pageOf } from '@wheelhouse/protocol/page';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { found } from '../harness/export-story.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const COLUMNS = { ledger_entry: 'body', ledger_tile: 'hashes', ledger_head: 'checkpoint', ledger_cosigned_head: 'checkpoint' };
const TABLES = Object.entries(COLUMNS);

describe('law 6: nothing is forgotten, nothing is rewritten', () => {
  let server: TestServer;
  let database: TestDatabase;
  let ada: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    database = new TestDatabase(server);
    ada = await server.firstOperator();
  });
  afterAll(() => server.dispose());

  const order = () => ada.api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'x', reason: '' });
  const hashes = (texts: readonly string[]) => texts.map((text) => hashFromBase64(text) ?? new Uint8Array());

  /** The latest head, its signature checked with the log's key. */
  async function head() {
    const key = parseVerifierKey((await ada.api.ledgerKey()).trim(), sha256);
    if (!key.ok) throw new Error(key.message);
    const opened = await openCheckpoint(await ada.api.checkpoint(), { origin: key.value.name, keys: [key.value] }, verifyEd25519);
    if (!opened.ok) throw new Error(opened.message);
    return opened.value.checkpoint;
  }
  const headOver = (entry: number) => until(`a head over entry ${entry}`, async () => ((await head()).size > entry ? head() : null));
  const stored = (id: string) => until('the order to be stored', async () => (await ada.api.orderRecord(id)).entry);

  it.each(TABLES)('lets nobody change, delete or empty %s, not even its owner', async (table, column) => {
    for (const sql of [
      `UPDATE ${table} SET ${column} = ${column}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `TRUNCATE ${table} CASCADE`,
    ]) {
      await expect(database.query(sql), sql).rejects.toThrow('append-only');
      await expect(database.query(`SET session_replication_role = replica; ${sql}`), sql).rejects.toThrow('append-only');
    }
  });

  it('numbers orders without a gap, whoever gives them at once, and proves each to be in the tree', async () => {
    const acks = await Promise.all(Array.from({ length: 25 }, order));
    expect(acks.map(({ number }) => number).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    for (const ack of acks.slice(0, 5)) {
      const index = await stored(ack.order);
      const { root, size } = await headOver(index);
      const { body, leafHash: claimed, opening } = await ada.api.entry(index);
      const leaf = leafHash(utf8(body), sha256);
      expect(hashFromBase64(claimed)).toEqual(new Uint8Array(leaf));
      expect(opening).toContain(ack.order);
      const proof = await ada.api.inclusion(index, size);
      expect(verifyInclusion({ index, leafHash: leaf, proof: hashes(proof.hashes) }, { size, root }, sha256)).toEqual({ ok: true });
    }
  });

  it('has a tree that only grew, across a clean restart and a power cut', async () => {
    for (const end of ['stop', 'kill'] as const) {
      await stored((await order()).order);
      const before = await head();
      await server[end]();
      await server.run();
      const after = await headOver(before.size);
      const proof = await ada.api.consistency(before.size, after.size);
      expect(verifyConsistency({ first: before, second: after, proof: hashes(proof.hashes) }, sha256)).toEqual({ ok: true });
    }
  });

  it.each(TABLES)('gives the role of the server itself no right to change %s, nor to lift what keeps it', async (table, column) => {
    for (const sql of [
      `UPDATE ${table} SET ${column} = ${column}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `DROP TABLE ${table}`,
      `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
      `DROP TRIGGER ${table}_append_only ON ${table}`,
      `CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
      `CREATE RULE harmless AS ON INSERT TO ${table} DO INSTEAD NOTHING`,
      'SET session_replication_role = replica',
      'SET ROLE wheelhouse',
      'ALTER ROLE wheelhouse_app SUPERUSER',
    ]) {
      await expect(database.query(sql, [], 'server'), sql).rejects.toThrow(/permission denied|must be owner|must be member/);
    }
  });

  const untied = (sql: string) =>
    database.alone((run) =>
      run(
        `ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only; ${sql}; ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_append_only`,
      ),
    );
  const KEEP = 'DROP TABLE IF EXISTS saved; CREATE TABLE saved AS SELECT * FROM ledger_entry';
  const PUT_BACK = 'DELETE FROM ledger_entry; INSERT INTO ledger_entry SELECT * FROM saved';

  /** Reads go on, restrictive orders take effect and are kept, nothing else goes, and everybody is told where it differs. */
  async function readsOnly(where: RegExp): Promise<string> {
    const line = await OperatorLine.open(server.url, { cookie: ada.cookie });
    const { data } = await line.next('alarm', (event) => event.data.code === 'ledger_altered');
    line.close();
    expect(data.message).toMatch(where);
    expect((await ada.api.entry(0)).index).toBe(0);
    await until('the leases to end', async () => (await fetch(`${server.url}/health/ready`)).status === 503);
    await expect(ada.api.openSession({ deployment: 'echo' })).rejects.toMatchObject({
      problem: { code: 'ledger_unavailable', status: 503 },
    });
    const { order: id } = await ada.api.order({ id: randomUUID(), kind: 'mute', scope: { type: 'everything' }, reason: 'while read only' });
    await expect(ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: id, reason: 'x' })).rejects.toMatchObject({
      problem: { code: 'ledger_unavailable' },
    });
    return id;
  }

  /** The entries that pages and searches show without a field: those that were altered, which hide none of those around them. */
  async function marked(): Promise<number[]> {
    const page = await fetch(`${server.url}/v1/ledger/entries?limit=1000`, { headers: { cookie: ada.cookie } });
    expect(page.status).toBe(200);
    const { items } = pageOf(StoredEntry).parse(await page.json());
    const bare = items.filter(({ opening }) => opening === '[]').map(({ index }) => index);
    const all = (await found(ada.api, {})).reverse();
    expect(all.map(({ index }) => index)).toEqual(items.map(({ index }) => index));
    const without = all.filter(({ fields, withheld }) => Object.keys(fields).length + withheld === 0);
    expect(without.map(({ index }) => index)).toEqual(bare);
    for (const index of bare) expect((await ada.api.entry(index)).opening).toBe('[]');
    return bare;
  }

  it.each([
    [
      'an order is made to look like something else',
      "UPDATE ledger_entry SET kind = 'server.stopped' WHERE kind = 'order.given' AND index < 20",
      /Entry \d+: the column kind was changed/,
      false,
    ],
    [
      'an entry is rewritten with its hash',
      `UPDATE ledger_entry SET body = body || ' ', leaf_hash = sha256('\\x00'::bytea || convert_to(body || ' ', 'UTF8')) WHERE index = 2`,
      /Entry 2: |not those whose head was signed/,
      true,
    ],
    [
      'a field is rewritten',
      `UPDATE ledger_entry SET opening = replace(opening, '"mute"', '"hold"') WHERE opening LIKE '%"mute"%'`,
      /Entry \d+: /,
      true,
    ],
    ['its end is cut off', 'DELETE FROM ledger_entry WHERE index > 5', /entries are gone/, false],
    ['one is gone', 'DELETE FROM ledger_entry WHERE index = 5', /some are gone. Entry 5 is gone/, false],
  ])('serves reads only when %s behind its back, and everything once it is put right', async (_, sql, where, isMarked) => {
    await Promise.all(Array.from({ length: 6 }, order));
    await headOver(
      await stored((await ada.api.order({ id: randomUUID(), kind: 'mute', scope: { type: 'everything' }, reason: '' })).order),
    );
    await server.stop();
    await untied(`${KEEP}; ${sql}`);
    await server.run();
    const meanwhile = await readsOnly(where);
    expect((await marked()).length > 0).toBe(isMarked);
    await server.stop();
    await untied(PUT_BACK);
    await server.run();
    expect((await order()).number).toBeGreaterThan(0);
    // What was stopped meanwhile is still stopped, and in the ledger now.
    expect((await ada.api.latches()).map((latch) => latch.order)).toContain(meanwhile);
    await stored(meanwhile);
  });

  it('finds what is changed while it runs, at the next check', async () => {
    server.env['WHEELHOUSE_CHECK_EVERY_S'] = '1';
    await server.stop();
    await server.run();
    await stored((await order()).order);
    await database.query(`${KEEP};
      ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only;
      UPDATE ledger_entry SET person = 'somebody else' WHERE index = (SELECT min(index) FROM ledger_entry WHERE person IS NOT NULL);
      ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_append_only`);
    await readsOnly(/Entry \d+: the column person was changed/);
    await server.stop();
    await untied(PUT_BACK);
  });

  it('finds what is changed while it runs when somebody reads it, before any check', async () => {
    server.env['WHEELHOUSE_CHECK_EVERY_S'] = '3600';
    await server.run();
    await database.query(`${KEEP};
      ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only;
      UPDATE ledger_entry SET opening = replace(opening, '"whisper"', '"hold"') WHERE opening LIKE '%"whisper"%';
      ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_append_only`);
    expect(await marked()).not.toEqual([]);
    await readsOnly(/Entry \d+ was changed: /);
    await server.stop();
    await untied(PUT_BACK);
  });

  it('does not start without its key', async () => {
    rmSync(path.join(server.dataFolder, 'ledger', 'signing-key.pem'));
    await expect(server.run()).rejects.toThrow(/Put both back from a backup/);
  });
});
