import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ASKER, CALL, codeOf, MemoryDesks } from './memory-desks.ts';

let world: MemoryDesks;
beforeEach(() => {
  world = new MemoryDesks();
});

describe('a fine-tune and a promotion', () => {
  const PROMOTION = { checkpoint: 'deployment.promote', tool: 'support', arguments: { level: 3, model: 'base-1', adapter: 'a' } };
  const FINETUNE = { checkpoint: 'finetune.create', tool: 'tone', arguments: { model: 'base-1' } };

  it('are asked at their own checkpoints, by what their arguments say', async () => {
    const kinds = [(await world.ask(randomUUID(), PROMOTION)).kind, (await world.ask(randomUUID(), FINETUNE)).kind];
    expect(kinds).toEqual(['deployment.promote', 'finetune.create']);
    await world.ask(randomUUID(), { ...PROMOTION, arguments: {} });
    const [promotion, finetune, bare] = world.requests;
    expect(promotion).toMatchObject({ checkpoint: 'deployment.promote', resource: { kind: 'deployment', id: 'support' } });
    expect(promotion?.context).toEqual({ level: 3, deployment: 'support', model: 'base-1' });
    expect(finetune).toMatchObject({ checkpoint: 'finetune.create', resource: { kind: 'fine_tune', id: 'tone' } });
    expect(finetune?.context).toEqual({ level: 1, deployment: '', model: 'base-1' });
    // What names no level could be used at the highest.
    expect(bare?.context.level).toBe(5);
  });

  it.each([
    ['arguments that are no object', { ...PROMOTION, arguments: 'support' }],
    ['a level that is none', { ...PROMOTION, arguments: { level: 6 } }],
    ['a session', { ...PROMOTION, session: randomUUID() }],
  ])('are refused with %s', async (_, what) => {
    world.openSessions.add('session' in what ? what.session : '');
    expect(await codeOf(world.ask(randomUUID(), what))).toBe('malformed');
  });

  it('that a human approved are good for themselves alone, once, as long as policy does not deny them', async () => {
    const one = await world.ask(randomUUID(), PROMOTION);
    expect(one.state).toBe('pending');
    await world.decide(one);
    const tool = await world.ask(randomUUID(), { tool: 'support', arguments: PROMOTION.arguments });
    expect(tool.digest).not.toBe(one.digest);
    const call = { tool: PROMOTION.tool, arguments: PROMOTION.arguments };
    world.verdict = 'deny';
    expect(await codeOf(world.house.uses.check(ASKER, one.id, call))).toBe('policy_denied');
    world.verdict = 'allow';
    const other = { ...call, arguments: { ...call.arguments, level: 4 } };
    expect(await codeOf(world.house.uses.check(ASKER, one.id, other))).toBe('other_digest');
    expect((await world.house.uses.check(ASKER, one.id, call)).digest).toBe(one.digest);
    expect(await codeOf(world.house.uses.check(ASKER, one.id, call))).toBe('conflict');
    const used = world.ledger.entries.find((entry) => entry.kind === 'checkpoint.decided');
    expect(used?.data).toMatchObject({ checkpoint: 'deployment.promote', request: { digest: one.digest, carriedOut: true } });
  });

  it('are asked about as edited, and never answered in words', async () => {
    const one = await world.ask(randomUUID(), PROMOTION);
    expect(await codeOf(world.decide(one, { outcome: 'answer', answer: 'done' }))).toBe('conflict');
    const edited = { ...PROMOTION.arguments, level: 2 };
    expect((await world.decide(one, { outcome: 'edit', arguments: edited })).state).toBe('edited');
    expect(world.requests.at(-1)?.context.level).toBe(2);
    expect(await codeOf(world.house.uses.check(ASKER, one.id, { tool: 'support', arguments: edited }))).toBe('done');
  });

  it('of a person who was erased can not be approved: nobody can say any more what it would be', async () => {
    const one = await world.ask(randomUUID(), PROMOTION);
    world.vault.erased.add('dev');
    expect(await codeOf(world.decide(one))).toBe('policy_denied');
    expect((await world.decide(one, { outcome: 'reject', reason: 'gone' })).state).toBe('rejected');
  });

  it('that were let pass before a charter are no more under it, and no one human decides on them', async () => {
    world.verdict = 'allow';
    const allowed = await world.ask(randomUUID(), PROMOTION);
    world.verdict = 'hold';
    const [approved, pending, tool] = [
      await world.ask(randomUUID(), PROMOTION),
      await world.ask(randomUUID(), FINETUNE),
      await world.ask(),
    ];
    await world.decide(approved);
    world.court.inForce = true;
    const call = { tool: PROMOTION.tool, arguments: PROMOTION.arguments };
    world.verdict = 'allow';
    for (const { id } of [allowed, approved]) expect(await codeOf(world.house.uses.check(ASKER, id, call))).toBe('charter_in_force');
    for (const outcome of [{}, { outcome: 'reject', reason: 'no' }] as const)
      expect(await codeOf(world.decide(pending, outcome))).toBe('charter_in_force');
    // Policy alone lets nothing pass by now; calls of tools are as they were.
    expect((await world.ask(randomUUID(), PROMOTION)).state).toBe('pending');
    world.verdict = 'deny';
    expect((await world.ask(randomUUID(), PROMOTION)).state).toBe('denied');
    world.verdict = 'hold';
    await world.decide(tool);
    expect(await codeOf(world.house.uses.check(ASKER, tool.id, CALL))).toBe('done');
  });

  it('that the database calls a call of a tool may not be carried out', async () => {
    const one = await world.ask(randomUUID(), { tool: 'support', arguments: PROMOTION.arguments });
    await world.decide(one);
    await world.house.book.flush();
    const row = world.records.rows.get(one.id);
    if (row === undefined) throw new Error('the row is gone');
    world.records.rows.set(one.id, { ...row, kind: 'deployment.promote' });
    await world.restart();
    const call = { tool: PROMOTION.tool, arguments: PROMOTION.arguments };
    expect(await codeOf(world.house.uses.check(ASKER, one.id, call))).not.toBe('done');
  });
});
