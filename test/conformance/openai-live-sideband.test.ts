import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type OpenAI from 'openai';
import type { SidebandServerEvent } from 'openai/resources/live/sideband';
import { SidebandWS } from 'openai/resources/live/sideband/ws';
import { LiveServerEvent } from '@wheelhouse/realtime/live-server-events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';
import { clientOf, LiveCaller } from './openai-live-caller.ts';

type Told<T> = Extract<SidebandServerEvent, { type: T }>;

/** The unmodified `SidebandWS`, with everything that it was told. */
class Sideband {
  readonly ws: SidebandWS;
  readonly events: SidebandServerEvent[] = [];
  readonly errors: Error[] = [];
  closed: number | null = null;

  constructor(client: OpenAI, session_id: string, query: { graceful_close?: boolean } = {}) {
    this.ws = new SidebandWS(client, { session_id, ...query });
    this.ws.on('event', (event) => this.events.push(event));
    this.ws.on('error', (error) => this.errors.push(error));
    this.ws.on('close', (code) => {
      this.closed = code;
    });
  }

  static async attach(client: OpenAI, session: string): Promise<Sideband> {
    const sideband = new Sideband(client, session);
    await until('the sideband to be attached', () => sideband.info('wheelhouse.attached')[0]);
    return sideband;
  }

  all<T extends SidebandServerEvent['type']>(type: T): Told<T>[] {
    return this.events.filter((event): event is Told<T> => event.type === type);
  }

  hears<T extends SidebandServerEvent['type']>(type: T): Promise<Told<T>> {
    return until(`the event ${type}`, () => this.all(type)[0]);
  }

  info(code: string): Told<'info'>[] {
    return this.all('info').filter((event) => event.code === code);
  }

  heardBytes(direction: 'in' | 'out'): number {
    const sounds =
      direction === 'in'
        ? this.all('session.input_audio.append').map(({ audio }) => audio)
        : this.all('session.output_audio.delta').map(({ delta }) => delta);
    return sounds.reduce((sum, sound) => sum + Buffer.from(sound, 'base64').length, 0);
  }
}

