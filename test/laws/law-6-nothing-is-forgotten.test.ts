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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const TABLES = ['ledger_entry', 'ledger_tile', 'ledger_head'];

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

  it.each(TABLES)('lets nobody change, delete or empty %s, not even its owner', async (table) => {
    const column = { ledger_entry: 'body', ledger_tile: 'hashes', ledger_head: 'checkpoint' }[table] ?? '';
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

  const untied = (sql: string) =>
    database.alone((run) =>
      run(
        `ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only; ${sql}; ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_append_only`,
      ),
    );

  it.each([
    [
      'an order is made to look like something else',
      "UPDATE ledger_entry SET kind = 'server.stopped' WHERE kind = 'order.given' AND index < 20",
    ],
    [
      'an entry is rewritten',
      `UPDATE ledger_entry SET body = replace(body, 'order.given', 'order.taken') WHERE kind = 'order.given' AND index < 20`,
    ],
    [
      'an entry is rewritten with its hash',
      `UPDATE ledger_entry SET body = body || ' ', leaf_hash = sha256('\\x00'::bytea || convert_to(body || ' ', 'UTF8')) WHERE index = 2`,
    ],
  ])('does not start when %s behind its back, and starts when it is put right', async (_, sql) => {
    await stored((await order()).order);
    await headOver(3);
    await server.stop();
    await untied(`DROP TABLE IF EXISTS saved; CREATE TABLE saved AS SELECT * FROM ledger_entry; ${sql}`);
    await expect(server.run()).rejects.toThrow(/Run npx wheelhouse verify/);
    await untied('UPDATE ledger_entry e SET kind = s.kind, body = s.body, leaf_hash = s.leaf_hash FROM saved s WHERE s.index = e.index');
    await server.run();
    expect((await order()).number).toBeGreaterThan(0);
  });

  it('does not start when its end is cut off, or without its key', async () => {
    const index = await stored((await order()).order);
    await headOver(index);
    await server.stop();
    await untied(
      'DROP TABLE saved; CREATE TABLE saved AS SELECT * FROM ledger_entry ORDER BY index DESC LIMIT 1; DELETE FROM ledger_entry WHERE index = (SELECT index FROM saved)',
    );
    await expect(server.run()).rejects.toThrow(/entries are gone/);
    await untied('INSERT INTO ledger_entry SELECT * FROM saved');
    rmSync(path.join(server.dataFolder, 'ledger', 'signing-key.pem'));
    await expect(server.run()).rejects.toThrow(/Put both back from a backup/);
  });
});
