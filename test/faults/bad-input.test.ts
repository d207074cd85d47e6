import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { FRAME_MAX_BYTES } from '@wheelhouse/protocol/frame';
import { Problem } from '@wheelhouse/protocol/problem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { badFrames } from '../harness/bad-frames.ts';
import { humming, hums } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const ROOM = 6;

describe('bad input', () => {
  let server: TestServer;
  let ada: SignedIn;
  let pid = 0;

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_MAX_SESSIONS: String(ROOM) });
    ada = await server.firstOperator();
    ({ pid } = server);
  });
  afterAll(() => server.dispose());

  /** After whatever was tried: the same process lives, and a fresh session works. */
  afterEach(async () => {
    expect(server.pid).toBe(pid);
    for (const { id, state } of (await ada.api.sessions('?limit=200')).items)
      if (state !== 'ended') await ada.api.endSession(id).catch(() => undefined);
    await until('room', async () => (await ada.api.sessions('?limit=200')).items.every(({ state }) => state === 'ended'));
    const fresh = await humming(ada.api);
    await hums(fresh);
    fresh.hush();
    fresh.listener.client.end();
    await until('its end', () => fresh.listener.closed);
  });

  describe('on the stream', () => {
    it('gets its typed error for each kind of bad frame, and the session goes on', { timeout: 60_000 }, async () => {
      for (const [code, what, bad] of badFrames) {
        const attachment = await ada.api.openSession({ deployment: 'echo' });
        const listener = await Listener.attach(attachment);
        listener.client.sendRaw(bad(listener.client.session));
        const error = await until(`${code} for ${what}`, () => listener.gateEvent('error'));
        expect(error, what).toMatchObject({ code, fatal: code === 'frame_too_large' });
        expect(error.message.length).toBeGreaterThan(20);
        if (code === 'frame_too_large') await until('the connection to be closed', () => listener.closed?.code === 1009);
        else expect(listener.client.open).toBe(true);
        listener.client.close();
        await ada.api.endSession(attachment.session.id);
        await until('its place to be free', async () => (await ada.api.session(attachment.session.id)).state === 'ended');
      }
    });

    it('closes the connection of a client that goes on sending nonsense', async () => {
      const listener = await Listener.attach(await ada.api.openSession({ deployment: 'echo' }));
      for (let i = 0; i < 40; i += 1) listener.client.sendRaw('nonsense');
      await until('the connection to be closed', () => listener.closed?.code === 1008);
    });

    it('survives a message beyond all limits and frames that break the WebSocket protocol', async () => {
      const big = await Listener.attach(await ada.api.openSession({ deployment: 'echo' }));
      big.client.sendRaw(new Uint8Array(3 * FRAME_MAX_BYTES));
      await until('the connection to be closed', () => big.closed);
      const attachment = await ada.api.openSession({ deployment: 'echo' });
      const url = new URL(attachment.url);
      const socket = connect(Number(url.port), url.hostname);
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(
        `GET ${url.pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nSec-WebSocket-Protocol: wheelhouse.v1, ticket.${attachment.ticket}\r\n\r\n`,
      );
      socket.write(Buffer.alloc(4000, 0xff));
      await until('the connection to be closed', () => socket.destroyed || socket.readableEnded || socket.closed);
    });

    const knock = (path: string, protocols: string[]) =>
      new Promise<{ status: number; code: string }>((resolve, reject) => {
        const socket = new WebSocket(server.streamUrl.replace('/v1/stream', path), protocols);
        socket.on('unexpected-response', (_request, response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, code: Problem.parse(JSON.parse(body)).code });
          });
        });
        socket.on('open', () => {
          reject(new Error('it was let in'));
        });
        socket.on('error', () => undefined);
      });

    it('lets nobody in without a ticket that is theirs, unused and in time', async () => {
      const attachment = await ada.api.openSession({ deployment: 'echo' });
      const [body = '', seal = ''] = attachment.ticket.split('.');
      const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"slot":', '"slot":1')).toString('base64url');
      for (const protocols of [
        ['wheelhouse.v1'],
        ['wheelhouse.v1', 'ticket.x'],
        ['wheelhouse.v1', `ticket.${forged}.${seal}`],
        ['wheelhouse.v1', `ticket.${body}.`],
        [`ticket.${attachment.ticket}`],
      ]) {
        expect(await knock('/v1/stream', protocols)).toEqual({ status: 401, code: 'unauthenticated' });
      }
      expect(await knock('/elsewhere', ['wheelhouse.v1'])).toEqual({ status: 404, code: 'not_found' });
      const first = await Listener.attach(attachment);
      // A second client, with the same ticket and with one of its own.
      expect(await knock('/v1/stream', ['wheelhouse.v1', `ticket.${attachment.ticket}`])).toEqual({
        status: 409,
        code: 'session_attached',
      });
      await until('the session to be live', async () => (await ada.api.session(attachment.session.id)).state === 'live');
      expect(await refused(ada.api.ticket(attachment.session.id))).toBe('session_attached');
      first.client.close();
      await until('the session to wait', async () => (await ada.api.session(attachment.session.id)).state === 'waiting');
      expect(await knock('/v1/stream', ['wheelhouse.v1', `ticket.${attachment.ticket}`])).toEqual({ status: 401, code: 'unauthenticated' });
      // The ticket of a session that ended before anybody came.
      const stale = await ada.api.ticket(attachment.session.id);
      await ada.api.endSession(attachment.session.id);
      expect(await knock('/v1/stream', ['wheelhouse.v1', `ticket.${stale.ticket}`])).toEqual({ status: 401, code: 'unauthenticated' });
      expect(await refused(ada.api.ticket(attachment.session.id))).toBe('session_ended');
    });

    it('holds no session for a client whose handshake is not one', async () => {
      const { ticket, session } = await ada.api.openSession({ deployment: 'echo' });
      const socket = connect(Number(new URL(server.streamUrl).port), 'localhost');
      socket.on('error', () => undefined);
      socket.resume();
      const handshake = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x`;
      socket.write(`GET /v1/stream HTTP/1.1\r\nHost: x\r\n${handshake}\r\nSec-WebSocket-Protocol: wheelhouse.v1, ticket.${ticket}\r\n\r\n`);
      await until('its end', () => socket.destroyed);
      expect(await knock('/v1/stream', ['wheelhouse.v1', `ticket.${ticket}`])).toEqual({ status: 401, code: 'unauthenticated' });
      const listener = await Listener.attach(await ada.api.ticket(session.id));
      listener.client.end();
    });

    it('survives request lines that are no address', async () => {
      for (const line of ['//', 'http://[', '/\\x', 'http://a:b:c/']) {
        const port = Number(new URL(server.streamUrl).port);
        for (const to of [port, Number(new URL(server.url).port)]) {
          const socket = connect(to, 'localhost');
          socket.on('error', () => undefined);
          socket.resume();
          socket.write(`GET ${line} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
          await until(`an end for ${line}`, () => socket.destroyed);
        }
      }
    });
  });

  describe('over REST', () => {
    const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      fetch(`${server.url}${path}`, {
        method,
        headers: { cookie: ada.cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body }),
      });
    const problem = async (response: Response) => {
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      const read = Problem.parse(await response.json());
      expect(read.status).toBe(response.status);
      return read.code;
    };
    const order = { id: randomUUID(), kind: 'hold', scope: { type: 'everything' }, reason: '' };

    it.each([
      ['malformed JSON', '{"id":'],
      ['no JSON at all', 'stop!'],
      ['null', 'null'],
      ['a list', '[]'],
      ['an unknown field', JSON.stringify({ ...order, force: true })],
      ['a wrong kind', JSON.stringify({ ...order, kind: 'explode' })],
      ['half a character', `{"id":"${randomUUID()}","kind":"hold","scope":{"type":"everything"},"reason":"\\ud800"}`],
      ['a prototype', `{"__proto__":{"admin":true},"id":"${randomUUID()}","kind":"hold","scope":{"type":"everything"}}`],
    ])('refuses an order that is %s', async (_, body) => {
      expect(await problem(await call('POST', '/v1/orders', body))).toBe('malformed');
      expect(await ada.api.latches()).toEqual([]);
    });

    it('refuses bodies that are too large, of another type, or for nobody', async () => {
      expect(await problem(await call('POST', '/v1/orders', JSON.stringify({ ...order, reason: 'x'.repeat(300_000) })))).toBe('too_large');
      expect(await problem(await call('POST', '/v1/orders', 'id=1', { 'content-type': 'application/xml' }))).toBe('malformed');
      expect(await problem(await call('GET', '/v1/nothing'))).toBe('not_found');
      expect(await problem(await call('GET', '/v1/sessions/not-an-id'))).toBe('malformed');
      expect(await problem(await call('GET', `/v1/sessions/${randomUUID()}`))).toBe('not_found');
      expect(await problem(await call('GET', '/v1/sessions?limit=1e9'))).toBe('malformed');
      expect(await problem(await call('GET', '/v1/orders?cursor=x'))).toBe('malformed');
      expect(await problem(await call('GET', '/v1/ledger/entries/99999999'))).toBe('not_found');
      expect(await problem(await call('GET', '/v1/ledger/entries/-1'))).toBe('malformed');
      expect(await problem(await call('GET', '/v1/ledger/proof/inclusion?index=5&size=1'))).toBe('not_found');
      expect(await problem(await call('DELETE', '/v1/keys/%00'))).toBe('malformed');
      expect(await problem(await call('DELETE', '/v1/keys/none'))).toBe('not_found');
    });

    it('refuses orders for what is not there, or was said otherwise before', async () => {
      const give = (scope: object, id: string = randomUUID()) =>
        call('POST', '/v1/orders', JSON.stringify({ id, kind: 'hold', scope, reason: '' }));
      for (const scope of [
        { type: 'session', session: randomUUID() },
        { type: 'deployment', deployment: 'none' },
        { type: 'model', model: 'none' },
        { type: 'tenant', tenant: 'none' },
      ]) {
        expect(await problem(await give(scope))).toBe('unknown_scope');
      }
      const { session } = await ada.api.openSession({ deployment: 'echo' });
      const id = randomUUID();
      const scope = { type: 'session', session: session.id } as const;
      const first = await ada.api.order({ id, kind: 'hold', scope, reason: '' });
      expect(await ada.api.order({ id, kind: 'hold', scope, reason: '' })).toEqual({ ...first, repeated: true });
      expect(await refused(ada.api.order({ id, kind: 'stop', scope, reason: '' }))).toBe('conflict');
      expect(await refused(ada.api.order({ id, kind: 'hold', scope, reason: 'other' }))).toBe('conflict');
      expect(await refused(ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: randomUUID(), reason: 'x' }))).toBe(
        'not_in_force',
      );
      expect(await refused(ada.api.confirmRelease(randomUUID()))).toBe('not_found');
      expect(await refused(ada.api.order({ id: randomUUID(), kind: 'level', scope, level: 5, reason: '' }))).toBe('not_restrictive');
    });

    it('lets no page of another origin use the cookie', async () => {
      const before = await ada.api.latches();
      for (const origin of ['https://evil.example', 'null', `${server.url}.evil.example`]) {
        expect(await problem(await call('POST', '/v1/orders', JSON.stringify(order), { origin }))).toBe('forbidden');
        const line = await OperatorLine.open(server.url, { cookie: ada.cookie, origin });
        await until('the channel to close', () => line.closed?.code === 4401);
        expect(line.events).toMatchObject([{ event: 'refused', data: { problem: { code: 'unauthenticated' } } }]);
      }
      expect(await ada.api.latches()).toEqual(before);
    });
  });

  it('takes no key that has expired, was revoked, lacks the scope, or belongs to strangers', async () => {
    const expired = await server.key(ada, ['sessions:open', 'sessions:read']);
    await new TestDatabase(server).query("UPDATE api_key SET expires_at = now() - interval '1 minute' WHERE id = $1", [expired.id]);
    expect(await refused(expired.api.openSession())).toBe('unauthenticated');
    const line = await OperatorLine.open(server.url, { authorization: `Bearer ${expired.key}` });
    await until('the channel to close', () => line.closed?.code === 4401);

    const revoked = await server.key(ada, ['sessions:open']);
    const { session } = await revoked.api.openSession({ deployment: 'echo' });
    await ada.api.revokeKey(revoked.id);
    expect(await refused(revoked.api.openSession())).toBe('unauthenticated');

    const narrow = await server.key(ada, ['sessions:read']);
    expect(await refused(narrow.api.openSession())).toBe('forbidden');
    expect(
      await refused(narrow.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session: session.id }, reason: '' })),
    ).toBe('forbidden');
    expect(await refused(narrow.api.checkpoint())).toBe('forbidden');
    expect(await refused(narrow.api.issueKey({ name: 'more', scopes: ['orders:give'], expiresInDays: 1 }))).toBe('forbidden');

    const stranger = await server.key(await server.person(ada, 'developer', 'elsewhere'), [
      'sessions:open',
      'sessions:read',
      'orders:give',
    ]);
    for (const attempt of ['session', 'ticket', 'endSession'] as const)
      expect(await refused(stranger.api[attempt](session.id))).toBe('not_found');
    expect(
      await refused(stranger.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session: session.id }, reason: '' })),
    ).toBe('unknown_scope');
    expect((await stranger.api.sessions()).items).toEqual([]);
  });

  it('answers garbage on the operator channel by name, and goes on', async () => {
    const nobody = await OperatorLine.open(server.url, {});
    await until('the channel to close', () => nobody.closed?.code === 4401);
    const line = await OperatorLine.open(server.url, { cookie: ada.cookie });
    await line.next('welcome');
    const messages = [
      '',
      'hello',
      '{',
      'null',
      '[]',
      '{"event":"order"}',
      '{"event":"none","data":{}}',
      '{"event":"heartbeat","data":{"x":1}}',
      Buffer.from([0, 255, 1]),
    ];
    for (const message of messages) line.socket.send(message);
    await until('an answer to each', () => line.events.filter(({ event }) => event === 'refused').length === messages.length);
    line.send({ event: 'watch', data: { sessions: [randomUUID()] } });
    await line.next('transcript');
    line.socket.send('x'.repeat(100_000));
    await until('the channel to close', () => line.closed?.code === 1009);
  });

  it('says when every place is taken, also to many who come at once', async () => {
    const opened = await Promise.allSettled(Array.from({ length: ROOM + 6 }, () => ada.api.openSession({ deployment: 'echo' })));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(ROOM);
    expect(await refused(ada.api.openSession())).toBe('full');
  });
});
