import { randomUUID } from 'node:crypto';
import type { Session } from '@wheelhouse/protocol/session';
import { problemOf } from '@wheelhouse/protocol/problem';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import { everyItem } from '@wheelhouse/sdk/every-item';
import { NoticeClient } from '@wheelhouse/sdk/notice-client';
import { SessionStream, type StreamPart } from '@wheelhouse/sdk/session-stream';
import { freePort } from '@wheelhouse/installation/free-port';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REFUND } from '../harness/action-scene.ts';
import { FrailLine } from '../harness/frail-line.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

describe('the SDK, on a line that fails', () => {
  let server: TestServer;
  let line: FrailLine;
  let streams: FrailLine;
  let admin: SignedIn;
  let developer: SignedIn;
  let api: ApiClient;

  beforeAll(async () => {
    const port = await freePort();
    streams = await FrailLine.before(() => port);
    const env = { WHEELHOUSE_STREAM_PORT: String(port), WHEELHOUSE_STREAM_URL: `ws://127.0.0.1:${streams.port}` };
    server = await TestServer.start(env);
    line = await FrailLine.before(() => Number(new URL(server.url).port));
    admin = await server.firstOperator();
    developer = await server.person(admin, 'developer');
    api = as(developer);
  });
  beforeEach(() => {
    line.requests.length = 0;
  });
  afterAll(async () => {
    for (const one of [line, streams]) one.close();
    await server.dispose();
  });

  const url = () => `http://127.0.0.1:${line.port}`;
  const as = ({ cookie }: SignedIn) => new ApiClient(url(), { cookie });
  const openSessions = async (): Promise<number> => (await admin.api.sessions('?state=waiting&limit=200')).items.length;
  const keysSent = (): (string | undefined)[] => line.requests.map((head) => /^idempotency-key: (\S+)$/im.exec(head)?.[1]);
  const refusal = (code: 'rate_limited' | 'stopping', headers: string): string => {
    const body = JSON.stringify(problemOf(code, 'not now'));
    const status = code === 'rate_limited' ? '429 Too Many Requests' : '503 Service Unavailable';
    return `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
  };

  describe('sends again', () => {
    it('what makes something, under the same Idempotency-Key, and it is made once', async () => {
      const before = await openSessions();
      line.loseAnswers = 2;
      const { session } = await api.openSession({ level: 2 });
      expect(session.level).toBe(2);
      expect(await openSessions()).toBe(before + 1);
      expect(keysSent()).toHaveLength(3);
      expect(new Set(keysSent()).size).toBe(1);
      expect(keysSent()[0]).toMatch(/^[0-9a-f]{32}$/);
      await api.openSession();
      expect(new Set(keysSent()).size).toBe(2);
    });

    it('with a key of the caller’s own, over calls and clients', async () => {
      const once = { idempotencyKey: `order-${randomUUID()}` };
      const [one, two] = [await api.openSession({}, once), await as(developer).openSession({}, once)];
      expect(two.session.id).toBe(one.session.id);
      expect(await refused(api.openSession({ level: 1 }, once))).toBe('conflict');
      expect(keysSent()).toEqual([once.idempotencyKey, once.idempotencyKey, once.idempotencyKey]);
    });

    it('on every route that takes one', async () => {
      const house = as(admin);
      const { id } = await house.issueKey({ name: 'one', scopes: ['sessions:read'], expiresInDays: 1 });
      await house.rotateKey(id);
      await house.invite({ name: 'Ben', email: 'ben@example.org', role: 'operator' });
      await house.askExport({ format: 'csv', profile: 'no-people', reason: 'a test' });
      await new ActionClient(url(), { cookie: admin.cookie }).makeWebhook({ url: 'https://hooks.invalid/' });
      await new NoticeClient(url(), { cookie: admin.cookie }).makeChannel({ kind: 'webhook', url: 'https://hooks.invalid/' });
      const sent = keysSent();
      expect(sent).toHaveLength(6);
      expect(new Set(sent).size).toBe(6);
      expect(sent).not.toContain(undefined);
    });

    it('what has an id of the caller’s own, what only looks, and what takes away', async () => {
      const { session } = await api.openSession();
      const house = as(admin);
      line.loseAnswers = 1;
      const order = { id: randomUUID(), kind: 'mute', scope: { type: 'session', session: session.id }, reason: '' } as const;
      expect(await house.order(order)).toMatchObject({ order: order.id, repeated: true });
      line.loseAnswers = 1;
      expect((await house.session(session.id)).latched).toEqual(['mute']);
      line.loseAnswers = 1;
      expect((await api.ticket(session.id)).session.id).toBe(session.id);
      const key = await server.key(developer, ['sessions:read']);
      line.loseAnswers = 1;
      await api.revokeKey(key.id);
      expect(await refused(key.api.sessions())).toBe('unauthenticated');
      expect(await refused(api.revokeKey(key.id))).toBe('not_found');
    });

    it('what came too often, when its time has come, and what met a server that was away', async () => {
      line.answers.push(refusal('rate_limited', 'retry-after: 1\r\n'), refusal('stopping', ''));
      const began = performance.now();
      expect((await api.me()).principal.role).toBe('developer');
      expect(performance.now() - began).toBeGreaterThanOrEqual(1000);
      expect(line.requests).toHaveLength(3);
      // Nothing was done, so that anything may come again after a 429.
      const { id } = await ask();
      line.requests.length = 0;
      line.answers.push(refusal('rate_limited', 'retry-after: 1\r\n'));
      expect((await actions().withdraw(id)).state).toBe('withdrawn');
      expect(line.requests).toHaveLength(2);
    });

    it('while the server restarts', async () => {
      const { session } = await api.openSession();
      await server.stop();
      const patient = new ApiClient(url(), { cookie: developer.cookie }, { tries: 30 });
      const [answer] = await Promise.all([patient.session(session.id), server.run()]);
      expect(answer.id).toBe(session.id);
      expect(line.requests.length).toBeGreaterThan(1);
    });
  });

  const actions = () => new ActionClient(url(), { cookie: developer.cookie });
  const ask = () => actions().ask({ id: randomUUID(), ...REFUND });

  describe('does not send again', () => {
    it('what would do more the second time', async () => {
      const { id } = await ask();
      line.requests.length = 0;
      line.loseAnswers = 1;
      await expect(actions().check(id, REFUND)).rejects.toThrow(TypeError);
      line.answers.push(refusal('stopping', ''));
      expect(await refused(actions().check(id, REFUND))).toBe('stopping');
      expect(line.requests).toHaveLength(2);
    });

    it('for ever, nor what is to come much later, nor for who has no patience', async () => {
      line.answers.push(...Array.from({ length: 3 }, () => refusal('stopping', '')));
      expect(await refused(new ApiClient(url(), { cookie: developer.cookie }, { tries: 3 }).me())).toBe('stopping');
      expect(line.requests).toHaveLength(3);
      line.answers.push(refusal('rate_limited', 'retry-after: 61\r\n'));
      expect(await refused(api.me())).toBe('rate_limited');
      line.answers.push(refusal('rate_limited', ''));
      expect(await refused(api.me())).toBe('rate_limited');
      line.answers.push(refusal('stopping', ''));
      expect(await refused(new ApiClient(url(), { cookie: developer.cookie }, { tries: 1 }).me())).toBe('stopping');
      expect(line.answers).toEqual([]);
      expect(line.requests).toHaveLength(6);
    });

    it('what was refused for what it is', async () => {
      expect(await refused(api.session(randomUUID()))).toBe('not_found');
      expect(line.requests).toHaveLength(1);
    });
  });

  it('waits for a decision over a line that breaks', async () => {
    const { id, digest } = await ask();
    const operator = await server.person(admin, 'operator');
    const states: string[] = [];
    const following = (async () => {
      for await (const { state } of actions().following(id, { seconds: 1 })) states.push(state);
    })();
    await until('an answer', () => states.length > 0);
    line.cut();
    line.answers.push(refusal('stopping', ''));
    await until('it to ask again', () => states.length > 1);
    await new ActionClient(server.url, { cookie: operator.cookie }).decide(id, { outcome: 'approve', digest });
    await following;
    expect(states.at(-1)).toBe('approved');
    expect(new Set(states.slice(0, -1))).toEqual(new Set(['pending']));
  });

  it('goes through a list of any length, page by page, as far as it is read', async () => {
    const person = await server.person(admin, 'developer', 'acme');
    const opened = new Set<string>();
    for (let nth = 0; nth < 5; nth += 1) opened.add((await person.api.openSession()).session.id);
    const list = (filter: Record<string, string>) => everyItem((query) => as(person).sessions(query), filter);
    const all: Session[] = [];
    line.requests.length = 0;
    for await (const session of list({ limit: '2', state: 'waiting' })) all.push(session);
    expect(new Set(all.map(({ id }) => id))).toEqual(opened);
    expect(all).toHaveLength(5);
    expect(line.requests).toHaveLength(3);
    for (const head of line.requests) expect(head).toContain('state=waiting');
    line.requests.length = 0;
    for await (const { id } of list({ limit: '2' })) {
      expect(opened).toContain(id);
      break;
    }
    expect(line.requests).toHaveLength(1);
    for await (const session of list({ state: 'ended' })) throw new Error(`${session.id} has not ended`);
  });

  describe('a stream', () => {
    const read = (stream: SessionStream) => {
      const parts: StreamPart[] = [];
      const done = (async () => {
        for await (const part of stream.parts()) parts.push(part);
      })();
      return { parts, done, words: () => parts.flatMap((part) => (part.type === 'said' ? [part.text] : [])).join(' ') };
    };
    /** Says it as a client does: again where it is told that the gate did not let it through just now. Fails with what it was told last. */
    const answered = async (stream: SessionStream, { parts, words }: ReturnType<typeof read>, word: string) => {
      const refusals = () =>
        parts.filter((part) => part.type === 'gate' && ['checkpoint', 'lease', 'error'].includes(part.event.type)).length;
      let met = refusals();
      await until('a stream that takes words', () => stream.sendText(word));
      const answer = until(`an answer to ${word}`, () => {
        if (refusals() > met && stream.sendText(word)) met = refusals();
        return new RegExp(word, 'i').test(words());
      });
      await answer.catch((error: unknown) => {
        const told = parts.filter(({ type }) => type !== 'sound').slice(-10);
        throw new Error(`${String(error)}; told: ${JSON.stringify(told)}`, { cause: error });
      });
    };
    const attachments = (parts: StreamPart[]) => parts.flatMap((part) => (part.type === 'attached' ? [part.again] : []));

    it('is attached to again after a cut and after a restart, and an order that came between stands', async () => {
      const stream = await SessionStream.open(as(admin), { deployment: 'relay' });
      expect(stream.sendText('too early')).toBe(false);
      const reading = read(stream);
      const { parts, done } = reading;
      await until('the first connection', () => stream.attached && attachments(parts).length === 1);
      await answered(stream, reading, 'one');
      streams.cut();
      await until('the second connection', () => attachments(parts).length === 2);
      await answered(stream, reading, 'two');
      await server.stop();
      expect(stream.sendText('nobody hears')).toBe(false);
      await server.run();
      await until('the third connection', () => attachments(parts).length === 3, 60_000);
      expect(attachments(parts)).toEqual([false, true, true]);
      await answered(stream, reading, 'three');
      const order = { id: randomUUID(), kind: 'stop', scope: { type: 'session', session: stream.session }, reason: '' } as const;
      streams.cut();
      await admin.api.order(order);
      await until('the fourth connection', () => attachments(parts).length === 4);
      const ready = parts.findLast((part) => part.type === 'gate' && part.event.type === 'ready');
      expect(ready).toMatchObject({ event: { latched: ['stop'] } });
      stream.end();
      await done;
      expect(parts.at(-1)).toMatchObject({ type: 'gate', event: { type: 'ended' } });
      await until('its end', async () => (await admin.api.session(stream.session)).state === 'ended');
    });

    it('ends where the session was ended while it was cut, by its close, and by a signal', async () => {
      const stream = await SessionStream.open(api);
      const { parts, done } = read(stream);
      await until('the connection', () => attachments(parts).length === 1);
      streams.isDown = true;
      streams.cut();
      await admin.api.endSession(stream.session);
      await done;
      streams.isDown = false;
      const left = await SessionStream.open(api);
      const leaving = read(left);
      await until('the connection', () => left.attached);
      left.close();
      await leaving.done;
      await until('its rest', async () => (await api.session(left.session)).state === 'waiting');
      const abort = new AbortController();
      const again = await SessionStream.of(api, left.session, { signal: abort.signal });
      const aborting = read(again);
      await until('the connection', () => again.attached);
      abort.abort();
      await aborting.done;
    });

    it('gives up after its patience, and at once where it is itself at fault', async () => {
      const stream = await SessionStream.open(api, {}, { patienceMs: 0 });
      const { done, parts } = read(stream);
      await until('the connection', () => attachments(parts).length === 1);
      streams.isDown = true;
      streams.cut();
      await expect(done).rejects.toThrow(/refused the connection|attached already/);
      streams.isDown = false;
      const wrong = await SessionStream.open(api);
      const reading = read(wrong);
      reading.done.catch(() => undefined);
      await until('the connection', () => wrong.attached);
      for (let nth = 0; nth < 200 && wrong.attached; nth += 1) {
        wrong.sendAudio(new Int16Array(160_000));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await expect(reading.done).rejects.toThrow(/because of what was sent/);
    });
  });
});
