import { randomUUID } from 'node:crypto';
import type { Action } from '@wheelhouse/protocol/action';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryActionRecords } from './memory-action-records.ts';
import { ASKER, CALL, codeOf, decisionOf, MemoryDesks } from './memory-desks.ts';

let world: MemoryDesks;
beforeEach(() => {
  world = new MemoryDesks();
});

describe('a crash', () => {
  it('after the row and before the entry leaves nothing', async () => {
    world.ledger.away = true;
    const id = randomUUID();
    // The row can't be taken back either: the process is gone.
    world.records.remove = () => Promise.reject(new Error('gone'));
    expect(await codeOf(world.ask(id))).toBe('ledger');
    expect(world.records.rows.size).toBe(1);
    world.ledger.away = false;
    world.records = Object.assign(new MemoryActionRecords(), { rows: world.records.rows });
    await world.restart();
    expect(world.records.rows.size).toBe(0);
    expect((await world.ask(id)).state).toBe('pending');
  });

  it('after the entry of a decision and before its row leaves the decision, with its content', async () => {
    const asked = await world.ask();
    world.records.settle = () => Promise.reject(new Error('gone'));
    await world.decide(asked, { outcome: 'edit', arguments: { amount: 1 } });
    await world.house.book.flush();
    expect(world.records.rows.get(asked.id)?.state).toBe('pending');
    world.records = Object.assign(new MemoryActionRecords(), { rows: world.records.rows });
    await world.restart();
    expect(await world.look(asked.id)).toMatchObject({ state: 'edited', decidedBy: 'ops', edited: { arguments: { amount: 1 } } });
    await world.house.book.flush();
    expect(world.records.rows.get(asked.id)?.state).toBe('edited');
  });

  it('before the entry of a decision leaves it undecided, whatever was staged', async () => {
    const asked = await world.ask();
    world.ledger.away = true;
    world.records.stage = (id, settled) => {
      const row = world.records.rows.get(id);
      if (row !== undefined && settled !== null) world.records.rows.set(id, { ...row, settled });
      return settled === null ? Promise.reject(new Error('gone')) : Promise.resolve();
    };
    expect(await codeOf(world.decide(asked))).toBe('ledger');
    expect(world.records.rows.get(asked.id)?.settled?.state).toBe('approved');
    world.ledger.away = false;
    world.records = Object.assign(new MemoryActionRecords(), { rows: world.records.rows });
    await world.restart();
    expect(await world.look(asked.id)).toMatchObject({ state: 'pending', decidedBy: null });
    expect(await codeOf(world.house.uses.check(ASKER, asked.id, CALL))).toBe('not_ready');
  });

  it('while it is carried out leaves it carried out', async () => {
    const asked = await world.ask();
    await world.decide(asked);
    world.ledger.away = true;
    world.records.unuse = () => Promise.reject(new Error('gone'));
    expect(await codeOf(world.house.uses.check(ASKER, asked.id, CALL))).toBe('ledger');
    world.ledger.away = false;
    await world.restart();
    expect(await codeOf(world.house.uses.check(ASKER, asked.id, CALL))).toBe('conflict');
  });
});

describe('a ledger that takes nothing', () => {
  it('keeps everything as it was: asking, deciding, and carrying out', async () => {
    const asked = await world.ask();
    const approved = await world.ask();
    await world.decide(approved);
    world.ledger.away = true;
    const id = randomUUID();
    expect(await codeOf(world.ask(id))).toBe('ledger');
    expect(await codeOf(world.look(id))).toBe('not_found');
    expect(await codeOf(world.decide(asked))).toBe('ledger');
    expect(await codeOf(world.house.verdicts.withdraw(ASKER, asked.id))).toBe('ledger');
    expect((await world.look(asked.id)).state).toBe('pending');
    expect(await codeOf(world.house.uses.check(ASKER, approved.id, CALL))).toBe('ledger');
    world.ledger.away = false;
    expect(await codeOf(world.house.uses.check(ASKER, approved.id, CALL))).toBe('done');
    expect((await world.decide(asked)).state).toBe('approved');
  });

  it('and a database that is away write nothing', async () => {
    world.records.away = true;
    expect(await codeOf(world.ask())).toBe('thrown');
    expect(world.records.rows.size).toBe(0);
  });
});

describe('time', () => {
  it('ends what nobody decided, once, and a decision that is on its way counts', async () => {
    const [late, quick] = [await world.ask(), await world.ask()];
    world.clock += 60_000;
    expect(await codeOf(world.decide(late))).toBe('expired');
    expect(world.house.book.over()).toEqual([late.id, quick.id]);
  });

  it('gives an action no more after a restart than it had, though the clock was set back', async () => {
    const asked = await world.ask();
    world.clock -= 3_600_000;
    await world.restart();
    world.clock += 59_000;
    expect(world.house.book.over()).toEqual([]);
    world.clock += 1000;
    expect(world.house.book.over()).toEqual([asked.id]);
  });

  it('ends approvals that nobody used', async () => {
    const asked = await world.ask();
    await world.decide(asked);
    world.clock += 60_001;
    expect(await codeOf(world.house.uses.check(ASKER, asked.id, CALL))).toBe('expired');
  });
});

