import type { IncomingMessage } from 'node:http';
import { Problem } from '@wheelhouse/protocol/problem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type SignedIn, TestServer } from '../harness/server.ts';

describe('the door of /v1/realtime', () => {
  let server: TestServer;
  let first: SignedIn;
  let key = '';
  let blind = '';

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_MAX_SESSIONS: '3' });
    first = await server.firstOperator();
    ({ key } = await server.key(first, ['sessions:open']));
    ({ key: blind } = await server.key(first, ['ledger:read']));
  });
  afterAll(() => server.dispose());

  const url = (query: string) => server.streamUrl.replace('/v1/stream', `/v1/realtime${query}`);

  /** What the upgrade was refused with; fails when it was not. */
  async function refusal(query: string, headers: Record<string, string>, protocols: string[] = []): Promise<Problem> {
    const socket = new WebSocket(url(query), protocols, { headers });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('unexpected-response', (_, message) => {
        resolve(message);
      });
      socket.on('open', () => {
        reject(new Error('it was let in'));
      });
    });
    expect(response.headers['content-type']).toBe('application/problem+json');
    const chunks: Buffer[] = [];
    for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const problem = Problem.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    expect(response.statusCode).toBe(problem.status);
    return problem;
  }

  /** The subprotocol of a connection that was let in. */
  async function entered(query: string, protocols: string[], headers: Record<string, string> = {}): Promise<string> {
    const socket = new WebSocket(url(query), protocols, { headers });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const { protocol } = socket;
    socket.terminate();
    return protocol;
  }
  const bearer = (one: string) => ({ authorization: `Bearer ${one}` });

  it('lets in by the header, and as browsers do by subprotocols', async () => {
    expect(await entered('?model=echo', [], bearer(key))).toBe('');
    expect(await entered('?model=echo', ['realtime', `openai-insecure-api-key.${key}`, 'openai-agents-sdk.0.20.0'])).toBe('realtime');
  });

  it('refuses with a problem, before there is a connection', async () => {
    expect(await refusal('?model=echo', {})).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(await refusal('?model=echo', bearer('wh_nobody'))).toMatchObject({ status: 401 });
    expect(await refusal('?model=echo', {}, ['realtime', 'openai-insecure-api-key.wh_nobody'])).toMatchObject({ status: 401 });
    // A page of anybody's could make a browser send the cookie along.
    expect(await refusal('?model=echo', { cookie: first.cookie })).toMatchObject({ status: 401 });
    expect(await refusal('?model=echo', bearer(blind))).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await refusal('', bearer(key))).toMatchObject({ status: 400, code: 'malformed' });
    expect(await refusal('?model=', bearer(key))).toMatchObject({ status: 400 });
    expect(await refusal('?model=gpt-realtime', bearer(key))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await refusal('?model=echo&wheelhouse_level=9', bearer(key))).toMatchObject({ status: 400 });
    expect(await refusal('?intent=transcription', bearer(key))).toMatchObject({ status: 501, code: 'unsupported' });
    expect(await refusal('?call_id=rtc_1', bearer(key))).toMatchObject({ status: 501 });
    expect(await refusal('?model=echo', { ...bearer(key), 'wheelhouse-level': 'high' })).toMatchObject({ status: 400 });
  });

  it('a full house says so', async () => {
    const sockets = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = new WebSocket(url('?model=echo'), { headers: bearer(key) });
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
        return socket;
      }),
    );
    expect(await refusal('?model=echo', bearer(key))).toMatchObject({ status: 503, code: 'full' });
    for (const socket of sockets) socket.terminate();
  });
});
