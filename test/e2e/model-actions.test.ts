import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Action } from '@wheelhouse/protocol/action';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { carryOut } from '@wheelhouse/sdk/carry-out';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionScene } from '../harness/action-scene.ts';
import { adoptBehind } from '../harness/adopted-bundle.ts';
import { brisk, Chamber, nextVersion } from '../harness/chamber.ts';
import { propose, vote } from '../harness/founders.ts';
import { refused } from '../harness/refused.ts';
import type { SignedIn } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const FINETUNE = { checkpoint: 'finetune.create', tool: 'tone-of-voice', arguments: { model: 'base-1', data: 'sha256:aa' } } as const;
const PROMOTION = {
  checkpoint: 'deployment.promote',
  tool: 'support',
  arguments: { level: 3, model: 'base-1', adapter: 'sha256:bb' },
} as const;
const call = ({ tool, arguments: given }: typeof FINETUNE | typeof PROMOTION) => ({ tool, arguments: given });
const asked = <T extends object>(what: T) => ({ id: randomUUID(), ...what });

describe('fine-tunes and promotions, without a charter', () => {
  let scene: ActionScene;

  beforeAll(async () => {
    scene = await ActionScene.open();
  });
  afterAll(() => scene.server.dispose());

  it('are let pass by policy, carried out once, and recorded at their own checkpoints', async () => {
    const allowed = await scene.asker.ask(asked(FINETUNE));
    expect(allowed).toMatchObject({
      state: 'allowed',
      kind: 'finetune.create',
      proposal: null,
      decision: { policies: ['finetune-create'] },
    });
    expect((await scene.asker.check(allowed.id, call(FINETUNE))).digest).toBe(allowed.digest);
    expect(await refused(scene.asker.check(allowed.id, call(FINETUNE)))).toBe('conflict');
    const rows = await scene.database.query("SELECT opening FROM ledger_entry WHERE kind = 'checkpoint.decided'");
    const used = rows.map(({ opening }) => String(opening)).filter((opening) => opening.includes(allowed.digest));
    expect(used).toHaveLength(1);
    expect(used[0]).toContain('"finetune.create"');
    expect(used[0]).toContain('"fine_tune"');
  });

  it('are denied where policy denies them: a key promotes nothing in the shipped bundle', async () => {
    const denied = await scene.asker.ask(asked(PROMOTION));
    expect(denied.state).toBe('denied');
    expect(await refused(scene.asker.check(denied.id, call(PROMOTION)))).toBe('policy_denied');
    expect((await scene.as(scene.developer).ask(asked(PROMOTION))).state).toBe('allowed');
    expect(await refused(scene.as(scene.operator).ask(asked(PROMOTION)))).toBe('forbidden');
  });

  it('wait for a human where policy says so, who decides on exactly what would be done', async () => {
    const { bundle } = await new PolicyClient(scene.server.url, scene.admin).policy();
    if (bundle === null) throw new Error('no bundle is in force');
    const holds = `
@id("promotion-asks")
@reason("A human looks at every promotion to level 3 and above.")
permit (principal is Key, action == Action::"deployment.promote", resource);

@id("promotion-held")
@reason("A human looks at every promotion to level 3 and above.")
@verdict("hold")
forbid (principal, action == Action::"deployment.promote", resource)
when { context.level >= 3 };
`;
    await scene.server.stop();
    await adoptBehind(scene.server, { ...bundle, policies: { ...bundle.policies, 'holds.cedar': holds } } satisfies PolicyBundle);
    await scene.server.run();
    const request = asked(PROMOTION);
    const done = carryOut(scene.asker, { request, run: (given) => Promise.resolve(given) });
    const waiting = await until('the question', () => scene.human.action(request.id).catch(() => null));
    expect(waiting).toMatchObject({ state: 'pending', arguments: PROMOTION.arguments, because: [{ policy: 'promotion-held' }] });
    const edited = { ...PROMOTION.arguments, level: 2 };
    await scene.human.decide(request.id, { outcome: 'edit', digest: waiting.digest, arguments: edited });
    expect(await done).toMatchObject({ done: true, result: edited });
    // Left out, the level is the highest.
    expect((await scene.asker.ask(asked({ ...PROMOTION, arguments: {} }))).state).toBe('pending');
    expect((await scene.asker.ask(asked({ ...PROMOTION, arguments: { level: 2 } }))).state).toBe('allowed');
    const answer = await scene.asker.evaluate({
      ...{ subject: { type: 'service', id: 'ci' }, action: { name: 'deployment.promote' } },
      ...{ resource: { type: 'deployment', id: 'support' }, context: { level: 3 } },
    });
    const requestable = { endpoint: `${scene.server.url}/v1/actions`, method: 'POST' };
    expect(answer).toMatchObject({ decision: false, context: { verdict: 'hold', policies: ['promotion-held'], requestable } });
    expect(answer.context).not.toHaveProperty('takes');
  });
});

