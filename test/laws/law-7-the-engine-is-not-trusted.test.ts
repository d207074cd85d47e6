import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, type Member, staysSilent } from '../harness/crowd.ts';
import { answerOf, engineOf, HostileEngine } from '../harness/hostile-engine.ts';
import { RawStream } from '../harness/raw-stream.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

describe('law 7: the engine is not trusted', () => {
  let server: TestServer;
  let ada: SignedIn;
  let member: Member;
  let held: Member;
  let hostile: HostileEngine;
  let heldAt = 0;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    member = await humming(ada.api);
    held = await humming(ada.api);
    await hums(member);
    await hums(held);
    const ack = await ada.api.order({ id: randomUUID(), kind: 'hold', scope: { type: 'session', session: held.id }, reason: '' });
    heldAt = ack.sessions[0]?.lastSequence ?? -1;
  });
  afterAll(async () => {
    hostile.close();
    await server.dispose();
  });

  const lost = () => member.listener.gate.filter((event) => event.type === 'error' && event.code === 'engine_lost').length;
  const ticks = async (more: number) => {
    const { tick } = await ada.api.session(member.id);
    await until('ticks to go on', async () => (await ada.api.session(member.id)).tick >= tick + more);
  };
  const honest = (asked: Parameters<HostileEngine['onTick']>[0], said = '') => {
    asked.say(answerOf(asked.slot, { tick: asked.input.tick, audio: asked.input.audio, said }));
  };

  it('may die: its clients are told, ticks go on, latches hold, and it comes back', async () => {
    const { pid } = await engineOf(server, ada);
    process.kill(pid ?? 0, 'SIGKILL');
    await until('the client to hear of it', () => lost() > 0);
    await ticks(3);
    await hums(member);
    await staysSilent(held, heldAt, 300);
  });

  it('may say nothing, ever', async () => {
    hostile = await HostileEngine.take(server, ada);
    await until('it to be connected', () => hostile.connections > 0);
    const before = member.listener.lastSequence;
    await ticks(6);
    expect(member.listener.lastSequence).toBe(before);
  });

  it('may send garbage: it is cut off, and connected anew', async () => {
    const before = { lost: lost(), connections: hostile.connections };
    hostile.onTick = ({ socket }) => {
      socket.write(Buffer.alloc(256, 0xee));
    };
    await until('it to be cut off', () => lost() > before.lost && hostile.connections > before.connections);
    hostile.onTick = honest;
    await hums(member);
    await staysSilent(held, heldAt, 300);
  });

  it('may flood with answers to nobody and to nothing: orders bite all the same, and it is cut off', async () => {
    const { connections } = hostile;
    hostile.onTick = (asked) => {
      honest(asked);
      for (let i = 0; i < 2000; i += 1)
        asked.say(answerOf(77_000 + i, { tick: i, said: 'me' }), answerOf(asked.slot, { tick: asked.input.tick, said: 'again' }));
    };
    await until('it to be cut off', () => hostile.connections > connections);
    const order = randomUUID();
    expect(
      (await ada.api.order({ id: order, kind: 'mute', scope: { type: 'session', session: held.id }, reason: '' })).sessions,
    ).toHaveLength(1);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    hostile.onTick = honest;
    await hums(member);
    expect(member.listener.said).not.toContain('again');
    expect(member.listener.said).not.toContain('me');
  });

  it('may answer late, early and twice: nothing of that leaves', async () => {
    const from = member.listener.frames.length;
    hostile.onTick = (asked) => {
      // Even ticks are answered when the next has begun.
      if (asked.input.tick % 2 === 0) return;
      asked.say(answerOf(asked.slot, { tick: asked.input.tick - 1, said: 'late' }));
      honest(asked, 'on time');
      asked.say(
        answerOf(asked.slot, { tick: asked.input.tick, said: 'twice' }),
        answerOf(asked.slot, { tick: asked.input.tick + 1, said: 'early' }),
      );
    };
    await ticks(12);
    hostile.onTick = honest;
    const frames = member.listener.frames.slice(from).flatMap(({ frame }) => (frame.header.source === 'engine' ? [frame] : []));
    const words = frames.flatMap((frame) => (frame.header.kind === 'text' ? [Buffer.from(frame.payload).toString()] : []));
    expect(words.length).toBeGreaterThan(0);
    expect([...new Set(words)]).toEqual(['on time']);
    expect(frames.filter((frame) => frame.header.kind === 'text' && frame.header.tick % 2 === 0)).toEqual([]);
  });

  it('may talk on after a stop: nothing of it leaves', async () => {
    const ack = await ada.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'everything' }, reason: '' });
    hostile.onTick = (asked) => {
      for (let slot = 0; slot < 8; slot += 1)
        asked.say(answerOf(slot, { tick: asked.input.tick, said: 'still here', audio: asked.input.audio }));
    };
    await staysSilent(member, ack.sessions.find(({ session }) => session === member.id)?.lastSequence ?? -1, 1000);
    expect(member.listener.said).not.toContain('still here');
  });

  it('and a client that does not read gets not one frame after the order, though it was sent more than it could take', async () => {
    const second = await server.person(ada, 'operator');
    for (const { order } of await ada.api.latches()) {
      const { id } = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'next' });
      await second.api.confirmRelease(id);
    }
    const words = 'x'.repeat(4000);
    const heard = Array.from({ length: 16 }, (_, utterance) => ({ utterance, text: words, final: true }));
    hostile.onTick = (asked) => {
      asked.say(answerOf(asked.slot, { tick: asked.input.tick, audio: asked.input.audio, said: words, heard }));
    };
    const attachment = await ada.api.openSession({ deployment: 'echo' });
    const { id } = attachment.session;
    const slow = new RawStream(attachment);
    await until('the first frames', () => slow.frames().some((frame) => frame.header.source === 'engine'));
    slow.stopReading();
    // What the kernel takes has left; the first frame of which a part stays behind stops the line.
    await until(
      'the line to be full',
      async () => {
        const before = await ada.api.session(id);
        await pause(900);
        const after = await ada.api.session(id);
        return after.tick > before.tick && after.lastSequence === before.lastSequence && after.lastSequence > 100;
      },
      60_000,
    );
    const order = randomUUID();
    await ada.api.order({ id: order, kind: 'stop', scope: { type: 'session', session: id }, reason: '' });
    const record = await until('the order to be settled', async () => {
      const now = await ada.api.orderRecord(order);
      return now.sessions.every(({ settled }) => settled) ? now : null;
    });
    slow.readOn();
    await until('the connection to be cut', () => slow.ended);
    const last = record.sessions[0]?.lastSequence ?? -1;
    const numbers = slow.frames().flatMap(({ header }) => (header.source === 'engine' ? [header.sequence] : []));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    expect(numbers.length).toBeLessThanOrEqual(last);
    expect((await ada.api.session(id)).state).toBe('waiting');
  });

  it('is replaced by the real one when it goes', async () => {
    hostile.close();
    const fresh = await humming(ada.api);
    await hums(fresh, 0);
    fresh.hush();
  });
});
