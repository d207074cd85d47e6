import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '@wheelhouse/protocol/frame';
import { z } from 'zod';
import { makeCertificate } from '../harness/certificate.ts';
import { engineOf } from '../harness/hostile-engine.ts';
import { HostileUpstream, type UpstreamLine } from '../harness/hostile-upstream.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { speak, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const KEY = 'upstream-key-0123456789';
const Deployments = z.object({ items: z.array(z.object({ name: z.string(), engine: z.string(), model: z.string() })) });

/** The loudest sample of a frame of sound. */
const loudest = ({ payload }: Frame): number =>
  new Int16Array(payload.slice().buffer).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

describe('a server in front of an upstream', () => {
  let upstream: HostileUpstream;
  let server: TestServer;
  let first: SignedIn;
  let second: SignedIn;

  beforeAll(async () => {
    upstream = await HostileUpstream.start();
    server = await TestServer.start({
      WHEELHOUSE_UPSTREAM_URL: upstream.url,
      WHEELHOUSE_UPSTREAM_MODEL: 'some-model',
      WHEELHOUSE_UPSTREAM_KEY: KEY,
      WHEELHOUSE_UPSTREAM_NAME: 'far away',
    });
    first = await server.firstOperator();
    second = await server.person(first, 'operator');
  });
  afterAll(async () => {
    await server.dispose();
    await upstream.close();
  });

  async function talking(): Promise<{ listener: Awaited<ReturnType<typeof Listener.attach>>; line: UpstreamLine; session: string }> {
    const before = upstream.lines.length;
    const attachment = await first.api.openSession({ deployment: 'far away' });
    const listener = await Listener.attach(attachment);
    const line = await upstream.line(before);
    return { listener, line, session: attachment.session.id };
  }

  it('offers it as a deployment, and keeps its key out of arguments, environments, logs and answers', async () => {
    const response = await fetch(`${server.url}/v1/deployments`, { headers: { cookie: first.cookie } });
    const text = await response.text();
    const { items } = Deployments.parse(JSON.parse(text));
    expect(items).toContainEqual({ name: 'far away', engine: 'realtime', model: 'some-model' });
    const { pid } = await engineOf(server, first);
    const seen =
      process.platform === 'linux' ? ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid ?? 0}/${file}`, 'utf8')) : [];
    for (const one of [text, server.output, ...seen]) expect(one).not.toContain(KEY);
    if (process.platform === 'linux') expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(KEY);
  });

  it('carries a conversation: sound and typed words in, sound and words out, and what was understood', async () => {
    const { listener, line } = await talking();
    expect(line.headers.authorization).toBe(`Bearer ${KEY}`);
    speak(listener.client, tone(1_000));
    await until('its sound upstream', () => line.heardMs > 1_000);
    line.send({ type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 });
    line.send({ type: 'input_audio_buffer.committed', item_id: 'u1', previous_item_id: null });
    line.send({ type: 'conversation.item.input_audio_transcription.completed', item_id: 'u1', content_index: 0, transcript: 'a tone' });
    await until('what was understood', () =>
      listener.engine.find((event) => event.type === 'heard' && event.final && event.text === 'a tone'),
    );
    listener.client.sendText('hello there');
    await until('the text upstream', () => line.of('conversation.item.create').length === 1);
    await until('the wish for an answer', () => line.of('response.create').length === 1);
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 1_000, value: 6_000, words: 'hello to you ' });
    line.end('r1', 'i1');
    await until('all of the answer', () => listener.audioFrames().length === 5);
    // The first one begins with the step of a filter.
    expect(listener.audioFrames().slice(1).map(loudest)).toEqual([6_000, 6_000, 6_000, 6_000]);
    expect(listener.said.join(' ')).toBe('hello to you');
    listener.client.end();
    await until('the end', () => listener.closed);
    await until('the end upstream', () => line.closed);
  });

  it('stops it by an order, in the middle of a flood of sound, and nothing old is heard after the release', async () => {
    const { listener, line, session } = await talking();
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 30_000, value: 3_000, words: 'on and on and on ' });
    await until('sound', () => listener.audioFrames().length > 2);
    const order = randomUUID();
    const ack = await first.api.order({ id: order, kind: 'stop', scope: { type: 'session', session }, reason: 'test' });
    const last = ack.sessions[0]?.lastSequence;
    line.say('r1', 'i1', { ms: 5_000, value: 3_000 });
    await until('the end upstream', () => line.closed);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const release = await first.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'it was a test' });
    await second.api.confirmRelease(release.id);
    await until('the release', () => listener.gateEvent('released'));
    const next = await upstream.line(upstream.lines.indexOf(line) + 1);
    expect(listener.lastSequence).toBe(last);
    next.begin('r1', 'i1');
    next.say('r1', 'i1', { ms: 400, value: 9_000 });
    next.end('r1', 'i1');
    const heard = listener.audioFrames().length;
    await until('the new answer', () => listener.audioFrames().length >= heard + 2);
    expect(listener.audioFrames().slice(heard).map(loudest)).toSatisfy((levels: number[]) => levels.every((level) => level >= 9_000));
    listener.client.end();
    await until('the end', () => listener.closed);
  });

  it('outlives an upstream that dies in mid-word: the client is told to drop the rest, and the next connection knows what was heard', async () => {
    const { listener, line } = await talking();
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 10_000, value: 3_000, words: 'first second third fourth fifth sixth seventh eighth ninth ' });
    await until('sound', () => listener.audioFrames().length > 2);
    line.die();
    await until('the yield', () => listener.engine.some(({ type }) => type === 'yield'));
    const heard = listener.audioFrames().length;
    const next = await upstream.line(upstream.lines.indexOf(line) + 1);
    await until('its memory', () => next.of('conversation.item.create').length === 1);
    // What the gate still held back when the line broke was handed out, and does not reach the client.
    const [memory] = next.of('conversation.item.create');
    expect(JSON.stringify(memory)).toContain(`"text":"${listener.said.join(' ')}`);
    expect(JSON.stringify(memory)).not.toContain('ninth');
    expect(listener.audioFrames()).toHaveLength(heard);
    await until('a word to the operator', () => server.output.includes('silent until it is back'));
    listener.client.end();
    await until('the end', () => listener.closed);
  });
});