describe('the sideband of the OpenAI Live protocol, with the client as it is shipped', () => {
  let server: TestServer;
  let ada: SignedIn;
  let key: string;
  let backend: OpenAI;

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_STREAM_THREADS: '2' });
    ada = await server.firstOperator();
    ({ key } = await server.key(ada, ['sessions:open']));
    backend = clientOf(server, (await server.key(ada, ['orders:give'])).key);
  });
  afterAll(() => server.dispose());

  /** How many entries of a kind the ledger has that say `text`. */
  async function entries(kind: string, text: string): Promise<number> {
    const rows = await new TestDatabase(server).query('SELECT opening FROM ledger_entry WHERE kind = $1', [kind]);
    return rows.filter(({ opening }) => String(opening).includes(text)).length;
  }

  it('hears both directions and reads both transcripts, and the record says that it listened', async () => {
    const caller = await LiveCaller.start(server, key);
    const session = await caller.session();
    const sideband = await Sideband.attach(backend, session);
    expect(await entries('supervision.began', session)).toBe(1);
    expect((await ada.api.session(session)).state).toBe('live');
    void caller.speak(recording('short.wav'));
    const understood = await sideband.hears('session.input_transcript.delta');
    expect(understood.delta).toMatch(/hear/i);
    await until('a second of the answer', () => sideband.heardBytes('out') >= 48_000);
    // Two seconds and a half of speech, pauses left out, at 24 kHz.
    expect(sideband.heardBytes('in')).toBeGreaterThan(24_000);
    await until('the words', () => sideband.all('session.output_transcript.delta').length > 2);
    for (const sound of sideband.all('session.output_audio.delta')) expect((sound.end_ms ?? 0) - (sound.start_ms ?? 0)).toBe(200);
    for (const event of sideband.events) LiveServerEvent.parse(event);
    sideband.ws.close();
    await until('the record of its end', async () => (await entries('supervision.ended', session)) === 1);
    caller.ws.send({ type: 'session.close' });
  });

  it('mutes by an order: both ways, at once, recorded, and let loose by two people only', async () => {
    const caller = await LiveCaller.start(server, key);
    const session = await caller.session();
    const sideband = await Sideband.attach(backend, session);
    caller.ws.send({
      type: 'session.commentary.append',
      content: 'This is a long story about a lighthouse keeper who counted ships every night until the morning came.',
      delegation_id: null,
    });
    await until('sound', () => caller.soundBytes >= 16_000);
    sideband.ws.send({ type: 'session.input_audio.mute', event_id: 'm' });
    expect(await sideband.hears('session.input_audio.muted')).toMatchObject({ client_event_id: 'm' });
    const flush = await until('the flush', () => caller.info('wheelhouse.flush')[0]);
    expect(flush).toMatchObject({ wheelhouse: { kind: 'mute' } });
    await until('the flush on the sideband', () => sideband.info('wheelhouse.flush')[0]);
    const spoken = caller.soundBytes;
    const latch = (await ada.api.latches()).find(({ scope }) => scope.type === 'session' && scope.session === session);
    expect(latch).toMatchObject({ kind: 'mute', author: { kind: 'key' } });

    // The engine hears nothing of the person; the sideband does.
    const before = sideband.heardBytes('in');
    await caller.speak(recording('short.wav'));
    await pause(1500);
    expect(caller.said('input')).toBe('');
    expect(caller.soundBytes).toBe(spoken);
    expect(sideband.heardBytes('in')).toBeGreaterThan(before);

    // Again changes nothing; the other way is not a key's.
    sideband.ws.send({ type: 'session.input_audio.mute' });
    await until('the second answer', () => sideband.all('session.input_audio.muted').length === 2);
    expect((await ada.api.latches()).filter(({ scope }) => scope.type === 'session' && scope.session === session)).toHaveLength(1);
    sideband.ws.send({ type: 'session.input_audio.unmute', event_id: 'u' });
    const refusal = await sideband.hears('error');
    expect(refusal.error).toMatchObject({ code: 'forbidden', client_event_id: 'u' });
    expect(refusal.error.message).toMatch(/human has to release/i);

    const ben = await server.person(ada, 'operator');
    const release = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: latch?.order ?? '', reason: 'done' });
    await ben.api.confirmRelease(release.id);
    await until('the release', () => sideband.info('wheelhouse.released')[0]);
    void caller.speak(recording('short.wav'));
    await until('what was heard after the release', () => /hear/i.test(caller.said('input')));
    await until('sound after the release', () => caller.soundBytes > spoken);
    caller.ws.send({ type: 'session.close' });
    await sideband.hears('session.closed');
    sideband.ws.close();
  });

  it('whispers to the engine, as an order that the record has', async () => {
    const caller = await LiveCaller.start(server, key);
    const session = await caller.session();
    const sideband = await Sideband.attach(backend, session);
    sideband.ws.send({ type: 'session.thinking.append', content: 'Say it kindly', delegation_id: null, event_id: 't' });
    expect(await sideband.hears('session.thinking.appended')).toMatchObject({ client_event_id: 't' });
    sideband.ws.send({ type: 'session.instructions.append', content: 'Tell them warmly', delegation_id: null, event_id: 'i' });
    expect(await sideband.hears('session.instructions.appended')).toMatchObject({ client_event_id: 'i' });
    sideband.ws.send({ type: 'session.commentary.append', content: 'Good news', delegation_id: null });
    await sideband.hears('session.commentary.appended');
    caller.ws.send({ type: 'session.commentary.append', content: 'It ships today.', delegation_id: null });
    await until('the guided words', () => /good news: it ships today/i.test(caller.said('output')));
    expect(
      (await ada.api.orders()).items.filter(
        ({ kind, scope }) => kind === 'whisper' && scope.type === 'session' && scope.session === session,
      ),
    ).toHaveLength(3);
    caller.ws.send({ type: 'session.close' });
    expect(await sideband.hears('session.closed')).toMatchObject({ session: { id: session } });
    await until('the end', () => sideband.closed === 1000);
  });

  it('hears of an operator’s stop, and nothing of the engine’s after it', async () => {
    const caller = await LiveCaller.start(server, key, { model: 'echo' });
    const session = await caller.session();
    const sideband = await Sideband.attach(backend, session);
    void caller.speak(tone(6000));
    await until('sound', () => sideband.heardBytes('out') > 0);
    await ada.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session }, reason: '' });
    const flush = await until('the flush', () => sideband.info('wheelhouse.flush')[0]);
    await pause(1200);
    const after = sideband.events.slice(sideband.events.indexOf(flush) + 1);
    expect(after.filter(({ type }) => type === 'session.output_audio.delta')).toEqual([]);
    expect(after.some(({ type }) => type === 'session.input_audio.append')).toBe(true);
    caller.ws.send({ type: 'session.close' });
    await sideband.hears('session.closed');
  });

  it('ends a session where its key may', async () => {
    const caller = await LiveCaller.start(server, key);
    const session = await caller.session();
    const sideband = await Sideband.attach(backend, session);
    sideband.ws.send({ type: 'session.close', event_id: 'c' });
    expect((await sideband.hears('error')).error).toMatchObject({ code: 'forbidden', client_event_id: 'c' });
    const { key: both } = await server.key(ada, ['orders:give', 'sessions:open']);
    const stronger = await Sideband.attach(clientOf(server, both), session);
    stronger.ws.send({ type: 'session.close' });
    expect(await caller.hears('session.closed')).toMatchObject({ reason: 'close_requested' });
    await Promise.all([sideband.hears('session.closed'), stronger.hears('session.closed')]);
    await until('both ends', () => sideband.closed === 1000 && stronger.closed === 1000);
    await until('the session to end', async () => (await ada.api.session(session)).state === 'ended');
  });

  it('lets nobody else in, and tells nobody what there is', async () => {
    const { session } = await ada.api.openSession({ deployment: 'relay' });
    const developer = await server.person(ada, 'developer');
    const attempts: [string, string, string][] = [
      ['401', 'wh_nonsense', session.id],
      ['403', key, session.id],
      ['403', (await server.key(developer, ['orders:give'])).key, session.id],
      ['404', (await server.key(ada, ['orders:give'])).key, randomUUID()],
      ['404', (await server.key(ada, ['orders:give'])).key, 'live_1234'],
    ];
    const admin = await server.person(ada, 'administrator', 'globex');
    attempts.push(['404', (await server.key(admin, ['orders:give'])).key, session.id]);
    for (const [status, secret, id] of attempts) {
      const sideband = new Sideband(clientOf(server, secret), id);
      await until(`${status} for ${id}`, () => sideband.errors.find(({ message }) => message.includes(status)));
    }
    // A cookie is no key, and a query parameter that is not here is refused.
    const url = `${server.streamUrl.replace('/v1/stream', '')}/v1/live/sessions/${session.id}/attach`;
    for (const [address, headers] of [
      [url, { cookie: ada.cookie }],
      [`${url}?speak=1`, { authorization: `Bearer ${key}` }],
    ] as const) {
      const socket = new WebSocket(address, { headers });
      const [error] = await new Promise<unknown[]>((resolve) =>
        socket.once('error', (...given) => {
          resolve(given);
        }),
      );
      expect(String(error)).toMatch(/401|501/);
    }
  });

  it('refuses what a sideband can not have, in the protocol’s words, and cuts off one that does nothing else', async () => {
    const caller = await LiveCaller.start(server, key);
    const sideband = await Sideband.attach(backend, await caller.session());
    sideband.ws.send({ type: 'session.update', session: {}, event_id: 'a' });
    sideband.ws.send({ type: 'session.output_audio.fixture.play', audio: 'AAAA', event_id: 'b' });
    sideband.ws.send({ type: 'transport.dtmf.send', event: '1', event_id: 'c' });
    sideband.ws.send({ type: 'response.create', event_id: 'd' });
    sideband.ws.send({ type: 'session.input_audio.unmute', event_id: 'e' });
    sideband.ws.sendRaw('{"type":"session.start","event_id":"f"}');
    sideband.ws.sendRaw('{');
    await until('seven errors', () => sideband.all('error').length === 7);
    const codes = new Map(sideband.all('error').map(({ error }) => [error.client_event_id, error.code]));
    for (const id of ['a', 'b', 'c', 'd', 'f']) expect(codes.get(id)).toBe('unsupported_value');
    expect(codes.get('e')).toBe('not_in_force');
    expect(codes.get(undefined)).toBe('invalid_json');
    for (let i = 0; i < 40; i += 1) sideband.ws.sendRaw('7');
    await until('the cut', () => sideband.closed === 1008);
    caller.ws.send({ type: 'session.close' });
  });

  it('listens to any session, and four at once at most', async () => {
    const attachment = await ada.api.openSession({ deployment: 'echo' });
    const sidebands = await Promise.all(Array.from({ length: 4 }, () => Sideband.attach(backend, attachment.session.id)));
    const fifth = new Sideband(backend, attachment.session.id);
    await until('the refusal', () => fifth.errors.find(({ message }) => message.includes('409')));
    const listener = await Listener.attach(attachment);
    for (let i = 0; i < 10; i += 1) listener.client.sendAudio(tone(50));
    await until('sound on all of them', () => sidebands.every((one) => one.heardBytes('in') > 0 && one.heardBytes('out') > 0));
    listener.client.end();
    await Promise.all(sidebands.map((one) => one.hears('session.closed')));
  });

  it('is shut out when its key is revoked', async () => {
    const { session } = await ada.api.openSession({ deployment: 'relay' });
    const issued = await server.key(ada, ['orders:give']);
    const sideband = await Sideband.attach(clientOf(server, issued.key), session.id);
    await ada.api.revokeKey(issued.id);
    sideband.ws.send({ type: 'session.input_audio.mute' });
    expect((await sideband.hears('error')).error.code).toBe('unauthenticated');
    expect(await ada.api.latches()).not.toContainEqual(expect.objectContaining({ scope: { type: 'session', session: session.id } }));
    sideband.ws.close();
  });
});
