import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { randomUUID } from 'node:crypto';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

/** The first server is the upstream of the second: client -> Wheelhouse -> Wheelhouse, with real hearing and speech at the far end. */
describe('a server in front of a server', () => {
  let far: TestServer;
  let near: TestServer;
  let farOperator: SignedIn;
  let operator: SignedIn;

  beforeAll(async () => {
    far = await TestServer.start();
    farOperator = await far.firstOperator();
    const { key } = await far.key(farOperator, ['sessions:open']);
    near = await TestServer.start({
      WHEELHOUSE_UPSTREAM_URL: far.streamUrl.replace('/v1/stream', '/v1/realtime'),
      WHEELHOUSE_UPSTREAM_MODEL: 'relay',
      WHEELHOUSE_UPSTREAM_KEY: key,
    });
    operator = await near.firstOperator();
  });
  // Two servers, five processes of them: when something is waited for in vain, what they said is the only trace.
  beforeEach(() => {
    onTestFailed(() => {
      console.error(`near server:\n${near.output.slice(-4_000)}\nfar server:\n${far.output.slice(-4_000)}`);
    });
  });
  afterAll(async () => {
    await near.dispose();
    await far.dispose();
  });

  const farSessions = async (): Promise<readonly { readonly id: string; readonly state: string }[]> => {
    const { items } = await farOperator.api.sessions();
    return items;
  };

  it('carries speech there and back, typed words, an interruption, and stops on either side', async () => {
    const attachment = await operator.api.openSession({ deployment: 'upstream' });
    const listener = await Listener.attach(attachment);
    const speech = speak(listener.client, recording('refund.wav'));
    const heard = await until(
      'what was heard',
      () => listener.engine.find((event) => event.type === 'heard' && event.final && event.text !== ''),
      60_000,
    );
    expect('text' in heard ? heard.text.toLowerCase() : '').toMatch(/order/);
    await until('speech in reply', () => listener.audioFrames().length >= 4, 60_000);
    expect(listener.said.join(' ')).toMatch(/you said/i);
    speech.stop();

    // The person speaks over it: it yields, and goes on listening.
    const interruption = speak(listener.client, recording('interrupt.wav'));
    await until('the yield', () => listener.engine.some(({ type }) => type === 'yield'), 60_000);
    await interruption.done;
    await until('the reply to that', () => listener.engine.filter((event) => event.type === 'heard' && event.final).length >= 2, 60_000);

    const before = listener.audioFrames().length;
    await until('speech again', () => listener.audioFrames().length > before, 60_000);
    // A stop at the near end ends the session at the far end too: nothing is left there that could speak.
    const ack = await operator.api.order({
      ...{ id: randomUUID(), kind: 'stop', reason: 'test' },
      scope: { type: 'session', session: attachment.session.id },
    });
    await until('the end of the far session', async () => (await farSessions()).every(({ state }) => state === 'ended'));
    expect(listener.lastSequence).toBe(ack.sessions[0]?.lastSequence);
    listener.client.end();
    await until('the end', () => listener.closed);
    expect(near.output).not.toMatch(/never announced|was over|not what the protocol says/);
  });

  it('goes on when the far server is restarted', async () => {
    const listener = await Listener.attach(await operator.api.openSession({ deployment: 'upstream' }));
    listener.client.sendText('hello');
    await until('the answer', () => /you wrote/i.test(listener.said.join(' ')), 60_000);
    await until('its end', () => listener.engine.some(({ type }) => type === 'turn_ended'), 60_000);
    await far.stop();
    await until('a word to the operator', () => near.output.includes('silent until it is back'));
    await far.run();
    await until('a word to the operator', () => near.output.includes('it is back'), 60_000);
    const said = listener.said.length;
    listener.client.sendText('again');
    await until('the next answer', () => /again/i.test(listener.said.slice(said).join(' ')), 60_000);
    listener.client.end();
    await until('the end', () => listener.closed);
  });
});
