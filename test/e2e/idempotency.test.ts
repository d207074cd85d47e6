import { randomUUID } from 'node:crypto';
import { Attachment } from '@wheelhouse/protocol/session';
import { IssuedKey } from '@wheelhouse/protocol/identity';
import { Problem } from '@wheelhouse/protocol/problem';
import { WebhookWithSecret } from '@wheelhouse/protocol/webhook';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type SignedIn, TestServer } from '../harness/server.ts';

type Answer = { readonly status: number; readonly replayed: boolean; readonly text: string };

describe('a request under an Idempotency-Key', () => {
  let server: TestServer;
  let admin: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    admin = await server.firstOperator();
  });
  afterAll(() => server.dispose());

  const post = async (by: SignedIn | string, at: string, body: string, key?: string): Promise<Answer> => {
    const credential: Record<string, string> = typeof by === 'string' ? { authorization: `Bearer ${by}` } : { cookie: by.cookie };
    const headers = { ...credential, 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) };
    const answer = await fetch(`${server.url}${at}`, { method: 'POST', headers, body });
    return { status: answer.status, replayed: answer.headers.get('idempotency-replayed') === 'true', text: await answer.text() };
  };
  const sessions = async (): Promise<number> => (await admin.api.sessions('?limit=200')).items.length;
  const code = ({ text }: Answer): string => Problem.parse(JSON.parse(text)).code;

  it('is carried out once, however often and at once it is sent', async () => {
    const before = await sessions();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(admin, '/v1/sessions', '{"level":2}', key)));
    answers.push(await post(admin, '/v1/sessions', '{"level":2}', `"${key}"`));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(Attachment.parse(JSON.parse(answers[0]?.text ?? '')).session.level).toBe(2);
    expect(await sessions()).toBe(before + 1);
  });

  it('is refused under the key of another request, and that one stands', async () => {
    const key = randomUUID();
    const first = await post(admin, '/v1/sessions', '{"level":2}', key);
    expect(code(await post(admin, '/v1/sessions', '{"level":3}', key))).toBe('conflict');
    // Another route is another request.
    expect(code(await post(admin, '/v1/keys', '{"level":2}', key))).toBe('conflict');
    expect(await post(admin, '/v1/sessions', '{"level":2}', key)).toEqual({ ...first, replayed: true });
  });

  it('is its caller’s own: not another person’s, not that of a key of theirs', async () => {
    const key = randomUUID();
    const other = await server.person(admin, 'administrator');
    const byKey = await server.key(admin, ['sessions:open']);
    const answers = [];
    for (const by of [admin, other, byKey.key]) answers.push(await post(by, '/v1/sessions', '{}', key));
    expect(answers.map(({ status, replayed }) => ({ status, replayed }))).toEqual(answers.map(() => ({ status: 201, replayed: false })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(3);
  });

  it('gives the same secret again, and makes no second key, export, webhook or channel', async () => {
    const keyRequest = JSON.stringify({ name: 'one', scopes: ['sessions:read'] });
    const key = randomUUID();
    const [one, two] = [await post(admin, '/v1/keys', keyRequest, key), await post(admin, '/v1/keys', keyRequest, key)];
    const issued = IssuedKey.parse(JSON.parse(one.text));
    expect(IssuedKey.parse(JSON.parse(two.text))).toEqual(issued);
    const rotated = await post(admin, `/v1/keys/${issued.id}/rotate`, '{}', 'rotate-it');
    expect(rotated.status).toBe(201);
    expect(await post(admin, `/v1/keys/${issued.id}/rotate`, '{}', 'rotate-it')).toEqual({ ...rotated, replayed: true });
    const requests = [
      ['/v1/exports', { format: 'csv', profile: 'no-people', reason: 'a test' }],
      ['/v1/webhooks', { url: 'https://hooks.invalid/' }],
      ['/v1/notice-channels', { kind: 'webhook', url: 'https://hooks.invalid/' }],
      ['/v1/people', { name: 'Ben', email: 'ben@example.org', role: 'operator' }],
    ] as const;
    const Items = z.object({ items: z.array(z.unknown()) });
    const count = async (at: string) =>
      Items.parse(await (await fetch(`${server.url}${at}`, { headers: { cookie: admin.cookie } })).json()).items.length;
    for (const [at, body] of requests) {
      const before = await count(at);
      const once = randomUUID();
      const first = await post(admin, at, JSON.stringify(body), once);
      expect(first.status, at).toBeLessThan(300);
      expect(await post(admin, at, JSON.stringify(body), once), at).toEqual({ ...first, replayed: true });
      expect(await count(at), at).toBe(before + 1);
    }
  });

  it('makes a webhook’s secret anew once: the one before goes on beside it', async () => {
    const made = await post(admin, '/v1/webhooks', '{"url":"https://hooks.invalid/rotated"}');
    const { id, secret } = WebhookWithSecret.parse(JSON.parse(made.text));
    const rotate = (key?: string) => post(admin, `/v1/webhooks/${id}/rotate`, '{}', key);
    const rotated = await rotate('rotate-the-secret');
    expect(rotated.status).toBe(200);
    expect(WebhookWithSecret.parse(JSON.parse(rotated.text)).secret).not.toBe(secret);
    // A lost answer that is asked for again must not take the place of the secret that receivers still check by.
    expect(await rotate('rotate-the-secret')).toEqual({ ...rotated, replayed: true });
    expect((await rotate()).text).not.toBe(rotated.text);
  });

  it('may be tried again when it was refused', async () => {
    const key = randomUUID();
    const developer = await server.person(admin, 'developer');
    const hold = { deployment: 'nowhere' };
    for (let nth = 0; nth < 2; nth += 1) {
      const refused = await post(developer, '/v1/sessions', JSON.stringify(hold), key);
      expect(code(refused)).toBe('not_found');
      expect(refused.replayed).toBe(false);
    }
    expect((await post(developer, '/v1/sessions', '{}', key)).status).toBe(201);
  });

  it('has a key that can be read', async () => {
    for (const key of ['""', 'x'.repeat(201), 'two words']) expect(code(await post(admin, '/v1/sessions', '{}', key))).toBe('malformed');
    const before = await sessions();
    await Promise.all([post(admin, '/v1/sessions', '{}'), post(admin, '/v1/sessions', '{}')]);
    expect(await sessions()).toBe(before + 2);
  });

  it('is still looked at by who may do what', async () => {
    const key = randomUUID();
    const held = await server.key(admin, ['sessions:open']);
    expect((await post(held.key, '/v1/sessions', '{}', key)).status).toBe(201);
    await admin.api.revokeKey(held.id);
    expect(code(await post(held.key, '/v1/sessions', '{}', key))).toBe('unauthenticated');
  });

  it('is a new one after a restart: keys are in memory', async () => {
    const key = randomUUID();
    const one = await post(admin, '/v1/sessions', '{}', key);
    await server.stop();
    await server.run();
    const two = await post(admin, '/v1/sessions', '{}', key);
    expect(two).toMatchObject({ status: 201, replayed: false });
    expect(two.text).not.toBe(one.text);
  });
});
