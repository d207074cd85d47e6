import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ContentCaller } from '../harness/content-caller.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';

let server: TestServer;
let first: SignedIn;
let leaver: SignedIn;

beforeAll(async () => {
  server = await TestServer.start();
  first = await server.firstOperator();
  leaver = await server.person(first, 'operator');
});
afterAll(() => server.dispose());

it('what somebody typed is shown to nobody once they are erased, from memory neither, and that they acted is', async () => {
  const order = randomUUID();
  const reason = 'my neighbour rang at the door';
  await leaver.api.order({ id: order, kind: 'hold', scope: { type: 'everything' }, reason });
  const release = await leaver.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason });
  const me = await leaver.api.me();
  const caller = new ContentCaller(server, first);
  const seen = async () =>
    JSON.stringify(await Promise.all(['/v1/orders', '/v1/latches', '/v1/releases'].map((at) => caller.json('GET', at))));
  expect((await seen()).split(reason).length).toBeGreaterThan(3);

  const other = new ContentCaller(server, await server.person(first, 'administrator'));
  const erasure = randomUUID();
  await caller.json('POST', '/v1/erasures', { id: erasure, subject: me.principal.id, reason: 'they left' });
  await other.json('POST', `/v1/erasures/${erasure}/confirm`);
  const after = await seen();
  expect(after).not.toContain('neighbour');
  expect(after).toContain(order);
  expect(after).toContain(release.id);
});
