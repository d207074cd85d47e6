import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, type Member } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const HOOK = path.resolve(import.meta.dirname, '../harness/busy-hook.ts');

describe('law 4: silence is a stop', () => {
  let server: TestServer;
  let database: TestDatabase;
  let ada: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    await server.stop();
    await server.run(['--import', HOOK]);
    database = new TestDatabase(server);
    ada = await server.firstOperator();
  });
  afterAll(async () => {
    database.thaw();
    await server.dispose();
  });

  const lease = (member: Member, held: boolean) =>
    until(
      `the lease to be ${held ? 'held' : 'lost'}`,
      () => member.listener.gate.find((event) => event.type === 'lease' && event.held === held),
      60_000,
    );

  /** Between the notice that the lease was lost and the one that it is back, no tick of the engine's left. */
  async function silentWhileLost(member: Member, meanwhile: () => void = () => undefined): Promise<void> {
    const lost = await lease(member, false);
    meanwhile();
    const back = await lease(member, true);
    const [from, to] = ['tick' in lost ? lost.tick : 0, 'tick' in back ? back.tick : 0];
    // In the tick in which the lease comes back, sound may come before the notice.
    const within = member.listener.fromEngine.map(({ frame }) => frame.header.tick).filter((tick) => tick > from && tick < to - 2);
    expect(within).toEqual([]);
    await hums(member);
    member.hush();
  }

  it('closes the gates when the control thread falls silent, though the stream threads run on, and opens them when it is back', async () => {
    const member = await humming(ada.api);
    await hums(member);
    process.kill(server.pid, 'SIGHUP');
    await silentWhileLost(member);
  });

  it('closes the gates when the ledger has no room for evidence, and opens them when it keeps up again', async () => {
    const member = await humming(ada.api);
    const line = await OperatorLine.open(server.url, { cookie: ada.cookie });
    await hums(member);
    database.freeze();
    await silentWhileLost(member, () => {
      database.thaw();
    });
    await line.next('alarm', ({ data }) => data.code === 'ledger_behind' && data.raised);
    await line.next('alarm', ({ data }) => data.code === 'ledger_behind' && !data.raised);
    line.close();
  });

  it('comes through the death of the database: the right to emit ends, and is back when the database is', async () => {
    const member = await humming(ada.api);
    await hums(member);
    const before = await ada.api.session(member.id);
    database.kill();
    await until('the ledger to write again', async () => (await fetch(`${server.url}/health/ready`)).status === 200, 60_000);
    await hums(member);
    expect((await ada.api.session(member.id)).tick).toBeGreaterThan(before.tick);
    member.hush();
  });

  it('lets nobody speak at level 4 or 5 unless a person who may stop them is on watch', async () => {
    const high = (await ada.api.openSession({ deployment: 'echo', level: 5 })).session;
    const low = (await ada.api.openSession({ deployment: 'echo', level: 2 })).session;
    const levels = async () => [(await ada.api.session(high.id)).effectiveLevel, (await ada.api.session(low.id)).effectiveLevel];
    expect(await levels()).toEqual([3, 2]);

    // Neither a key nor somebody who may only read is a watch.
    const key = await server.key(ada, ['orders:give', 'sessions:read']);
    const reviewer = await server.person(ada, 'reviewer');
    const byKey = await OperatorLine.open(server.url, { authorization: `Bearer ${key.key}` });
    const byReviewer = await OperatorLine.open(server.url, { cookie: reviewer.cookie });
    for (const line of [byKey, byReviewer]) {
      await line.next('welcome');
      line.send({ event: 'heartbeat', data: {} });
      line.send({ event: 'watch', data: { sessions: [] } });
      await line.next('transcript');
    }
    expect(await levels()).toEqual([3, 2]);

    const line = await OperatorLine.open(server.url, { cookie: ada.cookie });
    await line.next('welcome');
    line.send({ event: 'heartbeat', data: {} });
    await until('level 5', async () => (await levels())[0] === 5);
    for (const one of [line, byKey, byReviewer]) one.close();
    // The console is gone and nobody says so: the watch ends by itself.
    await until('level 3 again', async () => (await levels())[0] === 3, 40_000);
    expect((await levels())[1]).toBe(2);
  });
});
