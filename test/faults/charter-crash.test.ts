import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk, Chamber, withRule } from '../harness/chamber.ts';
import { pause } from '../harness/export-story.ts';
import { ballot, glassSigned, propose, vote } from '../harness/founders.ts';
import { refused } from '../harness/refused.ts';
import { until } from '../harness/until.ts';

const HOOKS = ['trap-hook.ts', 'clock-hook.ts'].flatMap((hook) => ['--import', path.resolve(import.meta.dirname, '../harness', hook)]);
const NOTICE_MS = 5000;
const TIME_BOX_MS = 3000;
const APPEND = 'SELECT ledger_append';

/** A recall takes a notice; a glass is broken for three seconds. */
const edited = (draft: string): string =>
  withRule(brisk(draft), 'seat.recall', `notice: ${NOTICE_MS / 1000}s`).replace('timeBox: 1h', `timeBox: ${TIME_BOX_MS / 1000}s`);

describe('a crash on the way from the votes to the act', () => {
  let chamber: Chamber;
  let trap = '';
  const one = (i: number) => chamber.person(i);

  beforeAll(async () => {
    chamber = await Chamber.open(5, edited);
    trap = path.join(chamber.server.dataFolder, 'trap');
    chamber.server.env['WHEELHOUSE_TEST_TRAP'] = trap;
    await chamber.server.stop();
    await run();
  });
  afterAll(() => chamber.dispose());

  const run = () => chamber.server.run(HOOKS);

  /** Sets the trap at the nth append to the ledger from now on; `work` snaps it, and what it answers is lost. */
  async function snapped(when: 'before' | 'after', nth: number, work: () => Promise<unknown>): Promise<void> {
    writeFileSync(trap, [APPEND, when, '', nth].join('\n'));
    const lost = await work().then(
      () => false,
      () => true,
    );
    expect(lost).toBe(true);
    expect(existsSync(trap)).toBe(false);
    await chamber.server.kill();
  }

  /** The last vote that a proposal takes. */
  const last = (view: ProposalView) => one(2).charter.vote(view.id, ballot(one(2), view, { seat: 'operations-2' }));

  async function oneVoteShort(): Promise<ProposalView & { latch: string }> {
    const view = await chamber.release(one(0));
    expect((await vote(one(1), view.id)).state).toBe('open');
    return view;
  }

  async function releasedOnce({ id, latch }: { id: string; latch: string }): Promise<void> {
    await until('the release', async () => (await chamber.entries('latch.released', latch)) > 0);
    await until('the latch to open', async () => !(await chamber.isLatched(latch)));
    expect(await chamber.entries('latch.released', latch)).toBe(1);
    expect(await chamber.entries('proposal.passed', id)).toBe(1);
    expect((await one(0).charter.proposal(id)).state).toBe('executed');
  }

  it('before the last vote was durable forgets it, and the act with it', async () => {
    const view = await oneVoteShort();
    await snapped('before', 1, () => last(view));
    await run();
    expect(await one(0).charter.proposal(view.id)).toMatchObject({ state: 'open', yes: 1 });
    expect(await chamber.isLatched(view.latch)).toBe(true);
    expect((await last(view)).state).toBe('executed');
    await releasedOnce(view);
  });

  it('after the last vote was durable carries the act out at the next start, once, although nobody asks', async () => {
    const view = await oneVoteShort();
    await snapped('after', 1, () => last(view));
    await run();
    await releasedOnce(view);
    await chamber.server.kill();
    await run();
    await releasedOnce(view);
  });

  it('after the act was durable and before it took effect has it take effect at the next start', async () => {
    const view = await oneVoteShort();
    await snapped('after', 2, () => last(view));
    await run();
    await releasedOnce(view);
  });

  it('of the database, with the answer to the last vote lost, carries the act out once', async () => {
    const view = await oneVoteShort();
    writeFileSync(trap, [APPEND, 'after', chamber.database.pid, 1].join('\n'));
    await last(view).catch(() => null);
    expect(existsSync(trap)).toBe(false);
    await until('the server to be ready', async () => (await fetch(`${chamber.server.url}/health/ready`)).status === 200);
    await until('it to be settled', async () => {
      const now = await one(0)
        .charter.proposal(view.id)
        .catch(() => null);
      if (now?.state === 'open') await last(view).catch(() => null);
      return now?.state === 'executed';
    });
    await releasedOnce(view);
  });

  it('in the middle of an erasure leaves no half of it', async () => {
    const record = { what: ['audio' as const], retention: 'regulated' as const, consent: 'form 7' };
    const { session } = await one(0).api.openSession({ deployment: 'echo', subject: 'customer 7', record });
    const { subject } = await one(0).api.content(session.id);
    const view = await propose(one(0), { power: 'record.erase', subject });
    await vote(one(1), view.id);
    await snapped('after', 2, () => last(view));
    await run();
    expect(await chamber.entries('subject.erased', view.id)).toBe(1);
    expect(await chamber.database.query('SELECT 1 FROM erasure_done WHERE erasure = $1', [view.id])).toHaveLength(1);
    expect((await one(0).charter.proposal(view.id)).state).toBe('executed');
    expect(await chamber.entries('subject.erased', view.id)).toBe(1);
  });

  it('while a proposal is withdrawn does not keep what it was about for ever', async () => {
    const view = await chamber.release(one(0));
    await snapped('after', 1, () => one(0).charter.withdraw(view.id));
    await run();
    expect((await one(0).charter.proposal(view.id)).state).toBe('withdrawn');
    // Another can be proposed as soon as the first is taken back, and is decided as ever.
    const again = await until('it to be taken back', () =>
      propose(one(4), { power: 'latch.release', latch: view.latch }).catch(() => null),
    );
    expect((await one(0).api.releases()).find(({ id }) => id === view.id)?.state).toBe('withdrawn');
    await vote(one(1), again.id);
    expect((await last(again)).state).toBe('executed');
    await releasedOnce({ id: again.id, latch: view.latch });
  });

  it('over the end of a notice carries the act out at the next start, although nobody asks', async () => {
    const view = await propose(one(0), { power: 'seat.recall', seat: 'operations-3' });
    for (const i of [1, 2, 3]) expect((await vote(one(i), view.id)).state).toBe('open');
    const { passesAt } = await one(0).charter.proposal(view.id);
    expect(await chamber.entries('seat.recalled', view.id)).toBe(0);
    await chamber.server.kill();
    await until('the notice to end', () => Date.now() > Date.parse(passesAt ?? '') + 500);
    await run();
    await until('the recall', async () => (await chamber.entries('seat.recalled', view.id)) === 1);
    const { seats } = await one(0).charter.charter();
    expect(seats.find(({ id }) => id === 'operations-3')?.holder).toBeNull();
  });

  it('while a glass is broken puts the latch back, once', async () => {
    const { latch, session } = await chamber.latch();
    const [glass, act] = [randomUUID(), { power: 'latch.release', latch } as const];
    const signed = (i: number, seat: string) => ({ seat, signed: glassSigned(one(i), { glass, act, practice: false, seat }) });
    await one(0).charter.breakGlass({ id: glass, act, reason: 'danger', practice: false, ...signed(0, 'operations-1') });
    expect((await one(1).charter.signGlass(glass, signed(1, 'safety-1'))).state).toBe('broken');
    expect(await chamber.isLatched(latch)).toBe(false);
    await chamber.server.kill();
    await pause(TIME_BOX_MS);
    await run();
    const standing = async () =>
      (await one(0).api.latches()).filter(({ scope }) => scope.type === 'session' && scope.session === session).map(({ order }) => order);
    const [again] = await until('the latch', async () => {
      const orders = await standing();
      return orders.length > 0 && orders;
    });
    await until('the end in the record', async () => (await chamber.entries('glass.ended', glass)) === 1);
    await chamber.server.kill();
    await run();
    expect(await standing()).toEqual([again]);
    expect(again).not.toBe(latch);
    expect(await refused(one(2).charter.signGlass(glass, signed(2, 'operations-2')))).toBe('conflict');
  });

  it('or a clock that is set neither shortens a notice nor undoes a vote', async () => {
    const change = { power: 'seat.recall', seat: 'safety-2' } as const;
    const view = await propose(one(0), change);
    await vote(one(1), view.id);
    process.kill(chamber.server.pid, 'SIGUSR2');
    await until('the clock to be set', async () => (await chamber.entries('clock.stepped')) > 0);
    await vote(one(2), view.id);
    const after = await vote(one(3), view.id);
    const times = after.votes.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(after).toMatchObject({ yes: 3 });
    // It passes when its notice is over by a clock that goes on, not in ten minutes.
    const done = await chamber.reaches(view.id, 'executed');
    expect(Date.parse(done.ended?.at ?? '') - Date.parse(view.openedAt)).toBeGreaterThanOrEqual(NOTICE_MS);
    await chamber.server.stop();
    await run();
    expect((await one(0).charter.proposal(view.id)).state).toBe('executed');
    const release = await oneVoteShort();
    expect((await last(release)).state).toBe('executed');
    await releasedOnce(release);
  });
});
