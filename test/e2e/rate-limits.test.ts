import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Problem } from '@wheelhouse/protocol/problem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overseer } from '../harness/founders.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';

const LIMIT = 40;
const DECISION_LIMIT = 60;
const POLICY = `"minute";q=${LIMIT};w=60`;

type Caller = { readonly headers: Readonly<Record<string, string>>; readonly from: string };
type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: string };

describe('callers who ask too often', () => {
  let server: TestServer;
  let first: SignedIn;
  let addresses = 10;

  beforeAll(async () => {
    server = await TestServer.start({
      WHEELHOUSE_RATE_LIMIT: String(LIMIT),
      WHEELHOUSE_DECISION_LIMIT: String(DECISION_LIMIT),
      WHEELHOUSE_PUBLIC_LOG: 'true',
    });
    first = await server.firstOperator();
  });
  afterAll(() => server.dispose());

  /** Each test's strangers come from an address of their own. */
  const place = () => `127.0.0.${(addresses += 1)}`;

  const ask = (caller: Caller, method: string, at: string, body?: unknown): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = { ...caller.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const { port } = new URL(server.url);
    const sent = request({ host: '127.0.0.1', port, path: at, method, headers, localAddress: caller.from }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  };

  const remainingIn = ({ headers }: Answer): number => Number(/^"minute";r=(\d+);t=\d+$/.exec(String(headers['ratelimit']))?.[1]);

  /** Asks until the limit is reached; returns the first refusal. */
  const exhaust = async (caller: Caller, at = '/v1/sessions'): Promise<Answer> => {
    for (let nth = 0; nth < 2 * LIMIT + 2; nth += 1) {
      const answer = await ask(caller, 'GET', at);
      if (answer.status === 429) return answer;
    }
    throw new Error(`${2 * LIMIT + 2} requests were let through`);
  };

  it('are told where they stand, then refused, with when to come again', async () => {
    const person = await server.person(first, 'operator');
    const caller = { headers: { cookie: person.cookie }, from: place() };
    await ask(caller, 'GET', '/v1/me');
    const one = await ask(caller, 'GET', '/v1/me');
    const two = await ask(caller, 'GET', '/v1/me');
    expect(one.headers['ratelimit-policy']).toBe(POLICY);
    expect(remainingIn(two)).toBe(remainingIn(one) - 1);
    const refused = await exhaust(caller);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(Problem.parse(JSON.parse(refused.body))).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(remainingIn(refused)).toBe(0);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    // Other spellings of an address are the same route; other routes have the same count; unknown ones too.
    for (const at of ['/v1/me', '/%761/me', '/v1/%6de', '/v1/sessions?x=1', '/v1/none'])
      expect((await ask(caller, 'GET', at)).status, at).toBe(429);
  });

  it('leave others alone: another key of the same person, and another person at the same address', async () => {
    const person = await server.person(first, 'developer');
    const from = place();
    const [one, other] = [await server.key(person, ['sessions:read']), await server.key(person, ['sessions:read'])];
    const callers = [one, other].map(({ key }) => ({ headers: { authorization: `Bearer ${key}` }, from }));
    const [busy, quiet] = callers;
    if (busy === undefined || quiet === undefined) throw new Error('two callers are needed');
    for (const caller of callers) await ask(caller, 'GET', '/v1/sessions');
    await exhaust(busy);
    expect((await ask(quiet, 'GET', '/v1/sessions')).status).toBe(200);
    expect((await ask({ headers: { cookie: person.cookie }, from }, 'GET', '/v1/me')).status).toBe(200);
  });

  it('are counted by address where nobody knows them, whatever they send', async () => {
    const from = place();
    let refused = 0;
    for (let nth = 0; nth < LIMIT + 5; nth += 1) {
      const headers = { authorization: `Bearer wh_${randomUUID()}`, 'x-forwarded-for': `198.51.100.${nth}` };
      if ((await ask({ headers, from }, 'GET', '/v1/me')).status === 429) refused += 1;
    }
    expect(refused).toBe(5);
    expect((await ask({ headers: {}, from: place() }, 'GET', '/v1/me')).status).toBe(401);
  });

  it('still stop a session, go back to the policy before, take over, and withdraw (law 1)', async () => {
    const person = await overseer(server, await server.person(first, 'administrator'));
    const { session } = await person.api.openSession();
    const other = await person.api.openSession();
    const stop = { id: randomUUID(), kind: 'stop', scope: { type: 'session', session: session.id } };
    const asked = { id: randomUUID(), kind: 'mute', scope: { type: 'session', session: session.id } } as const;
    await person.api.order({ ...asked, reason: '' });
    const release = await person.api.askRelease({ id: randomUUID(), kind: 'release', latch: asked.id, reason: 'over' });
    const key = await person.api.issueKey({ name: 'one', scopes: ['orders:give', 'sessions:read'], expiresInDays: 1 });
    const byKey = { headers: { authorization: `Bearer ${key.key}` }, from: place() };
    const caller = { headers: { cookie: person.cookie }, from: place() };
    for (const one of [byKey, caller]) await exhaust(one);

    for (let nth = 0; nth < LIMIT + 5; nth += 1)
      expect((await ask(caller, 'POST', '/v1/orders', { ...stop, id: nth === 0 ? stop.id : randomUUID() })).status).toBe(201);
    expect((await ask(byKey, 'POST', '/v1/orders', { ...stop, id: randomUUID() })).status).toBe(201);
    const everything = { id: randomUUID(), kind: 'hold', scope: { type: 'everything' } };
    expect((await ask(caller, 'POST', '/v1/orders', everything)).status).toBe(201);
    const takeOver = { id: randomUUID(), kind: 'take_over', scope: { type: 'session', session: session.id } };
    expect((await ask(caller, 'POST', '/v1/orders', takeOver)).status).toBe(201);
    expect((await ask(caller, 'POST', `/v1/sessions/${session.id}/supervise`)).status).toBe(201);
    expect((await ask(caller, 'POST', '/v1/policy/rollback', {})).status).not.toBe(429);
    expect((await ask(caller, 'POST', `/v1/releases/${release.id}/withdraw`)).status).toBe(200);
    expect((await ask(caller, 'DELETE', `/v1/sessions/${other.session.id}`)).status).toBe(204);
    expect((await ask(caller, 'DELETE', `/v1/keys/${key.id}`)).status).toBe(204);
    const no = { choice: 'no' };
    expect((await ask(caller, 'POST', `/v1/proposals/${randomUUID()}/votes`, no)).status).not.toBe(429);
    expect((await ask(caller, 'POST', `/v1/actions/${randomUUID()}/decision`, { outcome: 'reject' })).status).not.toBe(429);

    // What permits is limited like everything else, though it comes the same way.
    const permissive = { id: randomUUID(), kind: 'release', latch: stop.id, reason: 'over' };
    expect((await ask(caller, 'POST', '/v1/orders', permissive)).status).toBe(429);
    expect((await ask(caller, 'POST', `/v1/proposals/${randomUUID()}/votes`, { choice: 'yes' })).status).toBe(429);
    expect((await ask(caller, 'POST', `/v1/actions/${randomUUID()}/decision`, { outcome: 'approve' })).status).toBe(429);
  });

  it('can be stopped by somebody who was not seen yet, from an address that is used up', async () => {
    const from = place();
    await exhaust({ headers: {}, from }, '/v1/me');
    const person = await server.person(first, 'operator');
    const { session } = await person.api.openSession();
    const stop = { id: randomUUID(), kind: 'stop', scope: { type: 'session', session: session.id } };
    expect((await ask({ headers: { cookie: person.cookie }, from }, 'POST', '/v1/orders', stop)).status).toBe(201);
  });

  it('ask policy from a count of their own, which using up everything else leaves alone', async () => {
    const person = await server.person(first, 'developer');
    const [{ key }, { key: busy }] = [await server.key(person, ['actions:ask']), await server.key(person, ['actions:ask'])];
    const question = { subject: { type: 'agent', id: 'a' }, action: { name: 'tool.call' }, resource: { type: 'tool', id: 'refund' } };
    const caller = { headers: { authorization: `Bearer ${key}` }, from: place() };
    // The first request of a key that was not seen yet counts for its address.
    expect((await ask(caller, 'POST', '/v1/decisions', question)).headers['ratelimit-policy']).toBe(POLICY);
    await exhaust(caller, '/v1/actions');
    const paths = ['/v1/decisions', '/v1/decisions/batch', '/access/v1/evaluation', '/access/v1/evaluations'];
    for (let nth = 0; nth < DECISION_LIMIT; nth += 1) {
      const answer = await ask(caller, 'POST', paths[nth % 4] ?? '', question);
      expect(answer.status).toBe(200);
      expect(answer.headers['ratelimit-policy']).toBe(`"decisions";q=${DECISION_LIMIT};w=60`);
      expect(String(answer.headers['ratelimit'])).toMatch(new RegExp(`^"decisions";r=${DECISION_LIMIT - nth - 1};t=\\d+$`));
    }
    for (const at of paths) {
      const refused = await ask(caller, 'POST', at, question);
      expect(Problem.parse(JSON.parse(refused.body)), at).toMatchObject({ code: 'rate_limited', status: 429 });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    // Each key has its own; and who only asks policy can still ask for everything else.
    const other = { headers: { authorization: `Bearer ${busy}` }, from: place() };
    await ask(other, 'GET', '/v1/actions');
    for (let nth = 0; nth < DECISION_LIMIT + 1; nth += 1) await ask(other, 'POST', '/v1/decisions', question);
    expect((await ask(other, 'POST', '/v1/decisions', question)).status).toBe(429);
    expect((await ask(other, 'GET', '/v1/actions')).status).toBe(200);
  });

  it('have no generous count while nobody knows them: who guesses at keys is counted by address', async () => {
    const from = place();
    let refused = 0;
    for (let nth = 0; nth < LIMIT + 5; nth += 1) {
      const headers = { authorization: `Bearer wh_${randomUUID()}` };
      if ((await ask({ headers, from }, 'POST', '/v1/decisions', {})).status === 429) refused += 1;
    }
    expect(refused).toBe(5);
  });

  it('may look at health, the documentation and the console as often as they like', async () => {
    const caller = { headers: {}, from: place() };
    for (const at of ['/health/live', '/docs/openapi.json', '/.well-known/authzen-configuration']) {
      for (let nth = 0; nth < LIMIT + 3; nth += 1) {
        const answer = await ask(caller, 'GET', at);
        expect(answer.status, at).toBe(200);
        expect(answer.headers['ratelimit'], at).toBeUndefined();
      }
    }
    await exhaust(caller, '/log/checkpoint');
  });
});

describe('the setting', () => {
  it('is off at 0, and refuses what is no number', async () => {
    const server = await TestServer.start({ WHEELHOUSE_RATE_LIMIT: '0' });
    try {
      const operator = await server.firstOperator();
      const answer = await fetch(`${server.url}/v1/me`, { headers: { cookie: operator.cookie } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit')).toBeNull();
    } finally {
      await server.dispose();
    }
    // Nothing is no number, and above all not the number 0.
    await expect(TestServer.start({ WHEELHOUSE_RATE_LIMIT: '' })).rejects.toThrow('WHEELHOUSE_RATE_LIMIT');
  });
});
