import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Overseer, overseers, propose, vote } from '../harness/founders.ts';
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
});
