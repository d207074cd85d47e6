import { randomUUID } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeClientEvent, RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { AudioEncoder } from '@wheelhouse/realtime/audio-codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../harness/certificate.ts';
import { RealtimeLine } from '../harness/realtime-line.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

/** The client as anybody has it from npm, and what it told its listeners. */
class Client {
  readonly rt: OpenAIRealtimeWS;
  readonly events: RealtimeServerEvent[] = [];
  readonly errors: string[] = [];

  constructor(client: OpenAI, model: string, ca: string) {
    this.rt = new OpenAIRealtimeWS({ model, options: { ca } }, client);
    this.rt.on('event', (event) => this.events.push(event));
    this.rt.on('error', (error) => this.errors.push(`${error.error?.type ?? 'none'} ${error.error?.code ?? error.message}`));
  }

  send(event: RealtimeClientEvent): void {
    this.rt.send(event);
  }

  all<T extends RealtimeServerEvent['type']>(type: T): Extract<RealtimeServerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RealtimeServerEvent, { type: T }> => event.type === type);
  }

  told<T extends RealtimeServerEvent['type']>(type: T, count = 1): Promise<Extract<RealtimeServerEvent, { type: T }>> {
    return until(`${count} of ${type}`, () => this.all(type)[count - 1]);
  }

  ask(text: string): void {
    this.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } });
    this.send({ type: 'response.create' });
  }
}

describe('openai/realtime/ws, unmodified, over TLS', () => {
  let certificate: TestCertificate;
  let server: TestServer;
  let first: SignedIn;
  let openai: OpenAI;
  let key = '';

  beforeAll(async () => {
    certificate = await makeCertificate();
    // For what the test itself asks of the server; the client under test is given the certificate as its own option.
    setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
    server = await TestServer.start({ WHEELHOUSE_TLS_CERT: certificate.certFile, WHEELHOUSE_TLS_KEY: certificate.keyFile });
    first = await server.firstOperator();
    ({ key } = await server.key(first, ['sessions:open']));
    openai = new OpenAI({ apiKey: key, baseURL: new URL('/v1', server.streamUrl.replace('wss', 'https')).href });
  });
  afterAll(async () => {
    await server.dispose();
    certificate.remove();
  });
  const open = async (model = 'relay'): Promise<Client> => {
    const client = new Client(openai, model, certificate.cert);
    await client.told('session.created');
    return client;
  };

  it('both ports speak TLS, and nothing else', async () => {
    expect(server.url).toMatch(/^https:/);
    expect((await first.api.openSession({ deployment: 'relay' })).url).toMatch(/^wss:/);
    await expect(fetch(server.url.replace('https', 'http'))).rejects.toThrow();
    await expect(RealtimeLine.open(server.streamUrl.replace('wss', 'ws'), key)).rejects.toThrow();
  });

  it('speaks and is answered', async () => {
    const client = await open();
    client.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { transcription: { model: 'any' } } } } });
    await client.told('session.updated');
    const encoder = new AudioEncoder();
    const samples = recording('refund.wav');
    for (let at = 0; at < samples.length; at += 3200) {
      client.send({ type: 'input_audio_buffer.append', audio: encoder.take('audio/pcm', samples.subarray(at, at + 3200)) });
    }
    expect((await client.told('conversation.item.input_audio_transcription.completed')).transcript.toLowerCase()).toContain('order');
    const { transcript } = await client.told('response.output_audio_transcript.done');
    expect(transcript).toMatch(/you said/i);
    expect(await client.told('response.done')).toMatchObject({ response: { status: 'completed' } });
    expect(client.all('response.output_audio.delta').length).toBeGreaterThan(5);
    expect(client.errors).toEqual([]);
    client.rt.close();
  });

  it('types and calls a function', async () => {
    const client = await open();
    const parameters = { type: 'object', properties: { q: { type: 'string' } } };
    client.send({ type: 'session.update', session: { type: 'realtime', tools: [{ type: 'function', name: 'search', parameters }] } });
    client.ask('call search {"q":"tea"}');
    const call = await client.told('response.function_call_arguments.done');
    expect(call).toMatchObject({ name: 'search', arguments: '{"q":"tea"}' });
    await client.told('response.done');
    client.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: call.call_id, output: 'three kinds' },
    });
    client.send({ type: 'response.create' });
    expect((await client.told('response.output_audio_transcript.done')).transcript).toMatch(/three kinds/i);
    client.rt.close();
  });

  it('cancels, and is told of what is not supported', async () => {
    const client = await open();
    client.ask('a rather long sentence that takes the engine quite a while to repeat to whoever wrote it');
    await client.told('response.output_audio.delta', 2);
    client.send({ type: 'response.cancel' });
    expect(await client.told('response.done')).toMatchObject({ response: { status: 'cancelled' } });
    client.send({ type: 'session.update', event_id: 'mine', session: { type: 'realtime', tracing: 'auto' } });
    expect((await client.told('error')).error).toMatchObject({ code: 'unsupported_value', param: 'session.tracing', event_id: 'mine' });
    expect(client.errors).toEqual(['invalid_request_error unsupported_value']);
    client.rt.close();
  });

  it('every frame of an answer leaves over TLS, and after a stop none', async () => {
    const client = await open();
    client.ask('another rather long sentence that takes the engine quite a while to repeat to whoever wrote it');
    await client.told('response.output_audio.delta', 4);
    const session = client.events.flatMap((event) =>
      event.type === 'session.created' && 'id' in event.session ? [String(event.session.id)] : [],
    )[0];
    if (session === undefined) throw new Error('the session has no id');
    const ack = await first.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session }, reason: 'test' });
    expect(ack.sessions).toMatchObject([{ session, settled: true }]);
    await client.told('error');
    const count = client.events.length;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(client.events.slice(count).map(({ type }) => type)).toEqual([]);
    expect(client.errors).toEqual(['wheelhouse_order stop']);
    // Words and sound that begin together arrived together: none was dropped because the other was on its way.
    const words = client.all('response.output_audio_transcript.delta').map(({ delta }) => delta);
    expect(words.join('')).toMatch(/^you wrote: another/i);
    client.rt.close();
  });

  it('a certificate that is none keeps the server from starting, and says why', async () => {
    const start = TestServer.start({ WHEELHOUSE_TLS_CERT: certificate.keyFile, WHEELHOUSE_TLS_KEY: certificate.certFile });
    await expect(start).rejects.toThrow(/WHEELHOUSE_TLS_CERT and WHEELHOUSE_TLS_KEY are not a certificate/);
    await expect(TestServer.start({ WHEELHOUSE_TLS_CERT: certificate.certFile })).rejects.toThrow(/belong together/);
    const missing = { WHEELHOUSE_TLS_CERT: `${certificate.certFile}.none`, WHEELHOUSE_TLS_KEY: certificate.keyFile };
    await expect(TestServer.start(missing)).rejects.toThrow(/can't be read/);
  });
});
