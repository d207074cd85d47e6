import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { hashFromBase64 } from '@wheelhouse/ledger/base64';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { verifyConsistency } from '@wheelhouse/ledger/verify-proof';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const HOOK = path.resolve(import.meta.dirname, '../harness/trap-hook.ts');
const CLI = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
/** The way of a batch to the disk, and of a head: before and after each step that changes something. */
const STEPS = [
  'before SELECT ledger_append',
  'after SELECT ledger_append',
  'before INSERT INTO ledger_head',
  'before rename checkpoint',
  'after rename checkpoint',
];

describe('a crash on the way to the ledger', () => {
  let server: TestServer;
  let database: TestDatabase;
  let ada: SignedIn;
  let trap = '';
  /** What somebody was told is durable. */
  const acknowledged: string[] = [];

  beforeAll(async () => {
    server = await TestServer.start();
    trap = path.join(server.dataFolder, 'trap');
    server.env['WHEELHOUSE_TEST_TRAP'] = trap;
    database = new TestDatabase(server);
    ada = await server.firstOperator();
    await server.stop();
    await run();
  });
  afterAll(() => server.dispose());

  const run = () => server.run(['--import', HOOK]);

  async function head(): Promise<TreeHead> {
    const key = parseVerifierKey((await ada.api.ledgerKey()).trim(), sha256);
    if (!key.ok) throw new Error(key.message);
    const opened = await openCheckpoint(await ada.api.checkpoint(), { origin: key.value.name, keys: [key.value] }, verifyEd25519);
    if (!opened.ok) throw new Error(opened.message);
    return opened.value.checkpoint;
  }

  /** Writes until the trap has snapped: sessions, which are durable when they are answered, and orders, whose record comes after. */
  async function writeUntilItSnaps(): Promise<void> {
    for (let i = 0; i < 300; i += 1) {
      const orders = Promise.allSettled(
        Array.from({ length: 4 }, () =>
          ada.api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'x', reason: '' }),
        ),
      );
      const opened = await ada.api.openSession({ deployment: 'echo' }).catch(() => null);
      await orders;
      if (opened === null) return;
      acknowledged.push(opened.session.id);
      if (!existsSync(trap)) return;
    }
    throw new Error('the trap did not snap');
  }

  async function nothingIsLost(before: TreeHead): Promise<void> {
    const stored = await database.query("SELECT subject FROM ledger_entry WHERE kind = 'session.opened'");
    expect(stored.map(({ subject }) => subject)).toEqual(expect.arrayContaining(acknowledged));
    const after = await until('a head over everything', async () => {
      const now = await headNow();
      return now.size > before.size ? now : null;
    });
    const proof = (await ada.api.consistency(before.size, after.size)).hashes.map((hash) => hashFromBase64(hash) ?? new Uint8Array());
    expect(verifyConsistency({ first: before, second: after, proof }, sha256)).toEqual({ ok: true });
  }

  /** Connections to a server that died are found dead by whoever uses them first. */
  const headNow = () => until('the server', () => head().catch(() => null));

  it.each(STEPS)('of the server %s loses nothing and forks nothing', async (name) => {
    const [when = '', ...step] = name.split(' ');
    const before = await headNow();
    writeFileSync(trap, `${step.join(' ')}\n${when}\n`);
    await writeUntilItSnaps();
    await server.kill();
    await run();
    await nothingIsLost(before);
  });

  it.each(['before SELECT ledger_append', 'after SELECT ledger_append'])(
    'of the database %s loses nothing and forks nothing, and the server goes on',
    async (name) => {
      const [when = '', ...step] = name.split(' ');
      const before = await headNow();
      writeFileSync(trap, `${step.join(' ')}\n${when}\n${database.pid}\n`);
      await writeUntilItSnaps();
      await until('the database to be back', async () => (await fetch(`${server.url}/health/ready`)).status === 200);
      acknowledged.push((await ada.api.openSession({ deployment: 'echo' })).session.id);
      await nothingIsLost(before);
    },
  );

  it('leaves a record that verifies from the first entry to the last, each entry once', async () => {
    await server.stop();
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'verify'], {
      env: { ...process.env, WHEELHOUSE_DATA: server.dataFolder },
    });
    expect(stdout).toMatch(/^Verified: /);
  });
});
