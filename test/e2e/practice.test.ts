import { randomUUID } from 'node:crypto';
import { practiceSeal } from '@wheelhouse/charter/practice-seal';
import { ProposalView } from '@wheelhouse/protocol/proposal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, type Overseer, overseers, propose, sha256, vote } from '../harness/founders.ts';
import { TestServer } from '../harness/server.ts';

describe('practice proposals', () => {
  let server: TestServer;
  let people: Overseer[];
  let order: string;
  const one = (i: number): Overseer => {
    const person = people[i];
    if (person === undefined) throw new Error('there are fewer people');
    return person;
  };

  beforeAll(async () => {
    server = await TestServer.start();
    people = await overseers(server, 3);
    await found(people);
  });
  afterAll(() => server.dispose());

  const hold = async () => {
    order = randomUUID();
    await one(0).api.order({ id: order, kind: 'hold', scope: { type: 'everything' }, reason: 'a fire drill' });
  };
  const practise = async (by: Overseer): Promise<Response> =>
    fetch(`${server.url}/v1/practice-proposals`, {
      method: 'POST',
      headers: { cookie: by.cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ id: randomUUID(), act: { power: 'latch.release', latch: order }, reason: 'nobody looks anyway' }),
    });
  const opened = async (by: Overseer) => ProposalView.parse(await (await practise(by)).json());
  const entryOf = async (index: number) => {
    const { items } = await one(0).api.search(`?kind=proposal.opened&cursor=${index + 1}&limit=1`);
    return items[0]?.fields ?? {};
  };

  it('are for those who train others', async () => {
    await hold();
    expect((await practise(one(1))).status).toBe(403);
  });

  it('look like any other while they are open, in every view and in the record', async () => {
    const practice = await opened(one(0));
    const seen = await one(1).charter.proposal(practice.id);
    expect(seen).toMatchObject({ state: 'open', practice: false });
    const record = await entryOf(practice.entry);
    await one(0).charter.withdraw(practice.id, 'enough');
    const real = await propose(one(0), { power: 'latch.release', latch: order });
    expect(Object.keys(record).sort()).toEqual(Object.keys(await entryOf(real.entry)).sort());
    await one(0).charter.withdraw(real.id, 'enough');
    expect(await one(1).charter.proposal(practice.id)).toMatchObject({ state: 'withdrawn', practice: true });
    expect(await one(1).charter.proposal(real.id)).toMatchObject({ state: 'withdrawn', practice: false });
  });

  it('release nothing when they are approved, and say afterwards whose yes it was', async () => {
    const practice = await opened(one(0));
    expect(await vote(one(1), practice.id)).toMatchObject({ state: 'failed', practice: true });
    expect(await one(0).api.latches()).toHaveLength(1);
    const record = await one(1).charter.oversight();
    expect(record.practice).toEqual({ seen: 1, rejected: 0 });
    expect(record.signs.join(' ')).toContain('practice');
  });

  it('count for those who reject them', async () => {
    const practice = await opened(one(0));
    expect(await vote(one(2), practice.id, 'no')).toMatchObject({ state: 'open' });
    expect(await vote(one(1), practice.id, 'no')).toMatchObject({ state: 'rejected', practice: true });
    expect((await one(2).charter.oversight()).practice).toEqual({ seen: 1, rejected: 1 });
  });

  it('were practice from the start: the seal in the first entry opens with the salt in the last', async () => {
    const practice = await opened(one(0));
    await one(0).charter.withdraw(practice.id, 'enough');
    const { items } = await one(0).api.search('?kind=proposal.closed&limit=1');
    const salt = items[0]?.fields['data.practiceSalt'];
    const seal = (await entryOf(practice.entry))['data.seal'];
    expect(practiceSeal({ proposal: practice.id, salt: String(salt), practice: true }, sha256)).toBe(seal);
    expect(practiceSeal({ proposal: practice.id, salt: String(salt), practice: false }, sha256)).not.toBe(seal);
  });
});
