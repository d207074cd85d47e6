import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { parseNote, verifyNoteSync } from '@wheelhouse/ledger/signed-note';
import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptBehind } from '../harness/adopted-bundle.ts';
import { brisk } from '../harness/chamber.ts';
import { humming, hums, staysSilent } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { found, type Overseer, overseers, propose, vote } from '../harness/founders.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

/** The bundle in force with two policies more: developers open no sessions, and the line test says nothing at level 2. */
function strict(bundle: PolicyBundle): PolicyBundle {
  const forbid = `
@id("no-developers")
@reason("Developers do not talk to what they build.")
forbid (principal, action == Action::"session.open", resource)
when { principal.role == "developer" };

@id("no-echo")
@reason("The line is not tested at level 2.")
forbid (principal, action == Action::"tick.output", resource)
when { context.deployment == "echo" && context.level == 2 };
`;
  const [one] = bundle.tests.filter(({ request }) => request.checkpoint === 'session.open');
  if (one === undefined) throw new Error('the bundle has no test of session.open');
  const developer = { ...one.request, principal: { ...one.request.principal, kind: 'person' as const, role: 'developer' } };
  const others = bundle.tests.filter(({ request }) => request.checkpoint !== 'session.open' || request.principal.role !== 'developer');
  const [tick] = bundle.tests.filter(({ request }) => request.checkpoint === 'tick.output');
  if (tick === undefined) throw new Error('the bundle has no test of tick.output');
  const echo = { ...tick.request, context: { ...tick.request.context, deployment: 'echo', level: 2 as const } };
  const operator = { ...developer, principal: { ...developer.principal, role: 'operator' } };
  return {
    ...bundle,
    name: 'strict',
    policies: { ...bundle.policies, 'developers.cedar': forbid },
    tests: [
      ...others,
      { name: 'developer-opens', request: developer, verdict: 'deny', policies: ['no-developers'] },
      { name: 'echo-at-level-2', request: echo, verdict: 'deny', policies: ['no-echo'] },
      { name: 'operator-opens', request: operator, verdict: 'allow' },
    ],
  };
}

