import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Overseer, overseers, propose, vote } from '../harness/founders.ts';
import { ended, fetched } from '../harness/export-story.ts';
import { refused } from '../harness/refused.ts';
import { TestServer } from '../harness/server.ts';

describe('an installation comes to its charter', () => {
  let server: TestServer;
  let people: Overseer[];
  const one = (i: number): Overseer => {
    const person = people[i];
    if (person === undefined) throw new Error('there are fewer people');
    return person;
  };

  beforeAll(async () => {
    server = await TestServer.start();
    people = await overseers(server, 5);
  });
  afterAll(() => server.dispose());

  it('is decided by two people before there is one', async () => {
    expect((await one(0).charter.charter()).inForce).toBeNull();
    // Who proposes the first charter agrees to it by that: a person does, and no program of theirs.
    const program = new CharterClient(server.url, { key: (await server.key(one(0), ['proposals:open'])).key });
    const act = { power: 'charter.amend', text: await one(0).charter.draft() } as const;
    expect(await refused(program.propose({ id: randomUUID(), act, reason: 'x' }))).toBe('forbidden');
  });

  it('takes the signature of everybody whom the first charter seats', async () => {
    const text = await one(0).charter.draft();
    const { id } = await propose(one(0), { power: 'charter.amend', text });
    for (const i of [1, 2, 3]) expect((await vote(one(i), id)).state).toBe('open');
    expect((await one(0).charter.charter()).inForce).toBeNull();
    expect((await vote(one(4), id)).state).toBe('executed');
    const { inForce, seats } = await one(0).charter.charter();
    expect(inForce).toMatchObject({ version: 1, proposal: id });
    expect(seats).toHaveLength(5);
  });

  it('releases a latch by the charter from then on, and no more by one other person', async () => {
    const { session } = await one(0).api.openSession();
    const order = randomUUID();
    await one(0).api.order({ id: order, kind: 'stop', scope: { type: 'session', session: session.id }, reason: 'enough' });
    const release = await one(0).api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'calm again' });
    expect(release).toMatchObject({ state: 'waiting', proposal: release.id });
    await expect(one(1).api.confirmRelease(release.id)).rejects.toMatchObject({ problem: { code: 'charter_in_force' } });
    expect((await vote(one(1), release.id)).state).toBe('open');
    expect(await one(0).api.latches()).toHaveLength(1);
    const view = await vote(one(2), release.id);
    expect(view).toMatchObject({ state: 'executed', ended: { because: 'It took effect.' } });
    expect(await one(0).api.latches()).toHaveLength(0);
  });

  it('is there after a restart, with what was open', async () => {
    const { session } = await one(0).api.openSession();
    const order = randomUUID();
    await one(0).api.order({ id: order, kind: 'hold', scope: { type: 'session', session: session.id }, reason: 'wait' });
    const { id } = await propose(one(3), { power: 'latch.release', latch: order });
    await vote(one(4), id);
    await server.stop();
    await server.run();
    const view = await one(1).charter.proposal(id);
    expect(view).toMatchObject({ state: 'open', yes: 1, takes: 2 });
    expect((await vote(one(1), id)).state).toBe('executed');
    expect((await one(0).charter.charter()).inForce?.version).toBe(1);
  });

  const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
  const verify = async (...args: string[]) => {
    const env = { ...process.env, WHEELHOUSE_DATA: server.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', ...args], { env });
    return stdout;
  };

  it('is proven by wheelhouse verify: every signature, every quorum, every act', async () => {
    const report: unknown = JSON.parse(await verify('--json'));
    expect(report).toMatchObject({
      ok: true,
      faults: 0,
      approvals: {
        ...{ keys: 5, people: 5, charter: { version: 1 } },
        checked: { proposals: 3, keys: 5, votes: 8, quorums: 3, effects: 3, seats: 0, handovers: 0, glassSignatures: 0, glasses: 0 },
      },
    });
    expect(await verify()).toContain('with 5 passkeys of 5 people, all enrolled in the record itself');
  });

  it('is proven by an export that itself took the charter, far from the installation', async () => {
    const act = { power: 'record.export', format: 'bundle', report: null, profile: 'full', filter: {} } as const;
    const { id } = await propose(one(0), act);
    await vote(one(1), id);
    expect((await vote(one(2), id)).state).toBe('executed');
    expect((await ended(one(0).api, id)).state).toBe('made');
    const file = path.join(server.dataFolder, 'export.zip');
    writeFileSync(file, await fetched(one(0).api, id));
    const key = readFileSync(path.join(server.dataFolder, 'ledger/verifier-key.txt'), 'utf8').trim();
    const report: unknown = JSON.parse(await verify(file, '--key', key, '--json'));
    expect(report).toMatchObject({
      ...{ ok: true, anchored: true, faults: 0, manifest: { profile: 'full' } },
      approvals: { keys: 5, people: 5, checked: { proposals: 4, votes: 10, quorums: 4, effects: 4 } },
    });
    expect(await verify(file, '--key', key)).toContain('10 signatures under votes');
  });

  it('leaves nothing of that to be checked where people are redacted, and says so', async () => {
    const one0 = one(0).api;
    const { id } = await one0.askExport({ format: 'bundle', profile: 'no-people', filter: {}, reason: 'for anybody' });
    expect((await ended(one0, id)).state).toBe('made');
    const file = path.join(server.dataFolder, 'redacted.zip');
    writeFileSync(file, await fetched(one0, id));
    const report: unknown = JSON.parse(await verify(file, '--json', '--key-file', path.join(server.dataFolder, 'ledger/verifier-key.txt')));
    expect(report).toMatchObject({ ok: true, approvals: { checked: { votes: 0, quorums: 0 } } });
    expect(JSON.stringify(report)).toContain('10 signatures under votes');
  });
});
