import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestDatabase } from '../harness/database.ts';
import { forge, keyFile } from '../harness/forged-checkpoint.ts';
import { grow } from '../harness/grow.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import {
  auditPath,
  consistencyProof,
  cosignedAt,
  hashOf,
  leavesOf,
  type OpenedCheckpoint,
  openCheckpoint,
  rootOfPath,
  TlogClient,
  treeHash,
} from '../harness/tlog-client.ts';
import { until } from '../harness/until.ts';
import { WitnessProcess } from '../harness/witness-process.ts';

const read = (server: TestServer, what: string, headers: Record<string, string> = {}) => fetch(`${server.url}/log/${what}`, { headers });
const Leaf = z.strictObject({ v: z.literal(2), id: z.uuid(), kind: z.string(), fields: z.base64().length(44) });
const rootText = (leaves: readonly Buffer[]) => treeHash(leaves).toString('base64');

describe('the public log, read by a client that knows only C2SP', () => {
  let server: TestServer;
  let ada: SignedIn;
  let client: TlogClient;
  const published = (size: number) =>
    until(`a checkpoint of ${size} entries`, async () => {
      if ((await read(server, 'checkpoint')).status !== 200) return null;
      const checkpoint = await client.checkpoint();
      return checkpoint.size >= size ? checkpoint : null;
    });

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_PUBLIC_LOG: 'true' });
    ada = await server.firstOperator();
    client = new TlogClient(`${server.url}/log`, keyFile(server, 'verifier-key.txt'));
  });
  afterAll(() => server.dispose());

  it('is whole: tiles and entries lead to the signed root, entries are included, and it only grows', async () => {
    let before: OpenedCheckpoint | null = null;
    for (const size of [1, 200, 530]) {
      await grow(ada, Math.max(0, size - (before?.size ?? 0)));
      const checkpoint = await published(size);
      const leaves = await client.leafHashes(checkpoint.size);
      expect(leaves).toHaveLength(checkpoint.size);
      expect(rootText(leaves)).toBe(checkpoint.root);
      const entries = await client.entries(checkpoint.size);
      expect(rootText(leavesOf(entries))).toBe(checkpoint.root);
      // What is public: that there is an entry of this kind, and a hash that commits to all that it says.
      for (const one of entries) Leaf.parse(JSON.parse(String(one)));
      for (const index of [0, Math.floor(checkpoint.size / 2), checkpoint.size - 1]) {
        const proof = auditPath(index, leaves);
        expect(rootOfPath(entries[index] ?? Buffer.alloc(0), { index, size: checkpoint.size }, proof).toString('base64')).toBe(
          checkpoint.root,
        );
      }
      if (before !== null) expect(rootText(leaves.slice(0, before.size))).toBe(before.root);
      before = checkpoint;
    }
  });

  it('serves what tlog-tiles says, with its headers', async () => {
    const { size } = await published(530);
    const checkpoint = await read(server, 'checkpoint');
    expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(checkpoint.headers.get('cache-control')).toBe('public, max-age=1');
    const full = await read(server, 'tile/0/000');
    expect(full.headers.get('content-type')).toBe('application/octet-stream');
    expect(full.headers.get('cache-control')).toContain('immutable');
    const whole = Buffer.from(await full.arrayBuffer());
    expect(whole.length).toBe(8192);
    const part = await read(server, 'tile/0/000.p/3');
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(0, 96));
    const plain = await read(server, 'tile/entries/000', { 'accept-encoding': 'identity' });
    const zipped = await read(server, 'tile/entries/000', { 'accept-encoding': 'gzip' });
    expect([plain.headers.get('content-encoding'), zipped.headers.get('content-encoding')]).toEqual([null, 'gzip']);
    expect(Buffer.from(await zipped.arrayBuffer())).toEqual(Buffer.from(await plain.arrayBuffer()));
    const beyond = Math.floor(size / 256) + 1;
    const missing = [
      `tile/0/00${beyond}.p/1`,
      `tile/0/00${beyond}`,
      'tile/1/000',
      'tile/2/000.p/1',
      'tile/63/000',
      'tile/0/x000/000',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/0/0',
    ];
    for (const path of [...missing, 'tile/entries/999', 'tile/0/%30%30%30', 'tile/0/000/', 'tile/', 'other']) {
      expect([path, (await read(server, path)).status]).toEqual([path, 404]);
    }
  });

  it('can be switched off', async () => {
    await server.stop();
    server.env['WHEELHOUSE_PUBLIC_LOG'] = 'false';
    await server.run();
    expect((await read(server, 'checkpoint')).status).toBe(404);
    expect((await read(server, 'tile/0/000')).status).toBe(404);
  });
});