describe('policy', () => {
  let server: TestServer;
  let people: Overseer[];
  let developer: SignedIn;
  let shipped: PolicyBundle;
  let shippedDigest = '';
  const one = (i: number): Overseer => {
    const person = people[i];
    if (person === undefined) throw new Error('there are fewer people');
    return person;
  };
  const policyOf = (who: SignedIn = one(0)) => new PolicyClient(server.url, { cookie: who.cookie });
  const changeTo = async (bundle: PolicyBundle): Promise<ProposedAct> => {
    const { digest, text } = await policyOf().check(bundle);
    return { power: 'policy.change', bundle: digest ?? '', text: text ?? '' };
  };
  const decided = async (by: string): Promise<number> => {
    const rows = await new TestDatabase(server).query("SELECT opening FROM ledger_entry WHERE kind = 'checkpoint.decided'");
    return rows.filter(({ opening }) => String(opening).includes(`"${by}"`)).length;
  };

  beforeAll(async () => {
    server = await TestServer.start();
    people = await overseers(server, 5);
    const view = await policyOf().policy();
    if (view.bundle === null) throw new Error('no bundle is in force');
    shipped = view.bundle;
    shippedDigest = view.digest;
  });
  afterAll(() => server.dispose());

  it('is in force from the first start: the shipped bundle, adopted in the ledger, tested and signed', async () => {
    const view = await policyOf().policy();
    expect(view).toMatchObject({ loads: true, faults: [], warnings: [], rollback: null });
    expect(view.history).toMatchObject([{ how: 'shipped', digest: view.digest, proposal: null, by: { kind: 'system' } }]);
    expect(view.tests.length).toBeGreaterThan(20);
    expect(view.tests.filter(({ ok }) => !ok)).toEqual([]);
    const key = parseVerifierKey(readFileSync(path.join(server.dataFolder, 'ledger/verifier-key.txt'), 'utf8').trim(), sha256);
    const note = parseNote(view.signature ?? '');
    if (!key.ok || !note.ok) throw new Error('the signature can not be read');
    expect(verifyNoteSync(note.value, [key.value], verifyEd25519).ok).toBe(true);
    expect(note.value.text).toBe(`wheelhouse/policy-bundle/1\n${key.value.name}\n${view.digest}\n`);
  });

  it('is not changed before there is a charter', async () => {
    expect(await refused(propose(one(0), await changeTo(strict(shipped))))).toBe('conflict');
    expect((await found(people, brisk)).state).toBe('executed');
    developer = await server.person(one(0), 'developer');
  });

  it('is checked before it is proposed: what a bundle would mean, and all that is wrong with it', async () => {
    const checked = await policyOf(developer).check(strict(shipped));
    expect(checked).toMatchObject({ proposable: true, faults: [] });
    expect(checked.changes.find(({ file }) => file === 'developers.cedar')).toMatchObject({ change: 'added', removed: 0 });
    const broken = await policyOf().check({ ...shipped, policies: { ...shipped.policies, 'x.cedar': 'permit (' } });
    expect(broken).toMatchObject({ proposable: false, digest: null, faults: [{ code: 'unreadable', file: 'x.cedar' }] });
  });

  it('refuses a bundle that does not parse, fails its tests, contradicts itself, or is not what its digest says', async () => {
    const strange = (text: string): PolicyBundle => ({ ...shipped, policies: { ...shipped.policies, 'x.cedar': text } });
    const forAll = '@id("x") @reason("x") forbid (principal, action == Action::"tick.input", resource)';
    const textOf = (bundle: PolicyBundle) => JSON.stringify(bundle);
    const act = (text: string, bundle = shippedDigest): ProposedAct => ({ power: 'policy.change', bundle, text });
    expect(await refused(propose(one(0), act(textOf(strange('permit (')))))).toBe('policy_refused');
    expect(await refused(propose(one(0), act('no JSON')))).toBe('policy_refused');
    expect(await refused(propose(one(0), await changeTo(strange(`${forAll} when { context.level == 1 && context.level == 2 };`))))).toBe(
      'policy_refused',
    );
    const failing: PolicyBundle = { ...shipped, tests: shipped.tests.map((test) => ({ ...test, verdict: 'hold' })) };
    expect((await policyOf().check(failing)).proposable).toBe(false);
    expect(await refused(propose(one(0), await changeTo(failing)))).toBe('policy_refused');
    const good = await changeTo(strict(shipped));
    expect(
      await refused(propose(one(0), { ...good, power: 'policy.change', bundle: shippedDigest, text: 'text' in good ? good.text : '' })),
    ).toBe('other_digest');
    expect(await refused(propose(one(0), await changeTo(shipped)))).toBe('conflict');
  });

  it('is shown beside the one in force: a shadow that decides nothing, and a replay of what was recorded', async () => {
    const since = new Date(Date.now() - 3_600_000).toISOString();
    await policyOf().setShadow(strict(shipped));
    await developer.api.openSession();
    await one(1).api.openSession();
    const shadow = await policyOf().shadow();
    expect(shadow).toMatchObject({
      candidate: { name: 'strict' },
      comparison: {
        differing: 1,
        differences: [{ inForce: { verdict: 'allow' }, candidate: { verdict: 'deny', policies: ['no-developers'] } }],
      },
    });
    // What the stream threads decide counts as well, allowed or not.
    const member = await humming(one(1).api, { level: 2 });
    const ticks = await until('ticks in the shadow', async () => {
      const { comparison } = await policyOf().shadow();
      return comparison.differences.find(({ request, count }) => request.checkpoint === 'tick.output' && count > 2) ?? null;
    });
    expect(ticks).toMatchObject({ inForce: { verdict: 'allow' }, candidate: { verdict: 'deny', policies: ['no-echo'] } });
    await hums(member);
    member.hush();
    member.listener.client.end();
    const replay = () => policyOf().replay(strict(shipped), since, new Date(Date.now() + 60_000).toISOString());
    const replayed = await until('the decisions to be in the ledger', async () => {
      const view = await replay();
      return view.comparison.differing > 0 ? view : null;
    });
    expect(replayed).toMatchObject({ unreadable: 0, leftOut: 0, comparison: { differing: 1 } });
    expect((await policyOf().replay(strict(shipped), since, since)).entries).toBe(0);
  });

  it('is changed by the votes that the charter asks for, on exactly what was shown; and is enforced at once', async () => {
    const view = await propose(one(0), await changeTo(strict(shipped)), 'to be careful');
    expect(view.preview.lines.join('\n')).toContain('developers.cedar: added');
    expect(view.preview.lines.join('\n')).toContain('session.open');
    expect(view.preview.lines.join('\n')).toContain('allow becomes deny (no-developers)');
    await developer.api.openSession();
    expect((await vote(one(1), view.id)).state).toBe('open');
    expect((await vote(one(2), view.id)).state).toBe('executed');
    const now = await policyOf().policy();
    expect(now).toMatchObject({
      name: 'strict',
      loads: true,
      rollback: { digest: shippedDigest },
      history: [{ how: 'adopted', proposal: view.id }, {}],
    });
    await expect(developer.api.openSession()).rejects.toMatchObject({
      problem: {
        code: 'policy_denied',
        status: 403,
        detail: 'Policy denies this at session.open: Developers do not talk to what they build. (policy no-developers)',
      },
    });
    await one(1).api.openSession();
    expect(await until('the denial to be recorded', async () => (await decided('no-developers')) || null)).toBe(1);
    expect((await policyOf().shadow()).comparison.differing).toBe(0);
  });

  it('explains itself by the bundle in force, and by the one that decided then', async () => {
    const request = shipped.tests.find(
      ({ request: asked }) => asked.checkpoint === 'session.open' && asked.principal.role === 'developer',
    )?.request;
    if (request === undefined) throw new Error('no such test');
    expect((await policyOf(developer).explain(request)).decision).toMatchObject({ verdict: 'deny', policies: ['no-developers'] });
    expect((await policyOf(developer).explain(request, shippedDigest)).decision).toMatchObject({ verdict: 'allow', bundle: shippedDigest });
    expect(await refused(policyOf().explain(request, `sha256:${'0'.repeat(64)}`))).toBe('not_found');
  });

  it('is there after a restart', async () => {
    await server.stop();
    await server.run();
    expect((await policyOf().policy()).name).toBe('strict');
    expect(await refused(developer.api.openSession())).toBe('policy_denied');
  });

  const ordered = randomUUID();

  it('is rolled back by one person, in force when it is answered, and only one step', async () => {
    const open = await propose(one(3), { power: 'seat.recall', seat: 'operations-1' });
    expect(await refused(policyOf(developer).rollBack({ id: ordered, reason: 'x' }))).toBe('forbidden');
    const member = await humming(one(1).api, { level: 2 });
    await staysSilent(member, 0);
    const ack = await policyOf(one(1)).rollBack({ id: ordered, reason: 'nobody can work' });
    expect(ack).toMatchObject({ bundle: shippedDigest, repeated: false });
    await developer.api.openSession();
    // The turn that was cut off stays cut off; the next one is heard.
    const next = await humming(one(1).api, { level: 2 });
    await hums(next);
    for (const each of [member, next]) {
      each.hush();
      each.listener.client.end();
    }
    expect(await policyOf(one(1)).rollBack({ id: ordered, reason: 'nobody can work' })).toEqual({ ...ack, repeated: true });
    expect(await refused(policyOf(one(1)).rollBack({ id: ordered, reason: 'another' }))).toBe('conflict');
    expect(await refused(policyOf(one(2)).rollBack({ id: randomUUID(), reason: 'again' }))).toBe('conflict');
    const view = await policyOf().policy();
    expect(view).toMatchObject({
      digest: shippedDigest,
      rollback: null,
      history: [{ how: 'rolled_back', reason: 'nobody can work' }, {}, {}],
    });
    // What was proposed under other rules has to be proposed again.
    await until('the proposal to be superseded', async () =>
      (await one(3).charter.proposal(open.id)).state === 'superseded' ? true : null,
    );
  });

  it('stays rolled back when the power goes, and the whole of it is proven', async () => {
    await until('the rollback to be stored', async () => ((await policyOf().policy()).history[0]?.entry ?? null) !== null || null);
    await server.kill();
    await server.run();
    expect(await policyOf().policy()).toMatchObject({ digest: shippedDigest, history: [{ how: 'rolled_back' }, {}, {}] });
    await developer.api.openSession();
    const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
    const env = { ...process.env, WHEELHOUSE_DATA: server.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, faults: 0 });
  });

  it('denies everything and says so where the bundle in force can not be loaded; one person goes back', async () => {
    await server.stop();
    // As if an approved bundle had been written by a version whose Cedar took what ours does not.
    const digest = await adoptBehind(server, { ...shipped, name: 'broken', policies: { 'x.cedar': 'permit (' }, tests: [] });
    await server.run();
    const view = await policyOf().policy();
    expect(view).toMatchObject({ name: 'broken', digest, loads: false, bundle: null, faults: [{ code: 'unreadable', file: 'x.cedar' }] });
    await expect(one(0).api.openSession()).rejects.toMatchObject({ problem: { code: 'policy_denied' } });
    const line = await OperatorLine.open(server.url, { cookie: one(0).cookie });
    const alarm = await line.next('alarm', ({ data }) => data.code === 'policy_unusable');
    expect(alarm.data.message).toContain('everything is denied');
    line.close();
    await policyOf(one(1)).rollBack({ id: randomUUID(), reason: 'it does not load' });
    await one(0).api.openSession();
    expect((await policyOf().policy()).loads).toBe(true);
  });
});
