import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Problem } from '@wheelhouse/protocol/problem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../harness/server.ts';

type Answer = { readonly status: number; readonly type: string; readonly retryAfter: number; readonly body: string };

describe('guessing at sign-in', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.dispose());

  /** One attempt from the local address `from`, with these headers. */
  const ask = (from: string, at: string, options: { headers?: Record<string, string>; body?: string }): Promise<Answer> => {
    const { port } = new URL(server.url);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const method = options.body === undefined ? 'GET' : 'POST';
    const headers = { 'content-type': 'application/json', origin: server.url, ...options.headers };
    const attempt = request({ host: '127.0.0.1', port, path: at, method, localAddress: from, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, type, retryAfter: Number(response.headers['retry-after']), body });
      });
    });
    attempt.on('error', reject);
    attempt.end(options.body);
    return promise;
  };

  const guess = (from: string, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ email: 'operator@wheelhouse.local', password: randomUUID() });
    return ask(from, '/api/auth/sign-in/email', { headers, body });
  };

  /** How many of so many guesses were looked at. */
  const lookedAt = async (count: number, one: (nth: number) => Promise<Answer>): Promise<number> => {
    let looked = 0;
    for (let nth = 0; nth < count; nth += 1) if ((await one(nth)).status === 401) looked += 1;
    return looked;
  };

  it('is slowed for an address, whatever it says of itself, and not for another', async () => {
    const disguised = (nth: number) =>
      guess('127.0.0.1', { 'x-forwarded-for': `198.51.100.${nth}`, 'x-wheelhouse-address': `198.51.100.${nth}`, 'x-real-ip': '1.1.1.1' });
    expect(await lookedAt(14, disguised)).toBe(10);
    const refused = await guess('127.0.0.1');
    expect(refused.status).toBe(429);
    expect(refused.type).toContain('application/problem+json');
    const problem = Problem.parse(JSON.parse(refused.body));
    expect(problem).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(refused.retryAfter).toBeGreaterThan(30);
    expect(refused.retryAfter).toBeLessThanOrEqual(60);
    expect(problem.detail).toContain(`${refused.retryAfter} seconds`);
    expect((await guess('127.0.0.2')).status).toBe(401);
  });

  it('is slowed for tokens of one-time links too, and lets many people in before', async () => {
    const statuses: number[] = [];
    for (let nth = 0; nth < 64; nth += 1) {
      const headers = { 'x-forwarded-for': `198.51.100.${nth}` };
      statuses.push((await ask('127.0.0.3', `/api/auth/magic-link/verify?token=${randomUUID()}`, { headers })).status);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    expect((await server.firstOperator()).cookie).toContain('session_token');
  });

  it('is counted for those behind a proxy that is trusted, by what that proxy says', async () => {
    await server.stop();
    server.env['WHEELHOUSE_TRUSTED_PROXY'] = '127.0.0.4, 10.0.0.0/8';
    await server.run();
    const one = (nth: number) => guess('127.0.0.4', { 'x-forwarded-for': `203.0.113.${nth}, 198.51.100.1, 10.0.0.3` });
    expect(await lookedAt(12, one)).toBe(10);
    expect((await guess('127.0.0.4', { 'x-forwarded-for': '198.51.100.2' })).status).toBe(401);
    // Nobody else is believed.
    expect(await lookedAt(12, (nth) => guess('127.0.0.5', { 'x-forwarded-for': `198.51.100.${nth}` }))).toBe(10);
    await server.stop();
    server.env['WHEELHOUSE_TRUSTED_PROXY'] = 'the proxy';
    await expect(server.run()).rejects.toThrow(/WHEELHOUSE_TRUSTED_PROXY: the proxy is neither an IP address nor a subnet/);
  });
});
