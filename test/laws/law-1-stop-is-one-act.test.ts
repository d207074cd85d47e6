import { randomUUID } from 'node:crypto';
import type { RestrictiveOrder } from '@wheelhouse/protocol/order';
import type { Scope } from '@wheelhouse/protocol/scope';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, humming, hums, staysSilent } from '../harness/crowd.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

describe('law 1: stop is one act, release is many', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;
  let member: Member;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
    member = await humming(ada.api);
    await hums(member);
  });
  afterAll(() => server.dispose());

  const stop = (scope: Scope, kind: 'stop' | 'hold' | 'take_over' = 'stop'): RestrictiveOrder => ({
    id: randomUUID(),
    kind,
    scope,
    reason: '',
  });
  const ask = (by: SignedIn['api'], latch: string, id: string = randomUUID()) =>
    by.askRelease({ id, kind: 'release', latch, reason: 'try' });

  /** The proper way back: one asks, another confirms. */
  async function release(latch: string): Promise<void> {
    const { id } = await ask(ada.api, latch);
    await ben.api.confirmRelease(id);
  }

  it('takes one request of one person for every kind, over REST', async () => {
    const scope: Scope = { type: 'session', session: member.id };
    for (const kind of ['stop', 'hold', 'take_over'] as const) {
      const order = stop(scope, kind);
      const ack = await ben.api.order(order);
      expect(ack.sessions.map(({ session, settled }) => [session, settled])).toEqual([[member.id, true]]);
      await until(`the flush of ${kind}`, () => member.listener.gate.some((event) => event.type === 'flush' && event.order === order.id));
      await staysSilent(member, ack.sessions[0]?.lastSequence ?? -1, 450);
      await release(order.id);
      await hums(member);
    }
    const mute = await ben.api.order({ id: randomUUID(), kind: 'mute', scope, reason: '' });
    await staysSilent(member, mute.sessions[0]?.lastSequence ?? -1, 450);
    const draft = await ben.api.order({ id: randomUUID(), kind: 'level', scope, level: 1, reason: '' });
    await release(mute.order);
    await staysSilent(member, mute.sessions[0]?.lastSequence ?? -1, 450);
    await release(draft.order);
    await hums(member);
  });

  it('takes one message on the operator channel for every scope', async () => {
    const session = await ada.api.session(member.id);
    const scopes: Scope[] = [
      { type: 'session', session: session.id },
      { type: 'deployment', deployment: session.deployment },
      { type: 'model', model: session.model },
      { type: 'tenant', tenant: session.tenant },
      { type: 'level', atLeast: session.level },
      { type: 'everything' },
    ];
    const line = await OperatorLine.open(server.url, { cookie: ben.cookie });
    await line.next('welcome');
    for (const scope of scopes) {
      const order = stop(scope);
      line.send({ event: 'order', data: order });
      const { data: ack } = await line.next('order.ack', ({ data }) => data.order === order.id);
      expect(ack.sessions.map((effect) => effect.session)).toContain(member.id);
      await staysSilent(member, ack.sessions.find((effect) => effect.session === member.id)?.lastSequence ?? -1, 300);
      await release(order.id);
      await hums(member);
    }
    line.close();
  });

  it('lets a developer stop with a key, and a key alone', async () => {
    const developer = await server.person(ada, 'developer');
    const key = await server.key(developer, ['orders:give']);
    const order = stop({ type: 'tenant', tenant: 'house' });
    expect((await key.api.order(order)).sessions).toHaveLength(1);
    expect(await refused(ask(key.api, order.id))).toBe('forbidden');
    expect(await refused(ask(developer.api, order.id))).toBe('forbidden');
    await release(order.id);
  });

  it('is not undone by one person through any door', async () => {
    const order = stop({ type: 'session', session: member.id });
    const ack = await ada.api.order(order);
    const key = await server.key(ada, ['orders:give', 'sessions:read', 'sessions:open', 'ledger:read']);
    const line = await OperatorLine.open(server.url, { authorization: `Bearer ${key.key}` });

    // Asked by one's own key, confirmed by oneself; and the other way round.
    const byKey = await ask(key.api, order.id);
    expect(await refused(ada.api.confirmRelease(byKey.id))).toBe('same_person');
    expect(await refused(key.api.confirmRelease(byKey.id))).toBe('forbidden');
    line.send({ event: 'release.confirm', data: { release: byKey.id } });
    expect((await line.next('refused', ({ data }) => data.request === byKey.id)).data.problem.code).toBe('forbidden');
    // A second request while the first waits; a withdrawn one; an id used again.
    expect(await refused(ask(ada.api, order.id))).toBe('conflict');
    await ada.api.withdrawRelease(byKey.id);
    expect(await refused(ben.api.confirmRelease(byKey.id))).toBe('conflict');
    expect((await ask(ada.api, order.id, byKey.id)).state).toBe('withdrawn');
    expect(await refused(ask(ben.api, order.id, byKey.id))).toBe('conflict');
    // The same person, signed in a second time with a password.
    await fetch(`${server.url}/v1/me/password`, {
      method: 'POST',
      headers: { cookie: ada.cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'correct horse battery' }),
    });
    const { principal } = await ada.api.me();
    const again = await server.signInWithPassword('operator@wheelhouse.local', 'correct horse battery');
    expect((await again.api.me()).principal.id).toBe(principal.id);
    const mine = await ask(ada.api, order.id);
    expect(await refused(again.api.confirmRelease(mine.id))).toBe('same_person');
    const second = await OperatorLine.open(server.url, { cookie: again.cookie });
    second.send({ event: 'release.confirm', data: { release: mine.id } });
    expect((await second.next('refused')).data.problem.code).toBe('same_person');
    // Orders that would lift what stands.
    expect(
      await refused(
        again.api.order({ id: randomUUID(), kind: 'level', scope: { type: 'session', session: member.id }, level: 5, reason: '' }),
      ),
    ).toBe('not_restrictive');
    expect(await refused(again.api.order({ ...order, kind: 'mute' }))).toBe('conflict');
    // Leaving and coming back.
    member.listener.client.close();
    await until('the session to wait', async () => (await ada.api.session(member.id)).state === 'waiting');
    expect((await ada.api.ticket(member.id)).session.latched).toContain('stop');

    expect((await ada.api.latches()).map((latch) => latch.order)).toContain(order.id);
    expect((await ada.api.session(member.id)).lastSequence).toBe(ack.sessions[0]?.lastSequence);
    const released = await ben.api.confirmRelease(mine.id);
    expect(released.state).toBe('confirmed');
    // A confirmation sent again changes nothing, and does not lift a later stop.
    const later = stop({ type: 'session', session: member.id });
    await ada.api.order(later);
    expect(await refused(ben.api.confirmRelease(mine.id))).toBe('conflict');
    expect((await ada.api.session(member.id)).latched).toEqual(['stop']);
    line.close();
    second.close();
  });

  it('leaves every other order in force when one is released', async () => {
    const other = await humming(ada.api);
    await hums(other);
    const one = stop({ type: 'session', session: other.id });
    const two = stop({ type: 'deployment', deployment: 'echo' });
    const three = stop({ type: 'everything' }, 'hold');
    for (const order of [one, two, three]) await ada.api.order(order);
    const last = other.listener.lastSequence;
    await release(one.id);
    await release(three.id);
    expect((await ada.api.session(other.id)).latched).toEqual(['stop']);
    await staysSilent(other, last, 500);
    await release(two.id);
    await hums(other);
    other.hush();
  });

  it('gives nobody of another tenant a hand on the wheel, either way', async () => {
    const stranger = await server.person(ada, 'operator', 'elsewhere');
    const order = stop({ type: 'session', session: member.id }, 'hold');
    expect(await refused(stranger.api.order(order))).toBe('unknown_scope');
    expect(await refused(stranger.api.order(stop({ type: 'everything' })))).toBe('forbidden');
    expect(await refused(stranger.api.order(stop({ type: 'tenant', tenant: 'house' })))).toBe('forbidden');
    await ada.api.order(order);
    expect(await refused(ask(stranger.api, order.id))).toBe('forbidden');
    const asked = await ask(ada.api, order.id);
    expect(await refused(stranger.api.confirmRelease(asked.id))).toBe('forbidden');
    expect(await refused(stranger.api.withdrawRelease(asked.id))).toBe('forbidden');
    expect(await stranger.api.latches()).toEqual([]);
    const reviewer = await server.person(ada, 'reviewer');
    expect(await refused(reviewer.api.order(stop({ type: 'everything' })))).toBe('forbidden');
    expect(await refused(reviewer.api.confirmRelease(asked.id))).toBe('forbidden');
  });
});
