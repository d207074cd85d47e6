import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealtimeLine } from '../harness/realtime-line.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const transcribed = { audio: { input: { transcription: { model: 'any' } } } };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('/v1/realtime, event by event', () => {
  let server: TestServer;
  let first: SignedIn;
  let second: SignedIn;
  let key = '';

  beforeAll(async () => {
    server = await TestServer.start();
    first = await server.firstOperator();
    second = await server.person(first, 'operator');
    ({ key } = await server.key(first, ['sessions:open']));
  });
  afterAll(() => server.dispose());
  const open = (query?: string) => RealtimeLine.open(server.streamUrl, key, query);

  it('hears speech, tells what it heard, and answers in speech', async () => {
    const line = await open();
    line.configure(transcribed);
    void line.speak(recording('refund.wav'));
    await line.told('input_audio_buffer.speech_started');
    const heard = await line.told('conversation.item.input_audio_transcription.completed');
    expect(heard.transcript.toLowerCase()).toContain('order');
    expect(heard.item_id).toBe(line.find('input_audio_buffer.committed')?.item_id);
    const done = await line.told('response.done');
    expect(JSON.stringify(done.response.output)).toMatch(/you said/i);
    const deltas = line.all('response.output_audio.delta').map(({ delta }) => Buffer.from(delta, 'base64').length);
    // A tick of speech is 200 ms at 24 kHz; the last one may be shorter.
    expect(deltas.slice(0, -1).every((length) => length === 9600)).toBe(true);
    expect(line.errors()).toEqual([]);
    line.close();
  });

  it('speaks and hears G.711', async () => {
    const line = await open();
    const format = { type: 'audio/pcmu' };
    line.configure({ audio: { input: { format, transcription: { model: 'any' } }, output: { format } } });
    void line.speak(recording('short.wav'), 'audio/pcmu');
    const heard = await line.told('conversation.item.input_audio_transcription.completed');
    expect(heard.transcript.toLowerCase()).toContain('hear');
    const delta = await line.told('response.output_audio.delta');
    expect(Buffer.from(delta.delta, 'base64').length).toBe(1600);
    line.close();
  });

  it('by hand: a recording sent at once is heard, committed, and answered when asked', async () => {
    const line = await open();
    line.configure({ audio: { input: { turn_detection: null, transcription: { model: 'any' } } } });
    const samples = recording('short.wav');
    // As one event: sent faster than speech, heard at its pace.
    const pcm = new Int16Array(Math.floor(samples.length * 1.5)).map((_, n) => samples[Math.floor(n / 1.5)] ?? 0);
    line.send({ type: 'input_audio_buffer.append', audio: Buffer.from(pcm.buffer).toString('base64') });
    line.send({ type: 'input_audio_buffer.commit' });
    line.send({ type: 'response.create' });
    const heard = await line.told('conversation.item.input_audio_transcription.completed');
    expect(heard.transcript.toLowerCase()).toContain('hear');
    const done = await line.told('response.done');
    expect(done.response.status).toBe('completed');
    expect(line.all('input_audio_buffer.speech_started')).toEqual([]);
    expect(line.all('response.created')).toHaveLength(1);
    line.close();
  });

  it('answers in text alone, when asked, and calls a function', async () => {
    const line = await open();
    const parameters = { type: 'object', properties: { q: { type: 'string' } } };
    line.configure({ output_modalities: ['text'], tools: [{ type: 'function', name: 'search', description: 'Searches.', parameters }] });
    line.ask('good evening');
    expect(JSON.stringify((await line.told('response.done')).response.output)).toMatch(/good evening/i);
    expect(line.all('response.output_audio.delta')).toEqual([]);
    line.ask('call search {"q":"tea"}');
    const call = await line.told('response.function_call_arguments.done');
    expect(call).toMatchObject({ name: 'search', arguments: '{"q":"tea"}' });
    await line.told('response.done', 2);
    line.send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: call.call_id, output: 'three kinds' } });
    line.send({ type: 'response.create' });
    expect(JSON.stringify((await line.told('response.done', 3)).response.output)).toMatch(/three kinds/i);
    expect(line.errors()).toEqual([]);
    line.close();
  });

  it('a cancelled answer is over, and nothing of it follows', async () => {
    const line = await open();
    line.ask('a rather long sentence that takes the engine quite a while to repeat to whoever wrote it');
    await line.told('response.output_audio.delta', 2);
    line.send({ type: 'response.cancel' });
    const done = await line.told('response.done');
    expect(done.response).toMatchObject({ status: 'cancelled', status_details: { reason: 'client_cancelled' } });
    const count = line.events.length;
    await pause(1500);
    expect(line.events.slice(count).filter(({ type }) => type.startsWith('response.'))).toEqual([]);
    line.ask('and again');
    expect(JSON.stringify((await line.told('response.done', 2)).response.output)).toMatch(/again/i);
    line.close();
  });

  it('who speaks over an answer is heard, and the answer is over', async () => {
    const line = await open();
    line.configure(transcribed);
    void line.speak(recording('interrupt.wav'));
    const done = await until('an answer that was interrupted', () =>
      line.all('response.done').find(({ response }) => response.status_details?.reason === 'turn_detected'),
    );
    const at = line.events.indexOf(done);
    expect(line.events.slice(0, at).some(({ type }) => type === 'output_audio_buffer.cleared')).toBe(true);
    expect(line.all('input_audio_buffer.speech_started').length).toBeGreaterThanOrEqual(2);
    line.close();
  });

  it("an operator's stop in the middle of an answer: nothing of the engine follows, and the client is told who it was", async () => {
    const line = await open();
    line.ask('another rather long sentence that takes the engine quite a while to repeat to whoever wrote it');
    await line.told('response.output_audio.delta', 2);
    const order = randomUUID();
    const ack = await first.api.order({ id: order, kind: 'stop', scope: { type: 'session', session: line.session }, reason: 'test' });
    expect(ack.sessions).toMatchObject([{ session: line.session, settled: true }]);
    const error = await line.told('error');
    expect(error.error).toMatchObject({ type: 'wheelhouse_order', code: 'stop', wheelhouse: { order } });
    expect(await line.told('response.done')).toMatchObject({ response: { status: 'cancelled' } });
    const count = line.events.length;
    await pause(1200);
    expect(line.events.slice(count).map(({ type }) => type)).toEqual([]);
    line.ask('are you there?');
    await until('a refusal', () => line.errors().length === 2);
    expect(line.errors()).toEqual(['wheelhouse_order stop', 'wheelhouse_order stop']);
    const release = await first.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'it was a test' });
    await second.api.confirmRelease(release.id);
    await line.told('wheelhouse.released');
    line.send({ type: 'response.create' });
    expect(JSON.stringify((await line.told('response.done', 2)).response.output)).toMatch(/are you there/i);
    line.close();
  });

  it('whatever a client sends is answered, and the session goes on', async () => {
    const line = await open();
    const bad: (object | string | Uint8Array)[] = [
      '{',
      'null',
      '[]',
      new Uint8Array([1, 2, 3]),
      {},
      { type: 'session.update' },
      { type: 'session.update', session: { type: 'realtime', tracing: 'auto' } },
      { type: 'input_audio_buffer.append', audio: 'not base64' },
      { type: 'input_audio_buffer.append', audio: 'A'.repeat(1_100_000) },
      { type: 'input_audio_buffer.commit' },
      { type: 'response.cancel' },
      { type: 'response.create', response: { conversation: 'none' } },
      { type: 'conversation.item.truncate', item_id: 'x', content_index: 0, audio_end_ms: 1 },
      { type: 'conversation.item.create', item: { type: 'mcp_approval_response', approve: true } },
      { type: 'x'.repeat(10_000), event_id: 'y' },
    ];
    for (const message of bad) line.send(message);
    await until('as many errors', () => line.errors().length === bad.length);
    line.ask('still there');
    expect(JSON.stringify((await line.told('response.done')).response.output)).toMatch(/still there/i);
    expect(line.errors().length).toBe(bad.length);
    line.close();
  });

  it('who floods is cut off, and who sends a message beyond all limits', async () => {
    const flood = await open('model=echo');
    for (let n = 0; n < 500; n += 1) flood.send('nonsense');
    expect((await until('its end', () => flood.closed)).code).toBe(1008);
    expect(
      flood
        .errors()
        .slice(0, 500)
        .every((error) => error === 'invalid_request_error invalid_json'),
    ).toBe(true);
    const huge = await open('model=echo');
    huge.send('x'.repeat(5_000_000));
    expect((await until('its end', () => huge.closed)).code).toBe(1009);
  });

  it('the session ends with its connection', async () => {
    const line = await open('model=echo&wheelhouse_level=2');
    const { session } = line;
    expect(await first.api.session(session)).toMatchObject({ state: 'live', level: 2, deployment: 'echo' });
    line.close();
    await until('its end', async () => (await first.api.session(session)).state === 'ended');
  });
});
