import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AudioResampler } from '@wheelhouse/realtime/audio-resample';
import { encodeG711 } from '@wheelhouse/realtime/audio-g711';
import { LiveServerEvent } from '@wheelhouse/realtime/live-server-events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';
import { bytes, clientOf, LiveCaller } from './openai-live-caller.ts';

const FUNCTION = { type: 'function', name: 'search', description: 'Looks an order up', parameters: { type: 'object' } } as const;

describe('the OpenAI Live protocol, with the client as it is shipped', () => {
  let server: TestServer;
  let ada: SignedIn;
  let key: string;
  const callers: LiveCaller[] = [];

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ({ key } = await server.key(ada, ['sessions:open', 'sessions:read']));
  });
  afterAll(async () => {
    for (const { ws } of callers) ws.close();
    await server.dispose();
  });

  async function start(session: Parameters<typeof LiveCaller.start>[2] = {}): Promise<LiveCaller> {
    const caller = await LiveCaller.start(server, key, session);
    callers.push(caller);
    return caller;
  }

  async function connected(): Promise<LiveCaller> {
    const caller = new LiveCaller(clientOf(server, key));
    callers.push(caller);
    await until('the connection', () => caller.ws.socket.readyState === WebSocket.OPEN);
    return caller;
  }

  it('hears speech, tells what it understood, and answers in words and sound', async () => {
    const caller = await start({ audio: { format: { type: 'audio/pcm', rate: 24_000 } } });
    const started = await caller.hears('session.started');
    expect(started).toMatchObject({ client_event_id: 'start', session: { model: 'relay', status: 'active' } });
    expect((await ada.api.session(started.session.id)).state).toBe('live');
    const up = new AudioResampler(16_000, 24_000);
    void caller.speak(recording('refund.wav'), (samples) => bytes(up.take(samples)));
    const understood = await caller.hears('session.input_transcript.delta');
    expect(understood.delta.toLowerCase()).toMatch(/order/);
    expect(understood.end_ms).toBeGreaterThan(understood.start_ms);
    await until('an answer in words', () => /you said:.*order/i.test(caller.said('output')));
    // Sound of 24 kHz comes in ticks of 9,600 bytes.
    await until('two seconds of sound', () => caller.soundBytes >= 2 * 48_000);
    expect(Buffer.from(caller.all('session.output_audio.delta')[0]?.delta ?? '', 'base64').length).toBeLessThanOrEqual(9_600);
    for (const { event } of caller.events) LiveServerEvent.parse(event);
    caller.ws.send({ type: 'session.close', event_id: 'bye' });
    expect(await caller.hears('session.closed')).toMatchObject({ reason: 'close_requested', client_event_id: 'bye' });
    expect((await until('the end', () => caller.closed)).code).toBe(1000);
    await until('the session to end', async () => (await ada.api.session(started.session.id)).state === 'ended');
    expect(caller.errors).toEqual([]);
  });

  it.each(['audio/pcmu', 'audio/pcma'] as const)('speaks %s both ways', async (type) => {
    const caller = await start({ audio: { format: { type, rate: 8000 } } });
    const down = new AudioResampler(16_000, 8_000);
    void caller.speak(recording('short.wav'), (samples) => encodeG711(type === 'audio/pcmu' ? 'mulaw' : 'alaw', down.take(samples)));
    await until('what was heard', () => /hear/i.test(caller.said('input')));
    await until('half a second of sound', () => caller.soundBytes >= 4000);
    caller.ws.send({ type: 'session.close' });
  });

  it('speaks what it is given to say, and takes instructions and silent context', async () => {
    const caller = await start({
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ text: 'Hello?' }] },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Hello.' }] },
      ],
    });
    caller.ws.send({ type: 'session.instructions.append', content: 'Be kind.', delegation_id: null, event_id: 'i' });
    caller.ws.send({ type: 'session.thinking.append', content: 'It rains.', delegation_id: null, event_id: 't' });
    caller.ws.send({ type: 'session.commentary.append', content: 'Your parcel ships today.', delegation_id: null, event_id: 'c' });
    expect(await caller.hears('session.instructions.appended')).toMatchObject({ client_event_id: 'i' });
    expect(await caller.hears('session.thinking.appended')).toMatchObject({ client_event_id: 't' });
    expect(await caller.hears('session.commentary.appended')).toMatchObject({ client_event_id: 'c' });
    await until('the words', () => /parcel ships today/i.test(caller.said('output')));
    caller.ws.send({ type: 'session.close' });
  });

  it('asks for a function in the words of the Responses API, and goes on with its result', async () => {
    const caller = await start({ delegation: { type: 'responses', responses: { model: 'relay', tools: [FUNCTION] } } });
    caller.ws.send({ type: 'session.commentary.append', content: 'call search {"order":7}', delegation_id: null });
    const delegated = await caller.hears('session.delegation.created');
    expect(delegated.delegation).toMatchObject({ target: 'responses' });
    const done = await until('the call', () =>
      caller.all('response.event').find(({ event }) => event['type'] === 'response.function_call_arguments.done'),
    );
    expect(done.event).toMatchObject({ name: 'search', arguments: '{"order":7}' });
    const item = await until(
      'the whole item',
      () => caller.all('response.event').find(({ event }) => event['type'] === 'response.output_item.done')?.event['item'],
    );
    expect(item).toMatchObject({ type: 'function_call', name: 'search' });
    const call_id = typeof item === 'object' && item !== null && 'call_id' in item ? String(item.call_id) : '';
    caller.ws.send({ type: 'response.item.create', item: { type: 'function_call_output', call_id, output: 'It is on its way.' } });
    caller.ws.send({ type: 'response.create' });
    await until('the result in words', () => /tool answered: It is on its way/i.test(caller.said('output')));
    caller.ws.send({ type: 'session.close' });
  });

  it('falls silent when an operator stops it in mid-answer, and says why', async () => {
    const caller = await start();
    caller.ws.send({
      type: 'session.commentary.append',
      content: 'This is a long story about a lighthouse keeper who counted ships every night until the morning came and the lamp went out.',
      delegation_id: null,
    });
    await until('a second of sound', () => caller.soundBytes >= 32_000);
    const order = randomUUID();
    const session = await caller.session();
    const ack = await ada.api.order({ id: order, kind: 'stop', scope: { type: 'session', session }, reason: 'test' });
    const [effect] = ack.sessions;
    expect(effect).toMatchObject({ session, settled: true });
    const flush = await until('the flush', () => caller.info('wheelhouse.flush')[0]);
    expect(flush).toMatchObject({ wheelhouse: { type: 'flush', order, kind: 'stop', lastSequence: effect?.lastSequence } });
    await pause(1500);
    const at = caller.events.findIndex(({ event }) => event === flush);
    const after = caller.events.slice(at + 1).map(({ event }) => event.type);
    expect(after.filter((type) => type.startsWith('session.output'))).toEqual([]);
    // Nobody spoke to it, so words and sound are all that left: each frame has its number, and is one event of the protocol.
    expect(caller.events.filter(({ event }) => event.type.startsWith('session.output_'))).toHaveLength(effect?.lastSequence ?? -1);
    const ben = await server.person(ada, 'operator');
    const release = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'it was a test' });
    await ben.api.confirmRelease(release.id);
    await until('the release', () => caller.info('wheelhouse.released')[0]);
    caller.ws.send({ type: 'session.commentary.append', content: 'Good morning.', delegation_id: null });
    await until('words after the release', () => /good morning/i.test(caller.said('output')));
    caller.ws.send({ type: 'session.close' });
  });

  it('hears nothing while its client has muted it', async () => {
    const caller = await start();
    caller.ws.send({ type: 'session.input_audio.mute', event_id: 'm' });
    expect(await caller.hears('session.input_audio.muted')).toMatchObject({ client_event_id: 'm' });
    await caller.speak(recording('short.wav'));
    await pause(1500);
    expect(caller.said('input')).toBe('');
    caller.ws.send({ type: 'session.input_audio.unmute' });
    await caller.hears('session.input_audio.unmuted');
    void caller.speak(recording('short.wav'));
    await until('what was heard', () => /hear/i.test(caller.said('input')));
    caller.ws.send({ type: 'session.close' });
  });

  it('lets nobody in without a key that is one', async () => {
    for (const wrong of ['wh_nonsense', 'sk-openai']) {
      const caller = new LiveCaller(clientOf(server, wrong));
      await until('the refusal', () => caller.errors.find(({ message }) => message.includes('401')));
    }
    const { key: reads } = await server.key(ada, ['sessions:read']);
    const caller = new LiveCaller(clientOf(server, reads));
    caller.begin();
    expect(await caller.refused()).toEqual({ code: 'forbidden', param: undefined, clientEvent: 'start' });
    caller.ws.close();
  });

  it('opens at the level that a header asks for', async () => {
    const asking = (level: string) => {
      const caller = new LiveCaller(clientOf(server, key), { headers: { 'Wheelhouse-Level': level } });
      callers.push(caller);
      return caller;
    };
    const modest = asking('2');
    modest.begin();
    expect((await ada.api.session(await modest.session())).level).toBe(2);
    modest.ws.send({ type: 'session.close' });
    const wrong = asking('6');
    await until('the refusal', () => wrong.errors.find(({ message }) => message.includes('400')));
  });

  it('takes session.start first and once, and names what is wrong with it', async () => {
    const caller = await connected();
    caller.ws.send({ type: 'session.input_audio.mute', event_id: 'early' });
    expect(await caller.refused()).toEqual({ code: 'session_not_started', param: 'type', clientEvent: 'early' });
    caller.begin({ model: 'gpt-live-1' });
    expect(await caller.refused(1)).toEqual({ code: 'model_not_found', param: 'session.model', clientEvent: 'start' });
    caller.begin({ store: true });
    expect(await caller.refused(2)).toEqual({ code: 'unsupported_value', param: 'session.store', clientEvent: 'start' });
    caller.begin({ delegation: { type: 'responses', responses: { model: 'gpt-5' } } });
    expect(await caller.refused(3)).toMatchObject({ code: 'unsupported_value', param: 'session.delegation.responses.model' });
    caller.begin();
    // Sent before the session has started, and done once it has.
    caller.ws.send({ type: 'session.commentary.append', content: 'Early words.', delegation_id: null });
    await caller.hears('session.started');
    await until('the early words', () => /early words/i.test(caller.said('output')));
    caller.begin();
    expect(await caller.refused(4)).toMatchObject({ code: 'session_already_started' });
    expect(caller.errors.length).toBe(5);
    caller.ws.send({ type: 'session.close' });
  });

  it('closes a connection that never starts a session', async () => {
    const caller = await connected();
    expect((await caller.refused()).code).toBe('session_start_timeout');
    expect((await until('the close', () => caller.closed)).code).toBe(1008);
  });

  it('refuses what is not here, by name, and goes on', async () => {
    const caller = await start();
    caller.ws.send({ type: 'session.output_audio.fixture.play', audio: 'AAAA', event_id: 'f' });
    caller.ws.send({ type: 'decision.create', event_id: 'd' });
    caller.ws.send({ type: 'response.create', event_id: 'r' });
    caller.ws.send({ type: 'session.update', session: { triggers: [] }, event_id: 'u' });
    caller.ws.send({ type: 'session.input_audio.append', audio: '%%%', event_id: 'a' });
    caller.raw('{"type":');
    caller.ws.sendRaw(new Uint8Array(8));
    await until('six errors', () => caller.all('error').length === 6);
    expect(caller.all('error').map(({ error }) => [error.client_event_id, error.code])).toEqual([
      ['f', 'unsupported_value'],
      ['d', 'unsupported_value'],
      ['r', 'unsupported_value'],
      ['a', 'invalid_audio'],
      [undefined, 'invalid_json'],
      [undefined, 'not_text'],
    ]);
    expect(await caller.hears('session.updated')).toMatchObject({ client_event_id: 'u' });
    caller.ws.send({ type: 'session.commentary.append', content: 'Still here.', delegation_id: null });
    await until('words', () => /still here/i.test(caller.said('output')));
    caller.ws.send({ type: 'session.close' });
  });

  it('hears a recording that is sent at once, and cuts off a flood', async () => {
    const patient = await start();
    patient.append(bytes(recording('short.wav')));
    await until('what was heard', () => /hear/i.test(patient.said('input')));
    patient.ws.send({ type: 'session.close' });

    const flood = await start({ model: 'echo' });
    const second = bytes(tone(10_000));
    for (let i = 0; i < 40 && flood.closed === null; i += 1) flood.append(second);
    await until('the cut', () => flood.closed);
    expect(flood.closed?.code).toBe(1008);
    expect(flood.all('error').at(-1)?.error).toMatchObject({ code: 'too_much_audio' });
    const session = await flood.session();
    await until('the session to end', async () => (await ada.api.session(session)).state === 'ended');
    // Others were served all the while.
    const caller = await start({ model: 'echo' });
    void caller.speak(tone(1000));
    await until('sound', () => caller.soundBytes > 0);
    caller.ws.send({ type: 'session.close' });
  });

  it('ends the session with its connection', async () => {
    const caller = await start();
    const session = await caller.session();
    caller.ws.socket.terminate();
    await until('the session to end', async () => (await ada.api.session(session)).state === 'ended');
  });

  it('outlives whatever is thrown at it', async () => {
    const seeds = [
      '{}',
      '[]',
      'null',
      '""',
      '{"type":null}',
      '{"type":"session.start"}',
      '{"type":"session.update","session":7}',
      'é'.repeat(99),
    ];
    const caller = await start();
    for (let i = 0; i < 60; i += 1) caller.raw(seeds[i % seeds.length] ?? '');
    await until('the cut', () => caller.closed);
    expect(caller.closed?.code).toBe(1008);
    expect(caller.all('error').length).toBeGreaterThanOrEqual(20);
    expect((await start()).closed).toBeNull();
  });
});
