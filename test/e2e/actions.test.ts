import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Action } from '@wheelhouse/protocol/action';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { NoticeClient } from '@wheelhouse/sdk/notice-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionScene, REFUND } from '../harness/action-scene.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import type { SignedIn } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const CLOCK_HOOK = path.resolve(import.meta.dirname, '../harness/clock-hook.ts');

describe('actions', () => {
  let scene: ActionScene;

  beforeAll(async () => {
    scene = await ActionScene.open();
  });
  afterAll(() => scene.server.dispose());

  it('wait for a human, are approved for exactly what was shown, and are carried out once', async () => {
    const asked = await scene.ask({ agent: 'Billing agent', reason: 'The parcel was lost' });
    expect(asked).toMatchObject({ state: 'pending', ...REFUND, decision: { verdict: 'hold' }, decidedAt: null, usedAt: null });
    expect(asked.because).toEqual([{ policy: 'tool-asks', reason: expect.stringMatching(/human/) as string }]);
    const waiting = scene.asker.waitFor(asked.id);
    expect(await refused(scene.asker.check(asked.id, REFUND))).toBe('not_ready');
    const decided = await scene.human.decide(asked.id, { outcome: 'approve', digest: asked.digest, reason: 'I called the customer' });
    expect(decided).toMatchObject({ state: 'approved', decidedByName: 'A operator', decidedReason: 'I called the customer' });
    expect(await waiting).toMatchObject({ state: 'approved', id: asked.id });
    // The order of keys is no difference: the digest is over their canonical rendering.
    const checked = await scene.asker.check(asked.id, { tool: 'refund', arguments: { amount: 12.5, order: 'A-17' } });
    expect(checked.digest).toBe(asked.digest);
    expect(await refused(scene.asker.check(asked.id, REFUND))).toBe('conflict');
    expect((await scene.asker.action(asked.id)).usedAt).toBe(checked.usedAt);
    const entries = await scene.entriesOf(asked.id);
    expect(entries.map(({ kind }) => kind)).toEqual(['action.asked', 'action.decided']);
    expect(entries.every(({ text }) => text.includes(asked.digest))).toBe(true);
  });

  it('keep what they are about, and what people typed, out of the ledger and the database', async () => {
    const secret = 'quetzal-feather-4711';
    const asked = await scene.ask({ arguments: { to: secret }, agent: secret, reason: secret });
    await scene.human.decide(asked.id, { outcome: 'edit', digest: asked.digest, arguments: { to: `${secret}-edited` }, reason: secret });
    const [rows, entries] = await Promise.all([
      scene.database.query('SELECT row_to_json(action)::text AS row FROM action WHERE id = $1', [asked.id]),
      scene.entriesOf(asked.id),
    ]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, entries])).not.toContain('quetzal');
    expect(scene.server.output).not.toContain('quetzal');
  });

  it('that were edited may be done as edited, and not as asked for', async () => {
    const asked = await scene.ask();
    const edited = { tool: 'refund', arguments: { order: 'A-17', amount: 5 } };
    expect(await refused(scene.human.decide(asked.id, { outcome: 'edit', digest: asked.digest, arguments: REFUND.arguments }))).toBe(
      'conflict',
    );
    const decided = await scene.human.decide(asked.id, { outcome: 'edit', digest: asked.digest, arguments: edited.arguments });
    expect(decided).toMatchObject({ state: 'edited', arguments: REFUND.arguments, edited: { arguments: edited.arguments } });
    expect(decided.edited?.digest).not.toBe(asked.digest);
    expect(await refused(scene.asker.check(asked.id, REFUND))).toBe('other_digest');
    expect((await scene.asker.check(asked.id, edited)).digest).toBe(decided.edited?.digest);
  });

  it('that were answered or rejected are not carried out', async () => {
    const [answered, rejected] = [await scene.ask(), await scene.ask()];
    expect(
      await scene.human.decide(answered.id, { outcome: 'answer', digest: answered.digest, answer: 'It was paid back already.' }),
    ).toMatchObject({
      state: 'answered',
      answer: 'It was paid back already.',
    });
    expect(await refused(scene.human.decide(rejected.id, { outcome: 'reject', digest: rejected.digest, reason: '' }))).toBe('malformed');
    await scene.human.decide(rejected.id, { outcome: 'reject', digest: rejected.digest, reason: 'Not without a receipt' });
    expect(await scene.asker.action(rejected.id)).toMatchObject({ state: 'rejected', decidedReason: 'Not without a receipt' });
    for (const { id } of [answered, rejected]) expect(await refused(scene.asker.check(id, REFUND))).toBe('policy_denied');
  });

  it('run out by themselves, can then not be decided, and free whoever waits', async () => {
    const asked = await scene.ask({ expiresInSeconds: 1 });
    const done = await scene.asker.waitFor(asked.id);
    expect(done).toMatchObject({ state: 'expired', decidedBy: null });
    expect(await refused(scene.human.decide(asked.id, { outcome: 'approve', digest: asked.digest }))).toBe('conflict');
    expect(await refused(scene.asker.check(asked.id, REFUND))).toBe('expired');
  });

  it('survive a restart: those that wait go on waiting, a wait goes on over it, and those whose time is up run out', async () => {
    const [kept, short] = [await scene.ask(), await scene.ask({ expiresInSeconds: 2 })];
    const waiting = scene.asker.waitFor(kept.id, { seconds: 60 });
    await scene.server.stop();
    await scene.server.run();
    expect(await scene.asker.action(kept.id)).toMatchObject({ state: 'pending', arguments: REFUND.arguments });
    expect((await scene.asker.waitFor(short.id)).state).toBe('expired');
    await scene.human.decide(kept.id, { outcome: 'approve', digest: kept.digest });
    expect((await waiting).state).toBe('approved');
    await scene.server.kill();
    await scene.server.run();
    expect((await scene.asker.action(kept.id)).state).toBe('approved');
    await scene.asker.check(kept.id, REFUND);
    await scene.server.kill();
    await scene.server.run();
    expect(await refused(scene.asker.check(kept.id, REFUND))).toBe('conflict');
  });

  it('run out though the clock is set back, while the server runs and while it does not', async () => {
    await scene.server.stop();
    await scene.server.run(['--import', CLOCK_HOOK]);
    const asked = await scene.ask({ expiresInSeconds: 3 });
    process.kill(scene.server.pid, 'SIGUSR2');
    expect((await scene.asker.waitFor(asked.id)).state).toBe('expired');
    const late = await scene.ask({ expiresInSeconds: 1 });
    expect((await scene.asker.waitFor(late.id)).state).toBe('expired');
    await scene.server.stop();
    await scene.server.run();
    for (const { id } of [asked, late]) expect((await scene.asker.action(id)).state).toBe('expired');
  });

  it('are let through by policy at once where the session’s level allows it, and are over when it ends', async () => {
    const owner = await scene.server.key(scene.admin, ['actions:ask']);
    const actions = new ActionClient(scene.server.url, { key: owner.key });
    const { session } = await scene.admin.api.openSession({ deployment: 'relay', level: 3 });
    const call = { tool: 'search', arguments: { q: 'opening hours' } };
    const allowed = await actions.ask({ id: randomUUID(), ...call, session: session.id });
    expect(allowed).toMatchObject({ state: 'allowed', session: session.id, decision: { verdict: 'allow' } });
    const held = await actions.ask({ id: randomUUID(), ...REFUND, session: session.id });
    expect(held.state).toBe('pending');
    // A level that was lowered since counts: what was allowed at three is not at two.
    const stale = await actions.ask({ id: randomUUID(), ...call, session: session.id });
    await actions.check(allowed.id, call);
    const level = {
      id: randomUUID(),
      kind: 'level',
      level: 2,
      scope: { type: 'session', session: session.id },
      reason: 'careful',
    } as const;
    await scene.operator.api.order(level);
    expect(await refused(actions.check(stale.id, call))).toBe('policy_denied');
    const approved = await actions.ask({ id: randomUUID(), ...REFUND, session: session.id });
    await scene.human.decide(approved.id, { outcome: 'approve', digest: approved.digest });
    await scene.operator.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session: session.id }, reason: 'stop' });
    expect(await refused(actions.check(approved.id, REFUND))).toBe('policy_denied');
    await scene.admin.api.endSession(session.id);
    expect((await actions.waitFor(held.id)).state).toBe('withdrawn');
    expect(await refused(actions.check(approved.id, REFUND))).toBe('session_ended');
  });

  it('are told to operators and to those who may decide, and not to the asker', async () => {
    const line = await OperatorLine.open(scene.server.url, { cookie: scene.operator.cookie });
    await line.next('welcome');
    // A minute's askings are one notice; the ones above have been told.
    const stranger = await scene.server.person(scene.admin, 'administrator', 'initech');
    const watcher = await scene.server.person(stranger, 'operator', 'initech');
    const elsewhere = await scene.server.person(scene.admin, 'operator', 'umbrella');
    const theirs = await scene.as(stranger).ask({ id: randomUUID(), ...REFUND });
    await line.next('action', ({ data }) => data.id === theirs.id && data.state === 'pending');
    const noticesOf = async ({ cookie }: SignedIn) => (await new NoticeClient(scene.server.url, { cookie }).notices()).items;
    await until('the notice', async () => (await noticesOf(watcher)).some(({ kind }) => kind === 'action_wanted'));
    expect(await noticesOf(stranger)).toEqual([]);
    expect(await noticesOf(elsewhere)).toEqual([]);
    await scene.as(watcher).decide(theirs.id, { outcome: 'approve', digest: theirs.digest });
    await line.next('action', ({ data }) => data.id === theirs.id && data.state === 'approved');
    line.close();
  });

  it('are listed page by page, by state', async () => {
    const all: Action[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Action[]; next: string | null } = await scene.human.actions(
        `?limit=7${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      all.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.map(({ askedAt }) => askedAt)).toEqual(
      all
        .map(({ askedAt }) => askedAt)
        .toSorted()
        .reverse(),
    );
    const { items } = await scene.human.actions('?state=rejected&limit=200');
    expect(items.map(({ id }) => id)).toEqual(all.filter(({ state }) => state === 'rejected').map(({ id }) => id));
    expect(await refused(scene.human.actions('?cursor=x'))).toBe('malformed');
    expect(await refused(scene.human.action('x'))).toBe('malformed');
  });

  it('are refused, with nothing half done, while the ledger can take nothing; and a wait ends when its caller goes', async () => {
    const [waiting, id] = [await scene.ask(), randomUUID()];
    const stop = new AbortController();
    const cut = scene.asker.waitFor(waiting.id, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(cut).rejects.toThrow('enough');
    await scene.database.query('REVOKE INSERT ON ledger_entry FROM PUBLIC');
    const [{ role } = {}] = await scene.database.query(`SELECT current_user AS role`, [], 'server');
    await scene.database.query(`REVOKE INSERT ON ledger_entry FROM "${String(role)}"`);
    expect(await refused(scene.asker.ask({ id, ...REFUND }))).toBe('ledger_unavailable');
    expect(await refused(scene.human.decide(waiting.id, { outcome: 'approve', digest: waiting.digest }))).toBe('ledger_unavailable');
    expect((await scene.human.action(waiting.id)).state).toBe('pending');
    expect(await refused(scene.asker.action(id))).toBe('not_found');
    await scene.database.query(`GRANT INSERT ON ledger_entry TO "${String(role)}"`);
    const decided = await until('the ledger to take entries', () =>
      scene.human.decide(waiting.id, { outcome: 'approve', digest: waiting.digest }).catch(() => null),
    );
    expect(decided.state).toBe('approved');
    expect((await scene.asker.ask({ id, ...REFUND })).state).toBe('pending');
    expect((await scene.entriesOf(waiting.id)).map(({ kind }) => kind)).toEqual(['action.asked', 'action.decided']);
  });
});
