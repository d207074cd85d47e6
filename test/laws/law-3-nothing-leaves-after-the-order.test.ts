import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { OrderAck } from '@wheelhouse/protocol/order';
import type { Scope } from '@wheelhouse/protocol/scope';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, type Member } from '../harness/crowd.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const CROWD = 40;
const HOOK = path.resolve(import.meta.dirname, '../harness/busy-hook.ts');

/** The same choices again for the same seed; a failure names it. */
function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

describe('law 3: nothing leaves after the order', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;
  let crowd: Member[] = [];

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_STREAM_THREADS: '2' });
    await server.stop();
    await server.run(['--import', HOOK]);
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
    const levels = [2, 3] as const;
    crowd = await Promise.all(Array.from({ length: CROWD }, (_, i) => humming(ada.api, { level: levels[i % 2] ?? 3 })));
    await Promise.all(crowd.map((member) => hums(member, 0)));
  });
  afterAll(async () => {
    for (const member of crowd) member.hush();
    await server.dispose();
  });

  const give = (scope: Scope, kind: 'stop' | 'hold' | 'take_over' | 'mute'): Promise<OrderAck> =>
    ada.api.order({ id: randomUUID(), kind, scope, reason: '' });

  async function release(ack: OrderAck): Promise<void> {
    const { id } = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: ack.order, reason: 'next round' });
    await ben.api.confirmRelease(id);
  }

  /** Every frame up to the named one arrives at its client, and none beyond it ever does. */
  async function heldTo(ack: OrderAck, seed: string): Promise<void> {
    for (const effect of ack.sessions) {
      const member = crowd.find(({ id }) => id === effect.session);
      if (member === undefined) throw new Error('an order covered a session that is not ours');
      expect(effect.settled, seed).toBe(true);
      const { listener } = member;
      const fate = () =>
        `closed ${JSON.stringify(listener.closed)}, told ${JSON.stringify(listener.gate.slice(-3))}, last ${listener.lastSequence}`;
      await until(`frame ${effect.lastSequence} to arrive (${seed})`, () => listener.lastSequence >= effect.lastSequence).catch(
        (error: unknown) => {
          throw new Error(fate(), { cause: error });
        },
      );
      expect(member.listener.lastSequence, seed).toBe(effect.lastSequence);
    }
  }

  function pick(roll: (sides: number) => number): Scope {
    const one = crowd[roll(CROWD)]?.id ?? '';
    const scopes: Scope[] = [
      { type: 'session', session: one },
      { type: 'session', session: one },
      { type: 'level', atLeast: 3 },
      { type: 'deployment', deployment: 'echo' },
      { type: 'tenant', tenant: 'house' },
      { type: 'everything' },
    ];
    return scopes[roll(scopes.length)] ?? { type: 'everything' };
  }

  it('holds for orders of any scope, at any moment, among forty sessions', async () => {
    const seed = Date.now() % 1e6;
    const roll = dice(seed);
    for (let round = 0; round < 12; round += 1) {
      const kind = (['stop', 'hold', 'take_over', 'mute'] as const)[roll(4)] ?? 'stop';
      await pause(roll(260));
      const acks = await Promise.all(Array.from({ length: 1 + roll(3) }, () => give(pick(roll), kind)));
      await pause(150 + roll(250));
      for (const ack of acks) {
        // Where two orders met the same session, it is the first that stopped it.
        const first = (session: string) =>
          Math.min(
            ...acks.flatMap((one) => one.sessions.filter((effect) => effect.session === session).map((effect) => effect.lastSequence)),
          );
        await heldTo(
          { ...ack, sessions: ack.sessions.map((effect) => ({ ...effect, lastSequence: first(effect.session) })) },
          `seed ${seed} round ${round}`,
        );
      }
      for (const ack of acks) await release(ack);
    }
    await Promise.all(crowd.map((member) => hums(member)));
  });

  it('holds while every stream thread is busy, and the acknowledgement does not wait for them', async () => {
    process.kill(server.pid, 'SIGUSR2');
    await pause(150);
    const ack = await give({ type: 'everything' }, 'stop');
    expect(ack.sessions).toHaveLength(CROWD);
    await pause(1500);
    await heldTo(ack, 'busy');
    await release(ack);
    await Promise.all(crowd.map((member) => hums(member)));
  });

  it('leaves no hole: every client has every number from 1 on', () => {
    for (const { listener } of crowd) {
      const numbers = listener.fromEngine.map(({ frame }) => frame.header.sequence);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    }
  });

  it('numbers orders that come all at once without a gap, and covers every session with each', async () => {
    const acks = await Promise.all(Array.from({ length: 20 }, () => give({ type: 'everything' }, 'hold')));
    const numbers = acks.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => (numbers[0] ?? 0) + i));
    for (const ack of acks) expect(ack.sessions).toHaveLength(CROWD);
  });
});