describe('witnesses', () => {
  let server: TestServer;
  let ada: SignedIn;
  let line: OperatorLine;
  let vkey = '';
  let client: TlogClient;
  const witnesses: WitnessProcess[] = [];
  const [one, two] = [() => witnesses[0] ?? never(), () => witnesses[1] ?? never()];

  async function restart(addresses: readonly string[]): Promise<void> {
    await server.stop();
    server.env['WHEELHOUSE_WITNESSES'] = addresses.join(',');
    await server.run();
    line = await OperatorLine.open(server.url, { cookie: ada.cookie });
  }
  const cosigned = (size: number) =>
    until(`a cosigned checkpoint of ${size} entries`, async () => {
      const text = await (await read(server, 'checkpoint')).text();
      if (!text.includes('—')) return null;
      const checkpoint = openCheckpoint(text, vkey);
      return checkpoint.size >= size ? checkpoint : null;
    });
  const signed = () => readFileSync(path.join(server.dataFolder, 'ledger/checkpoint'), 'utf8');
  const promised = async (witness: WitnessProcess) => {
    const response = await fetch(`${witness.url}/${hashOf(Buffer.from(vkey.split('+')[0] ?? '')).toString('hex')}/checkpoint`);
    return response.status === 200 ? openCheckpoint(await response.text(), vkey) : null;
  };

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_PUBLIC_LOG: 'true', WHEELHOUSE_WITNESS_ALARM_S: '1.5' });
    ada = await server.firstOperator();
    vkey = keyFile(server, 'verifier-key.txt').trim();
    client = new TlogClient(`${server.url}/log`, vkey);
    witnesses.push(await WitnessProcess.start(vkey), await WitnessProcess.start(vkey));
    await restart(witnesses.map((witness) => witness.address));
  });
  afterAll(async () => {
    line.close();
    await Promise.all(witnesses.map((witness) => witness.dispose()));
    await server.dispose();
  });

  it('both cosign what is published, and it is the log that a client reads', async () => {
    await grow(ada, 60);
    const checkpoint = await cosigned(60);
    for (const witness of witnesses) expect(Math.abs((cosignedAt(checkpoint, witness.vkey) ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    expect(rootText(await client.leafHashes(checkpoint.size))).toBe(checkpoint.root);
    expect(openCheckpoint(keyFile(server, 'cosigned-checkpoint'), vkey).lines.length).toBe(3);
    const kept = await new TestDatabase(server).query('SELECT checkpoint FROM ledger_cosigned_head WHERE size = $1', [checkpoint.size]);
    expect(openCheckpoint(String(kept[0]?.['checkpoint']), vkey).lines.length).toBe(3);
  });

  it('are told by wheelhouse verify, each with its size and time', async () => {
    const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
    const args = ['verify', '--json', ...witnesses.flatMap(({ vkey: key }) => ['--witness', key])];
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], {
      env: { ...process.env, WHEELHOUSE_DATA: server.dataFolder },
    });
    const names = witnesses.map(({ vkey: key }) => ({ name: key.split('+')[0] }));
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, cosigned: { witnesses: names, unchecked: [] } });
  });

  it('one that is killed holds publishing back and is missed; back again, it goes on from where it was', async () => {
    const before = await cosigned(1);
    await two().kill();
    await grow(ada, 10);
    const alarm = await line.next('alarm', ({ data }) => data.code === 'witness_missing' && data.raised);
    expect(alarm.data.message).toMatch(/2 of 2 witnesses.*only 1 answer/);
    expect(openCheckpoint(signed(), vkey).size).toBeGreaterThanOrEqual(before.size + 10);
    const held = openCheckpoint(await (await read(server, 'checkpoint')).text(), vkey);
    expect(held.size).toBeLessThan(before.size + 10);
    expect((await read(server, `tile/0/000.p/${before.size + 9}`)).status).toBe(404);
    await two().run();
    const after = await cosigned(before.size + 10);
    expect(cosignedAt(after, two().vkey)).not.toBeNull();
    await line.next('alarm', ({ data }) => data.code === 'witness_missing' && !data.raised);
  });

  it('refuses a fork, a rollback and a shrunken proof, keeps its promise over a kill, and says its size', async () => {
    const head = await until('both to have promised the same', async () => {
      const [first, second] = [await promised(one()), await promised(two())];
      return first !== null && first.size === second?.size ? first : null;
    });
    const leaves = await client.leafHashes(head.size);
    const post = async (old: number, proof: readonly Buffer[], checkpoint: string) => {
      const response = await one().post(`old ${old}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${checkpoint}`);
      return [response.status, await response.text(), response.headers.get('content-type')];
    };
    const other = [...leaves.slice(0, 20), ...Array.from({ length: leaves.length }, () => randomBytes(32))];
    const fork = forge(server, { size: other.length, root: treeHash(other) });
    const rollback = forge(server, { size: 20, root: treeHash(leaves.slice(0, 20)) });
    const attempts = async () => {
      expect((await post(head.size, consistencyProof(head.size, other), fork))[0]).toBe(422);
      expect((await post(head.size, [], forge(server, { size: head.size, root: randomBytes(32) })))[0]).toBe(422);
      expect(await post(20, consistencyProof(20, other), fork)).toEqual([409, `${head.size}\n`, 'text/x.tlog.size']);
      expect(await post(0, [], rollback)).toEqual([409, `${head.size}\n`, 'text/x.tlog.size']);
      expect((await post(head.size, [], rollback))[0]).toBe(400);
      expect(
        (
          await post(
            head.size,
            [],
            fork.replace(/^— .*$/m, (text) => text.slice(0, -8) + 'AAAAAA=='),
          )
        )[0],
      ).toBe(403);
      expect((await post(0, [], fork.replaceAll('wheelhouse.local', 'wheelhouse.other')))[0]).toBe(404);
      expect(await promised(one())).toEqual(head);
    };
    await attempts();
    await one().kill();
    await one().run();
    await attempts();
  });

  it('keeps every promise that it answered with, killed in the middle of many requests', async () => {
    const fresh = await WitnessProcess.start(vkey);
    witnesses.push(fresh);
    const tree = Array.from({ length: 4000 }, () => randomBytes(32));
    let kept = 0;
    for (let round = 0; round < 3; round += 1) {
      let killing: Promise<void> | null = null;
      let at = kept;
      try {
        for (let step = 0; at < tree.length; step += 1) {
          if (step === 40 + round * 7) killing = new Promise((resolve) => setTimeout(resolve, Math.random() * 4)).then(() => fresh.kill());
          const next = tree.slice(0, at + 7);
          const proof =
            at === 0
              ? ''
              : consistencyProof(at, next)
                  .map((hash) => `${hash.toString('base64')}\n`)
                  .join('');
          const { status } = await fresh.post(`old ${at}\n${proof}\n${forge(server, { size: next.length, root: treeHash(next) })}`);
          if (status !== 200) break;
          at = next.length;
        }
      } catch {
        // The connection broke: that answer was never heard.
      }
      expect(killing).not.toBeNull();
      await killing;
      await fresh.run();
      const head = await promised(fresh);
      kept = head?.size ?? 0;
      expect(kept).toBeGreaterThanOrEqual(at);
      expect(head?.root).toBe(rootText(tree.slice(0, kept)));
    }
  });

  it('answers garbage with 400 and stays', async () => {
    for (const body of ['', 'old', 'old 1', 'old -1\n\n', '\n\n\n', randomBytes(2000), 'old 0\n\nx\n1\ny\n\n— x y\n'])
      expect((await one().post(body)).status).toBe(400);
    expect((await one().post(Buffer.alloc(100_000))).status).toBe(413);
    expect((await fetch(`${one().url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${one().url}/../../key.json`)).status).toBe(404);
    const head = await promised(one());
    expect(head).not.toBeNull();
  });

  it('of concurrent requests cosigns one line of growth', async () => {
    const fresh = await WitnessProcess.start(vkey);
    witnesses.push(fresh);
    const trees = Array.from({ length: 12 }, (_, i) => Array.from({ length: 5 + i }, () => randomBytes(32)));
    const answers = await Promise.all(
      trees.map((tree) => fresh.post(`old 0\n\n${forge(server, { size: tree.length, root: treeHash(tree) })}`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  });

  it('that was shown another log raises the alarm of a fork, and publishing stops short of it', async () => {
    const shown = witnesses.at(-1) ?? never();
    const held = await cosigned(1);
    await restart([one().address, shown.address]);
    await grow(ada, 5);
    const alarm = await line.next('alarm', ({ data }) => data.code === 'fork_suspected' && data.raised);
    expect(alarm.data.message).toContain(shown.vkey.split('+')[0]);
    const now = await read(server, 'checkpoint');
    if (now.status === 200) expect(openCheckpoint(await now.text(), vkey).size).toBeLessThanOrEqual(held.size);
    const report = await fetch(`${server.url}/v1/ledger/witnesses`, { headers: { cookie: ada.cookie } });
    expect(await report.json()).toMatchObject({ quorum: 2, witnesses: [{ forkSuspected: false }, { forkSuspected: true }] });
  });

  it('whose state was changed does not start, and a server whose ledger is behind the cosigned head serves reads only', async () => {
    await one().kill();
    const file = path.join(one().folder, 'heads', hashOf(Buffer.from(vkey.split('+')[0] ?? '')).toString('hex'));
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\n(\d+)\n/, '\n3\n'));
    await expect(one().run()).rejects.toThrow(/changed or damaged/);
    await server.stop();
    const size = openCheckpoint(keyFile(server, 'cosigned-checkpoint'), vkey).size;
    writeFileSync(path.join(server.dataFolder, 'ledger/cosigned-checkpoint'), forge(server, { size, root: randomBytes(32) }));
    await server.run();
    const told = await OperatorLine.open(server.url, { cookie: ada.cookie });
    const { data } = await told.next('alarm', (event) => event.data.code === 'ledger_altered');
    told.close();
    expect(data.message).toMatch(/are not those whose head was signed/);
  });
});

function never(): never {
  throw new Error('not started');
}
