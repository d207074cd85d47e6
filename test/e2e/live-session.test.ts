import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

describe('a live voice session', () => {
  let server: TestServer;
  let first: SignedIn;
  let second: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    first = await server.firstOperator();
    second = await server.person(first, 'operator');
  });
  afterAll(() => server.dispose());

  it('hears speech, answers in speech, is stopped in mid-reply, stays stopped, and goes on after two people released it', async () => {
    const attachment = await first.api.openSession({ deployment: 'relay' });
    const listener = await Listener.attach(attachment);
    const speech = speak(listener.client, recording('refund.wav'));
    const heard = await until('what was heard', () => listener.engine.find((event) => event.type === 'heard' && event.final));
    expect(heard).toMatchObject({ type: 'heard' });
    expect('text' in heard ? heard.text.toLowerCase() : '').toMatch(/order/);
    await until('speech in reply', () => listener.audioFrames().length >= 4);
    expect(listener.said.join(' ')).toMatch(/you said/i);

    const order = randomUUID();
    const ack = await first.api.order({
      id: order,
      kind: 'stop',
      scope: { type: 'session', session: attachment.session.id },
      reason: 'test',
    });
    expect(ack.number).toBe(1);
    expect(ack.sessions).toHaveLength(1);
    const [effect] = ack.sessions;
    expect(effect?.settled).toBe(true);
    await until('the flush', () => listener.gateEvent('flush'));
    await speech.done;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(listener.lastSequence).toBe(effect?.lastSequence);
    expect(listener.gateEvent('flush')).toMatchObject({ order, kind: 'stop', lastSequence: effect?.lastSequence });

    const release = await first.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'it was a test' });
    await expect(first.api.confirmRelease(release.id)).rejects.toThrow(/somebody else/i);
    expect((await second.api.confirmRelease(release.id)).state).toBe('confirmed');
    await until('the release', () => listener.gateEvent('released'));
    speak(listener.client, recording('short.wav'));
    await until('speech after the release', () => listener.lastSequence > (effect?.lastSequence ?? 0) && listener.audioFrames().at(-1));
    listener.client.end();
    await until('the end', () => listener.closed);
  });
});