describe('policy', () => {
  it('that falls over denies, and what it denies by now nobody can approve', async () => {
    const asked = await world.ask();
    world.verdict = 'throws';
    expect((await world.ask()).state).toBe('denied');
    for (const outcome of [{}, { outcome: 'edit', arguments: { amount: 1 } }] as const)
      expect(await codeOf(world.decide(asked, outcome))).toBe('policy_denied');
    world.verdict = 'deny';
    expect(await codeOf(world.decide(asked))).toBe('policy_denied');
    expect((await world.decide(asked, { outcome: 'reject', reason: 'no' })).state).toBe('rejected');
  });

  it('is asked again when an approval is used, and what it would redact is denied', async () => {
    const asked = await world.ask();
    await world.decide(asked);
    world.verdict = 'deny';
    expect(await codeOf(world.house.uses.check(ASKER, asked.id, CALL))).toBe('policy_denied');
    world.verdict = 'allow';
    expect(await codeOf(world.house.uses.check(ASKER, asked.id, CALL))).toBe('done');
    world.verdict = 'redact';
    expect((await world.ask()).state).toBe('denied');
  });
});

describe('a session', () => {
  const session = randomUUID();
  const place = { session, tenant: 'house', deployment: 'd', model: 'm', level: 1 } as const;

  it('asks by the same list, is told of what was decided, and takes what waits with it when it ends', async () => {
    world.openSessions.add(session);
    const told: Action[] = [];
    world.house.sessions.onDecided((action) => told.push(action));
    const call = { call: 'c', name: 'refund', arguments: '{"amount":5}' };
    const tool = await world.house.sessions.askForSession({ ...place, kind: 'tool', action: randomUUID(), call });
    const words = await world.house.sessions.askForSession({
      ...place,
      kind: 'output',
      text: 'Hello \ud800',
      decision: decisionOf('hold'),
    });
    expect([tool.state, words.state, told]).toEqual(['pending', 'pending', []]);
    const shown = await world.look(tool.id);
    expect(shown).toMatchObject({ kind: 'tool', tool: 'refund', arguments: { amount: 5 }, askedByName: 'The engine', session });
    // Who opened the session did not ask: the engine did.
    await world.decide(shown);
    expect(told).toMatchObject([{ id: tool.id, state: 'approved', arguments: { amount: 5 } }]);
    expect(await codeOf(world.decide(await world.look(words.id), { outcome: 'answer', answer: 'x' }))).toBe('conflict');
    world.openSessions.delete(session);
    world.house.sessions.sessionEnded(session);
    await world.house.book.inTurn(words.id, () => Promise.resolve());
    expect(told.at(-1)).toMatchObject({ id: words.id, state: 'withdrawn' });
  });

  it('of before a restart waits for nothing any more', async () => {
    world.openSessions.add(session);
    const call = { call: 'c', name: 'refund', arguments: '{}' };
    const { id } = await world.house.sessions.askForSession({ ...place, kind: 'tool', action: randomUUID(), call });
    const asked = await world.ask();
    await world.restart();
    await world.house.book.inTurn(id, () => Promise.resolve());
    expect([(await world.look(id)).state, (await world.look(asked.id)).state]).toEqual(['withdrawn', 'pending']);
  });

  it('that has ended, or calls a tool with what is no JSON, is denied', async () => {
    const call = { call: 'c', name: 'refund', arguments: '{}' };
    expect((await world.house.sessions.askForSession({ ...place, kind: 'tool', action: randomUUID(), call })).state).toBe('denied');
    world.openSessions.add(session);
    world.verdict = 'allow';
    for (const bad of ['{', '{"a":1,"a":2}', '1e400', '"\\ud800"']) {
      const { state } = await world.house.sessions.askForSession({
        ...place,
        kind: 'tool',
        action: randomUUID(),
        call: { ...call, arguments: bad },
      });
      expect(state, bad).toBe('denied');
    }
    expect(
      (await world.house.sessions.askForSession({ ...place, kind: 'tool', action: randomUUID(), call: { ...call, arguments: '' } })).state,
    ).toBe('allowed');
    expect(new Set(world.kinds())).toEqual(new Set(['action.asked']));
  });
});

describe('a person who is erased', () => {
  it('takes along what they asked, and leaves what was decided', async () => {
    const asked = await world.ask();
    await world.decide(asked, { outcome: 'edit', arguments: { amount: 1 } });
    world.vault.erased.add('dev');
    expect(await world.look(asked.id)).toMatchObject({
      state: 'edited',
      arguments: null,
      edited: { arguments: null },
      digest: asked.digest,
    });
    expect((await world.ask(asked.id)).state).toBe('edited');
  });
});

describe('a burst', () => {
  it('of one person ends where no human could look at it any more', async () => {
    for (let i = 0; i < 500; i += 1) await world.ask();
    expect(await codeOf(world.ask())).toBe('rate_limited');
  });
});
