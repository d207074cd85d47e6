import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { found } from '../harness/export-story.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const ROOM = 3;
/** More than there is room for: a session that stayed behind would show at once. */
const TRIES = 2 * ROOM;

describe('a client who goes, or is refused, before its session is attached', () => {
  let server: TestServer;
  let admin: SignedIn;
  let authorization = '';

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_MAX_SESSIONS: String(ROOM) });
    admin = await server.firstOperator();
    authorization = `Bearer ${(await server.key(admin, ['sessions:open'])).key}`;
  });
  afterAll(() => server.dispose());

  const url = (path: string) => server.streamUrl.replace('/v1/stream', path);
  const ended = () => found(admin.api, { kind: 'session.ended' });
  /** Waits until `count` more sessions have ended than had, and none is left. Returns their reasons. */
  const ending = (before: number, count: number) =>
    until(`${count} sessions to have ended`, async () => {
      const reasons = (await ended()).map(({ fields }) => fields['data.reason']);
      const left = (await admin.api.sessions('?limit=100')).items.filter(({ state }) => state !== 'ended');
      return reasons.length >= before + count && left.length === 0 ? reasons.slice(0, reasons.length - before) : null;
    });

  /** An upgrade as no WebSocket library would send it: its version is one that the server does not speak. */
  const badHandshake = (signal?: AbortSignal) =>
    new Promise<number>((resolve, reject) => {
      const headers = {
        ...{ authorization, connection: 'Upgrade', upgrade: 'websocket' },
        ...{ 'sec-websocket-version': '7', 'sec-websocket-key': Buffer.alloc(16, 1).toString('base64') },
      };
      const sent = request(url('/v1/realtime?model=echo').replace('ws:', 'http:'), {
        headers,
        ...(signal === undefined ? {} : { signal }),
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end();
    });

  it('leaves no session behind where the handshake is refused', async () => {
    const before = (await ended()).length;
    for (let i = 0; i < TRIES; i += 1) {
      await until('room', async () => (await admin.api.sessions('?state=waiting')).items.length < ROOM);
      expect(await badHandshake()).toBeGreaterThanOrEqual(400);
    }
    expect(new Set(await ending(before, TRIES))).toEqual(new Set(['the client’s handshake was refused']));
  });

  it('leaves no session behind where it hangs up at once', async () => {
    const before = (await found(admin.api, { kind: 'session.opened' })).length;
    const endedBefore = (await ended()).length;
    for (let i = 0; i < TRIES; i += 1) {
      const socket = new WebSocket(url('/v1/realtime?model=echo'), { headers: { authorization } });
      await new Promise<void>((resolve) => {
        socket.on('error', () => {
          resolve();
        });
        socket.on('upgrade', () => {
          socket.terminate();
          resolve();
        });
        // The request has left, and the session is being opened.
        setTimeout(() => {
          socket.terminate();
        }, i);
      });
    }
    const opened = (await found(admin.api, { kind: 'session.opened' })).length - before;
    await ending(endedBefore, opened);
  });

  it('leaves no session behind where it hangs up right behind session.start', async () => {
    const before = (await ended()).length;
    for (let i = 0; i < TRIES; i += 1) {
      const socket = new WebSocket(url('/v1/live/sessions'), { headers: { authorization } });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      socket.send(
        JSON.stringify({ type: 'session.start', session: { model: 'echo', audio: { format: { type: 'audio/pcm', rate: 16_000 } } } }),
      );
      socket.close(1000);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    const reasons = await ending(before, TRIES);
    expect(reasons).toContain('the client went before it was attached');
  });

  it('makes room for the next', async () => {
    const socket = new WebSocket(url('/v1/realtime?model=echo'), { headers: { authorization } });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.terminate();
  });
});
