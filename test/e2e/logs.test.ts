import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { TestServer } from '../harness/server.ts';
import { recording, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

describe('what the server prints', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_LOG: 'debug' });
  });
  afterAll(() => server.dispose());

  it('never holds what people say, whisper or hold secret', async () => {
    const operator = await server.firstOperator();
    const { key, api } = await server.key(operator, ['sessions:open', 'sessions:read', 'orders:give']);
    const attachment = await api.openSession({ deployment: 'relay' });
    const session = attachment.session.id;
    const listener = await Listener.attach(attachment);
    speak(listener.client, recording('refund.wav'));
    const whisper = `marzipan ${randomUUID()}`;
    await api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'session', session }, reason: '', text: whisper });
    const heard = await until('what was heard', () => listener.engine.find((event) => event.type === 'heard' && event.final));
    await until('what was said', () => listener.said.length > 2);
    // Also on the ways that end in a warning: a bad frame, a refused order, a wrong key.
    listener.client.sendRaw('not a frame, but turnips');
    await expect(operator.api.orderRecord(randomUUID())).rejects.toThrow();
    await fetch(`${server.url}/v1/me`, { headers: { authorization: 'Bearer wh_celeriac' } });
    await server.stop();

    const printed = server.output.replace(server.link, '');
    const words = 'text' in heard ? heard.text.toLowerCase().match(/[a-z]{5,}/g) : null;
    for (const secret of [...(words ?? ['dollars']), whisper, 'turnips', 'celeriac', key, attachment.ticket, operator.cookie.slice(-40)]) {
      expect(printed.toLowerCase(), secret).not.toContain(secret.toLowerCase());
    }
  });
});