describe('settings of an upstream that can not be used', () => {
  const start = async (env: Record<string, string>): Promise<string> => {
    try {
      const server = await TestServer.start(env);
      await server.dispose();
      return 'it started';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const url = 'wss://upstream.example/v1/realtime';

  it.each([
    [{ WHEELHOUSE_UPSTREAM_URL: url }, /WHEELHOUSE_UPSTREAM_MODEL has to name/],
    [{ WHEELHOUSE_UPSTREAM_MODEL: 'm' }, /WHEELHOUSE_UPSTREAM_URL has to say/],
    [{ WHEELHOUSE_UPSTREAM_URL: 'https://upstream.example', WHEELHOUSE_UPSTREAM_MODEL: 'm' }, /WHEELHOUSE_UPSTREAM_URL/],
    [{ WHEELHOUSE_UPSTREAM_URL: url, WHEELHOUSE_UPSTREAM_MODEL: 'm', WHEELHOUSE_UPSTREAM_NAME: 'relay' }, /name of another deployment/],
    [{ WHEELHOUSE_UPSTREAM_URL: url, WHEELHOUSE_UPSTREAM_MODEL: 'm', WHEELHOUSE_UPSTREAM_KEY_FILE: 'no-such-file' }, /can't be read/],
    [{ WHEELHOUSE_UPSTREAM_URL: 'ws://upstream.example/', WHEELHOUSE_UPSTREAM_MODEL: 'm', WHEELHOUSE_UPSTREAM_KEY: 'k' }, /unencrypted/],
    [
      { WHEELHOUSE_UPSTREAM_URL: url, WHEELHOUSE_UPSTREAM_MODEL: 'm', WHEELHOUSE_UPSTREAM_KEY: 'secret\r\nx: y' },
      /characters that no key has/,
    ],
  ])('are named at start: %j', async (env, words) => {
    const said = await start(env);
    expect(said).toMatch(words);
    expect(said).not.toContain('secret\r\n');
  });
});

describe('an upstream with a certificate and a key in files', () => {
  it('is connected to by a certificate that is trusted by name, and not without', async () => {
    const server = await TestServer.start();
    const folder = server.dataFolder;
    await server.stop();
    const certificate = await makeCertificate();
    const upstream = await HostileUpstream.start({ key: readFileSync(certificate.keyFile, 'utf8'), cert: certificate.cert });
    writeFileSync(path.join(folder, 'upstream.key'), `${KEY}\n`);
    Object.assign(server.env, {
      WHEELHOUSE_UPSTREAM_URL: upstream.url,
      WHEELHOUSE_UPSTREAM_MODEL: 'some-model',
      WHEELHOUSE_UPSTREAM_KEY_FILE: path.join(folder, 'upstream.key'),
      WHEELHOUSE_UPSTREAM_CA: certificate.certFile,
    });
    try {
      await server.run();
      const person = await server.firstOperator();
      const listener = await Listener.attach(await person.api.openSession({ deployment: 'upstream' }));
      expect((await upstream.line()).headers.authorization).toBe(`Bearer ${KEY}`);
      listener.client.end();
      await until('the end', () => listener.closed);
      delete server.env['WHEELHOUSE_UPSTREAM_CA'];
      await server.stop();
      await server.run();
      const again = await server.person(person, 'operator');
      const deaf = await Listener.attach(await again.api.openSession({ deployment: 'upstream' }));
      await until('a word about it', () => /certificate/i.test(server.output));
      expect(upstream.lines).toHaveLength(1);
      deaf.client.end();
      await until('the end', () => deaf.closed);
    } finally {
      await server.dispose();
      await upstream.close();
      certificate.remove();
    }
  });
});
