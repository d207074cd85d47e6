import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, type Overseer, overseers, propose } from '../harness/founders.ts';
import { HAS_REDIS, TestRedis } from '../harness/redis.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

/** A charter whose latch releases are voted on within seconds. */
const hasty = (draft: string) => draft.replace('voteWithin: 12h', 'voteWithin: 4s');

describe.skipIf(!HAS_REDIS)('jobs on Redis', () => {
  let redis: TestRedis;
  let server: TestServer;
  let people: Overseer[];
  const first = (): Overseer => {
    const [one] = people;
    if (one === undefined) throw new Error('nobody is here');
    return one;
  };

  beforeAll(async () => {
    redis = await TestRedis.start();
    server = await TestServer.start({ REDIS_URL: redis.url });
    people = await overseers(server, 3);
    expect((await found(people, hasty)).state).toBe('executed');
  });
  afterAll(async () => {
    await server.dispose();
    await redis.dispose();
  });

  const proposed = async (): Promise<string> => {
    const order = randomUUID();
    await first().api.order({ id: order, kind: 'hold', scope: { type: 'everything' }, reason: 'a test' });
    return (await propose(first(), { power: 'latch.release', latch: order })).id;
  };
  /** As the list has it: looking at one proposal would settle it, and no job would be needed. */
  const stateOf = async (id: string) => (await first().charter.proposals('?list=all')).items.find((line) => line.id === id)?.state;

  it('wake the server when the time to vote is over', async () => {
    const id = await proposed();
    expect(await stateOf(id)).toBe('open');
    await until('the proposal to expire', async () => (await stateOf(id)) === 'expired');
  });

  it('make exports', async () => {
    const asked = await first().api.askExport({ format: 'csv', profile: 'no-words', reason: 'a test' });
    await until('the export to be made', async () => (await first().api.export(asked.id)).state === 'made');
  });

  it('are not what decides: a Redis that loses everything loses nothing', async () => {
    const id = await proposed();
    await redis.kill();
    await until('the proposal to expire without Redis', async () => (await stateOf(id)) === 'expired');
    await redis.startAgain();
    const next = await proposed();
    await until('the next one to expire', async () => (await stateOf(next)) === 'expired');
  });
});
