import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, type Member } from '../harness/crowd.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, tone } from '../harness/speech.ts';
import { Supervising } from '../harness/supervising.ts';
import { until } from '../harness/until.ts';

describe('law 3, with a human in the place of the engine', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_STREAM_THREADS: '2' });
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
  });
  afterAll(() => server.dispose());

  const framesOf = ({ listener }: Member, source: 'engine' | 'human') =>
    listener.frames.filter(({ frame }) => frame.header.source === source);
  const humanFrames = (member: Member) => framesOf(member, 'human').length;

  it('lets human frames out and none of the engine, from the acknowledgement on until the release, over and over', async () => {
    const member = await humming(ada.api);
    await hums(member);
    const supervisor = await Supervising.join(server, ben, member.id);
    const voice = supervisor.say(tone(60_000, 300));
    for (let round = 0; round < 4; round += 1) {
      // From listening, and from speaking along: the engine is silent from the order on either way.
      if (round % 2 === 1) await supervisor.client.verb({ verb: 'barge' });
      const order = randomUUID();
      await pause(130 * round);
      await supervisor.client.verb({ verb: 'take_over', order });
      const { lastSequence, settled } = (await ada.api.orderRecord(order)).sessions[0] ?? {};
      expect(settled).toBe(true);
      const before = humanFrames(member);
      await until('the human to be heard', () => humanFrames(member) > before + 4);
      // Everything up to the named frame arrived, and nothing beyond it.
      expect(member.listener.lastSequence).toBe(lastSequence);
      const release = await ben.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'next round' });
      await pause(300);
      expect(member.listener.lastSequence).toBe(lastSequence);
      await supervisor.client.verb({ verb: 'monitor' });
      await ada.api.confirmRelease(release.id);
      await hums(member);
    }
    voice.stop();
    for (const source of ['engine', 'human'] as const) {
      const numbers = framesOf(member, source).map(({ frame }) => frame.header.sequence);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    }
    supervisor.client.leave();
    member.hush();
  });

  it('holds for a stop that lands while a human speaks along: the engine is cut off, the human is not', async () => {
    const member = await humming(ada.api);
    await hums(member);
    const supervisor = await Supervising.join(server, ben, member.id);
    await supervisor.client.verb({ verb: 'barge' });
    const voice = supervisor.say(recording('long.wav'));
    await until('the human', () => humanFrames(member) > 2);
    const ack = await ada.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session: member.id }, reason: '' });
    const spoken = humanFrames(member);
    await until('more of the human', () => humanFrames(member) > spoken + 4);
    expect(ack.sessions[0]?.settled).toBe(true);
    expect(member.listener.lastSequence).toBe(ack.sessions[0]?.lastSequence);
    voice.stop();
    supervisor.client.leave();
    member.hush();
  });
});