describe('fine-tunes and promotions, under a charter', () => {
  let chamber: Chamber;
  let developer: SignedIn;
  let pipeline: ActionClient;
  const one = (i: number) => chamber.person(i);
  const person = () => new ActionClient(chamber.server.url, { cookie: developer.cookie });
  const reaches = (id: string, state: Action['state']) =>
    until(`the action to be ${state}`, async () => {
      const action = await pipeline.action(id);
      return action.state === state ? action : null;
    });

  beforeAll(async () => {
    chamber = await Chamber.open(5);
    developer = await chamber.server.person(one(0), 'developer');
    const { key } = await chamber.server.key(developer, ['actions:ask', 'proposals:open']);
    pipeline = new ActionClient(chamber.server.url, { key });
  });
  afterAll(() => chamber.dispose());

  it('take its votes, whatever policy allows; then exactly what was asked for may be done, once', async () => {
    const action = await pipeline.ask(asked(FINETUNE));
    expect(action).toMatchObject({ state: 'pending', proposal: action.id, decision: { verdict: 'allow' } });
    const view = await one(1).charter.proposal(action.id);
    const act = { power: 'finetune.create', action: action.id, name: FINETUNE.tool, digest: action.digest };
    expect(view).toMatchObject({ state: 'open', act });
    expect(view.preview.lines.join(' ')).toContain('model base-1');
    expect(await refused(pipeline.check(action.id, call(FINETUNE)))).toBe('not_ready');
    // No one human decides on it any more.
    const human = new ActionClient(chamber.server.url, one(1));
    for (const verdict of [{ outcome: 'approve' }, { outcome: 'reject', reason: 'no' }] as const)
      expect(await refused(human.decide(action.id, { ...verdict, digest: action.digest }))).toBe('charter_in_force');
    const waiting = pipeline.waitFor(action.id);
    await vote(one(1), action.id);
    expect((await vote(one(2), action.id)).state).toBe('executed');
    expect(await waiting).toMatchObject({ state: 'approved', decidedBy: one(2).id });
    const changed = { ...call(FINETUNE), arguments: { ...FINETUNE.arguments, data: 'sha256:cc' } };
    expect(await refused(pipeline.check(action.id, changed))).toBe('other_digest');
    expect((await pipeline.check(action.id, call(FINETUNE))).digest).toBe(action.digest);
    expect(await refused(pipeline.check(action.id, call(FINETUNE)))).toBe('conflict');
    // The same request again is answered as it stands, and opens nothing.
    expect(await pipeline.ask({ ...FINETUNE, id: action.id })).toMatchObject({ state: 'approved' });
  });

  it('are answered with no to whoever asks for a decision alone, and where to ask', async () => {
    const subject = { type: 'person', id: 'dev', properties: { role: 'developer' } };
    const answer = await pipeline.evaluate({
      ...{ subject, action: { name: 'deployment.promote' }, resource: { type: 'deployment', id: 'support' } },
    });
    expect(answer).toMatchObject({
      decision: false,
      context: { verdict: 'hold', takes: 'deployment.promote', requestable: { method: 'POST' } },
    });
    const operator = { ...subject, properties: { role: 'operator' } };
    const denied = await pipeline.evaluate({
      ...{ subject: operator, action: { name: 'deployment.promote' }, resource: { type: 'deployment', id: 'support' } },
    });
    expect(denied).toMatchObject({ decision: false, context: { verdict: 'deny' } });
    expect(denied.context).not.toHaveProperty('takes');
  });

  it('are not asked for by who may not propose, nor proposed by anybody else, nor for anything else', async () => {
    const before = await chamber.entries('action.asked');
    const { key } = await chamber.server.key(developer, ['actions:ask']);
    expect(await refused(new ActionClient(chamber.server.url, { key }).ask(asked(FINETUNE)))).toBe('forbidden');
    expect(await chamber.entries('action.asked')).toBe(before);
    const act = { power: 'finetune.create', action: randomUUID(), name: 'x', digest: 'a'.repeat(64) } as const;
    expect(await refused(propose(one(0), act))).toBe('not_found');
    const action = await person().ask(asked(PROMOTION));
    const real = { power: 'deployment.promote', action: action.id, name: PROMOTION.tool, digest: action.digest } as const;
    // Another's, and one's own under another id, another name, another power or another digest.
    expect(await refused(propose(one(0), real))).toBe('forbidden');
    const mine = new CharterClient(chamber.server.url, { cookie: developer.cookie });
    for (const bent of [
      real,
      { ...real, name: 'sales' },
      { ...real, power: 'finetune.create' as const },
      { ...real, digest: 'a'.repeat(64) },
    ])
      expect(await refused(mine.propose({ id: randomUUID(), act: bent, reason: 'a test' }))).toBe('conflict');
    await mine.withdraw(action.id);
    expect((await reaches(action.id, 'withdrawn')).usedAt).toBeNull();
  });

  it('end with their proposals: vetoed, withdrawn by either way; and not by their own time while it is open', async () => {
    const short = await person().ask({ ...asked(PROMOTION), expiresInSeconds: 1 });
    const [vetoed, withdrawn] = [await person().ask(asked(PROMOTION)), await person().ask(asked(PROMOTION))];
    await vote(one(1), vetoed.id, 'veto');
    expect((await reaches(vetoed.id, 'rejected')).state).toBe('rejected');
    expect((await person().withdraw(withdrawn.id)).state).toBe('withdrawn');
    expect((await one(0).charter.proposal(withdrawn.id)).state).toBe('withdrawn');
    expect(await refused(new ActionClient(chamber.server.url, one(1)).withdraw(short.id))).toBe('forbidden');
    for (const { id } of [vetoed, withdrawn]) expect(await refused(person().check(id, call(PROMOTION)))).toBe('policy_denied');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await vote(one(1), short.id);
    await chamber.server.stop();
    await chamber.server.run();
    expect(await pipeline.action(short.id)).toMatchObject({ state: 'pending', proposal: short.id });
    expect((await vote(one(2), short.id)).state).toBe('executed');
    expect((await pipeline.action(short.id)).state).toBe('approved');
  });

  it('are denied by policy without any votes', async () => {
    const denied = await pipeline.ask(asked(PROMOTION));
    expect(denied).toMatchObject({ state: 'denied', proposal: null });
    expect(await refused(one(0).charter.proposal(denied.id))).toBe('not_found');
  });

  it('are nobody’s where the charter does not list their power', async () => {
    const { inForce } = await one(0).charter.charter();
    const text = nextVersion(inForce?.text ?? '', 2).replace(/^ {2}finetune\.create:\n(?: {4}.*\n)+/m, '');
    expect(text).not.toContain('finetune.create');
    expect((await chamber.decide(one(4), { power: 'charter.amend', text: brisk(text) }, [one(0), one(1), one(2)])).state).toBe('executed');
    expect(await refused(pipeline.ask(asked(FINETUNE)))).toBe('forbidden');
    const answer = await pipeline.evaluate({
      ...{ subject: { type: 'service', id: 'ci' }, action: { name: 'finetune.create' }, resource: { type: 'fine_tune', id: 'tone' } },
    });
    expect(answer).toMatchObject({ decision: false, context: { verdict: 'deny' } });
  });

  it('are proven by the record: verify finds nothing', async () => {
    const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
    const env = { ...process.env, WHEELHOUSE_DATA: chamber.server.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, faults: 0 });
  });
});
