import { randomUUID } from 'node:crypto';
import { Problem } from '@wheelhouse/protocol/problem';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionScene, REFUND } from '../harness/action-scene.ts';
import { refused } from '../harness/refused.ts';

describe('actions are attacked', () => {
  let scene: ActionScene;

  beforeAll(async () => {
    scene = await ActionScene.open();
  });
  afterAll(() => scene.server.dispose());

  const post = async (at: string, body: string) => {
    const headers = { authorization: `Bearer ${scene.key}`, 'content-type': 'application/json' };
    const response = await fetch(`${scene.server.url}${at}`, { method: 'POST', headers, body });
    const answer: unknown = await response.json();
    return { status: response.status, body: answer };
  };

  it('with arguments, or a tool, that changed after the approval', async () => {
    const asked = await scene.ask();
    await scene.human.decide(asked.id, { outcome: 'approve', digest: asked.digest });
    const changes = [
      { ...REFUND, arguments: { order: 'A-17', amount: 1250 } },
      { ...REFUND, arguments: { order: 'A-17', amount: '12.5' } },
      { ...REFUND, arguments: { order: 'A-17', amount: 12.5, also: null } },
      { ...REFUND, arguments: [REFUND.arguments] },
      { ...REFUND, tool: 'send_email' },
    ];
    for (const changed of changes) expect(await refused(scene.asker.check(asked.id, changed))).toBe('other_digest');
    await scene.asker.check(asked.id, REFUND);
  });

  it('by a decision that is sent twice, on another action, or on what was never shown', async () => {
    const [first, second] = [await scene.ask(), await scene.ask({ arguments: { order: 'B', amount: 1 } })];
    const verdict = { outcome: 'approve', digest: first.digest } as const;
    expect(await refused(scene.human.decide(second.id, verdict))).toBe('other_digest');
    await scene.human.decide(first.id, verdict);
    expect(await refused(scene.human.decide(first.id, verdict))).toBe('conflict');
    expect(await refused(scene.as(scene.admin).decide(first.id, { outcome: 'reject', digest: first.digest, reason: 'too late' }))).toBe(
      'conflict',
    );
    expect((await scene.asker.action(second.id)).state).toBe('pending');
    await scene.asker.withdraw(second.id);
  });

  it('by two people who decide at the same time: one of them decides', async () => {
    for (let round = 0; round < 5; round += 1) {
      const asked = await scene.ask();
      const both = await Promise.allSettled([
        scene.human.decide(asked.id, { outcome: 'approve', digest: asked.digest }),
        scene.as(scene.admin).decide(asked.id, { outcome: 'reject', digest: asked.digest, reason: 'No' }),
      ]);
      const won = both.filter((one) => one.status === 'fulfilled');
      expect(won).toHaveLength(1);
      expect((await scene.asker.action(asked.id)).state).toBe(won[0]?.value.state);
      expect((await scene.entriesOf(asked.id)).map(({ kind }) => kind)).toEqual(['action.asked', 'action.decided']);
    }
  });

  it('by many who carry it out at the same time: one of them may', async () => {
    const asked = await scene.ask();
    await scene.human.decide(asked.id, { outcome: 'approve', digest: asked.digest });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => scene.asker.check(asked.id, REFUND)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('by the holder of the asking key, by keys, and by people who may not decide', async () => {
    const own = await scene.server.key(scene.admin, ['actions:ask']);
    const asked = await new ActionClient(scene.server.url, { key: own.key }).ask({ id: randomUUID(), ...REFUND });
    const verdict = { outcome: 'approve', digest: asked.digest } as const;
    expect(await refused(scene.as(scene.admin).decide(asked.id, verdict))).toBe('same_person');
    expect(await refused(new ActionClient(scene.server.url, { key: own.key }).decide(asked.id, verdict))).toBe('forbidden');
    const second = await scene.server.person(scene.admin, 'administrator');
    const others = await scene.server.key(second, ['actions:ask', 'sessions:read', 'orders:give', 'proposals:open']);
    expect(await refused(new ActionClient(scene.server.url, { key: others.key }).decide(asked.id, verdict))).toBe('forbidden');
    expect(await refused(scene.as(scene.developer).decide(asked.id, verdict))).toBe('forbidden');
    expect(await refused(scene.as(await scene.server.person(scene.admin, 'reviewer')).decide(asked.id, verdict))).toBe('forbidden');
    expect(await refused(scene.human.withdraw(asked.id))).toBe('forbidden');
    const directly = await scene.as(scene.admin).ask({ id: randomUUID(), ...REFUND });
    expect(await refused(scene.as(scene.admin).decide(directly.id, { ...verdict, digest: directly.digest }))).toBe('same_person');
    await scene.human.decide(asked.id, verdict);
  });

  it('from another tenant, on every route: there is no such thing', async () => {
    const stranger = scene.as(await scene.server.person(scene.admin, 'administrator', 'globex'));
    const asked = await scene.ask();
    const tries = [
      () => stranger.action(asked.id),
      () => stranger.decide(asked.id, { outcome: 'approve', digest: asked.digest }),
      () => stranger.withdraw(asked.id),
      () => stranger.check(asked.id, REFUND),
    ];
    for (const attempt of tries) expect(await refused(attempt())).toBe('not_found');
    expect((await stranger.actions()).items).toEqual([]);
    expect(await refused(stranger.ask({ id: asked.id, ...REFUND }))).toBe('conflict');
    const { session } = await scene.admin.api.openSession({ deployment: 'relay' });
    expect(await refused(stranger.ask({ id: randomUUID(), ...REFUND, session: session.id }))).toBe('not_found');
    expect((await scene.asker.action(asked.id)).state).toBe('pending');
    await scene.asker.withdraw(asked.id);
  });

  it('by another key of the tenant: it sees what is its holder’s, and readers who may not decide see no content', async () => {
    const asked = await scene.ask();
    const other = await scene.server.key(scene.admin, ['actions:ask']);
    expect(await refused(new ActionClient(scene.server.url, { key: other.key }).action(asked.id))).toBe('not_found');
    const reviewer = scene.as(await scene.server.person(scene.admin, 'reviewer'));
    expect(await reviewer.action(asked.id)).toMatchObject({ arguments: null, reason: '', state: 'pending' });
    await scene.asker.withdraw(asked.id);
  });

  it('with JSON that two readers take for two things', async () => {
    const id = randomUUID();
    const bodies = [
      `{"id":"${id}","tool":"refund","arguments":{"amount":1,"amount":1000}}`,
      `{"id":"${id}","tool":"refund","arguments":{"amount":1e400}}`,
      `{"id":"${id}","tool":"refund","arguments":{"amount":12345678901234567890}}`,
      `{"id":"${id}","tool":"refund","arguments":{"to":"\\ud800"}}`,
      `{"id":"${id}","tool":"refund","arguments":{"__proto__":{"amount":1}}}`,
      `{"id":"${id}","tool":"refund","arguments":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      `{"id":"${id}","tool":"refund","arguments":{}}{}`,
      `{"id":"${id}","tool":"refund"}`,
      `{"id":"${id}","tool":"re fund","arguments":{}}`,
      `{"id":"${id}","tool":"refund","arguments":{},"level":5}`,
      'nonsense',
      '',
    ];
    for (const body of bodies) {
      const { status, body: answer } = await post('/v1/actions', body);
      expect([status, Problem.parse(answer).code], body.slice(0, 80)).toEqual([400, 'malformed']);
    }
    const large = JSON.stringify({ id, tool: 'refund', arguments: { text: 'x'.repeat(17_000) } });
    expect(await post('/v1/actions', large)).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(await refused(scene.asker.action(id))).toBe('not_found');
    const odd = { '': [null, true, 1e-7, 'é\u0000\u2028'], ['k'.repeat(500)]: {} };
    const asked = await scene.ask({ arguments: odd });
    expect(asked.arguments).toEqual(odd);
    await scene.asker.withdraw(asked.id);
  });

  it('by asking under an id that is taken: the same gets the same answer, anything else is refused', async () => {
    const id = randomUUID();
    const request = { id, ...REFUND, agent: 'A', reason: 'B' };
    const all = await Promise.all(Array.from({ length: 5 }, () => scene.asker.ask(request)));
    expect(new Set(all.map(({ askedAt }) => askedAt)).size).toBe(1);
    const others = [{ tool: 'other' }, { arguments: {} }, { agent: 'C' }, { reason: 'C' }, { expiresInSeconds: 60 }];
    for (const change of others) expect(await refused(scene.asker.ask({ ...request, ...change }))).toBe('conflict');
    expect((await scene.entriesOf(id)).map(({ kind }) => kind)).toEqual(['action.asked']);
    await scene.asker.withdraw(id);
    expect((await scene.asker.ask(request)).state).toBe('withdrawn');
  });

  it('by somebody with the database in hand: a row that the ledger does not bear out permits nothing', async () => {
    const [forged, moved] = [await scene.ask(), await scene.ask({ arguments: { order: 'Z', amount: 1 } })];
    await scene.human.decide(moved.id, { outcome: 'approve', digest: moved.digest });
    const rejected = await scene.ask();
    await scene.human.decide(rejected.id, { outcome: 'reject', digest: rejected.digest, reason: 'No' });
    await scene.server.stop();
    await scene.database.alone(async (sql) => {
      await sql(`UPDATE action SET state = 'allowed' WHERE id = '${forged.id}'`);
      await sql(`UPDATE action SET digest = '${forged.digest}' WHERE id = '${moved.id}'`);
      await sql(`UPDATE action SET state = 'approved', verdict = 'approved' WHERE id = '${rejected.id}'`);
    });
    await scene.server.run();
    for (const { id } of [forged, moved, rejected]) expect(await refused(scene.asker.check(id, REFUND))).toBe('policy_denied');
  });
});
