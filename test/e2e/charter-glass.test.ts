import { createHash, randomUUID } from 'node:crypto';
import type { GlassView } from '@wheelhouse/protocol/charter-view';
import type { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { NoticeClient } from '@wheelhouse/sdk/notice-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk, Chamber, inMs } from '../harness/chamber.ts';
import { ballot, glassSigned, type Overseer, propose, vote } from '../harness/founders.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import { until } from '../harness/until.ts';

/** Operations may break a glass together with safety, for three seconds; the review is due two seconds after that. */
const edited = (draft: string): string => brisk(draft).replace('timeBox: 1h, reviewWithin: 3d', 'timeBox: 3s, reviewWithin: 5s');

const SEATS = ['operations-1', 'safety-1', 'operations-2', 'safety-2'];

/** The id that the order which ends a time box bears, unless it is taken: it follows from the glass. */
function orderAtTheEndOf(glass: string): string {
  const hex = createHash('sha256').update(`wheelhouse/glass-ended/${glass}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

describe('break glass', () => {
  let chamber: Chamber;
  const one = (i: number) => chamber.person(i);

  beforeAll(async () => {
    chamber = await Chamber.open(5, edited);
  });
  afterAll(() => chamber.dispose());

  function ask(by: Overseer, latch: string, seat: string, practice = false): Promise<GlassView> {
    const [id, act] = [randomUUID(), { power: 'latch.release', latch } satisfies EmergencyAct];
    const signed = glassSigned(by, { glass: id, act, practice, seat });
    return by.charter.breakGlass({ id, act, reason: 'people are in danger', practice, seat, signed });
  }
  function sign(by: Overseer, { id, act, practice }: GlassView, seat: string): Promise<GlassView> {
    return by.charter.signGlass(id, { seat, signed: glassSigned(by, { glass: id, act, practice, seat }) });
  }
  const glassOf = async (id: string): Promise<GlassView> => {
    const found = (await one(0).charter.glasses()).find((glass) => glass.id === id);
    if (found === undefined) throw new Error('there is no such glass');
    return found;
  };
  const notices = async (person: Overseer, kind: string) =>
    (await new NoticeClient(chamber.server.url, { cookie: person.cookie }).notices()).items.filter((notice) => notice.kind === kind);
  const ended = (id: string) =>
    until('the time box to end', async () => {
      const glass = await glassOf(id);
      return glass.state === 'ended' ? glass : null;
    });
  /** Closes a review by those who did not break the glass. */
  async function review(glass: string): Promise<void> {
    const view = await chamber.decide(one(0), { power: 'break_glass.review', glass }, [one(2), one(3)]);
    expect(view.state).toBe('executed');
  }

  it('takes two people of the named seats, each with a signature of their own', async () => {
    const { latch } = await chamber.latch();
    expect(await refused(ask(one(4), latch, 'operations-3'))).toBe('forbidden');
    expect(await refused(ask(one(0), latch, 'safety-1'))).toBe('forbidden');
    const glass = await ask(one(0), latch, 'operations-1');
    expect(glass).toMatchObject({ state: 'asked', takes: 2, signers: [{ person: one(0).id }] });
    expect(await chamber.isLatched(latch)).toBe(true);
    expect(await refused(sign(one(0), glass, 'operations-1'))).toBe('same_person');
    // The same person by another seat, a signature of somebody else's, for a drill, for another glass, by a key.
    await one(3).charter.declareAbsence({ id: randomUUID(), from: inMs(0), until: inMs(2000) });
    await one(4).charter.declareAbsence({ id: randomUUID(), from: inMs(0), until: inMs(2000) });
    expect(await refused(sign(one(0), glass, 'safety-2'))).toBe('same_person');
    const [{ id, act }, seat] = [glass, 'safety-1'];
    const send = (by: Overseer, signed: ReturnType<typeof glassSigned>) => refused(by.charter.signGlass(id, { seat, signed }));
    expect(await send(one(1), glassSigned(one(2), { glass: id, act, practice: false, seat }))).toBe('bad_signature');
    expect(await send(one(1), glassSigned(one(1), { glass: id, act, practice: true, seat }))).toBe('bad_signature');
    expect(await send(one(1), glassSigned(one(1), { glass: randomUUID(), act, practice: false, seat }))).toBe('bad_signature');
    expect(await send(one(1), glassSigned(one(1), { glass: id, act, practice: false, seat: 'safety-2' }))).toBe('bad_signature');
    const { key } = await chamber.server.key(one(0), ['proposals:open', 'orders:give', 'ledger:read', 'sessions:read', 'sessions:open']);
    const program = new CharterClient(chamber.server.url, { key });
    const signed = glassSigned(one(1), { glass: id, act, practice: false, seat });
    expect(await refused(program.signGlass(id, { seat, signed }))).toBe('forbidden');
    expect(await chamber.isLatched(latch)).toBe(true);
    expect((await glassOf(id)).signers).toHaveLength(1);
    await until('everybody to be back', async () => (await one(0).charter.charter()).absences.length === 0);
  });

  it('opens for its time box, tells whoever was skipped, and then the latch stands again under another order', async () => {
    const { latch, session } = await chamber.latch();
    const glass = await ask(one(0), latch, 'operations-1');
    const broken = await sign(one(1), glass, 'safety-1');
    expect(broken).toMatchObject({ state: 'broken', overdue: false });
    expect(broken.skipped).toHaveLength(3);
    expect(await chamber.isLatched(latch)).toBe(false);
    expect((await one(0).api.session(session)).latched).toEqual([]);
    expect(await refused(sign(one(2), glass, 'operations-2'))).toBe('conflict');
    // Somebody takes the id that the order at the end would bear: the latch is put back all the same.
    const elsewhere = (await one(2).api.openSession()).session.id;
    const squatted = {
      id: orderAtTheEndOf(glass.id),
      kind: 'hold',
      scope: { type: 'session', session: elsewhere },
      reason: 'a trick',
    } as const;
    await one(2).api.order(squatted);
    await ended(glass.id);
    const again = (await one(0).api.latches()).filter(({ scope }) => scope.type === 'session' && scope.session === session);
    expect(again).toMatchObject([{ kind: 'stop', author: { kind: 'system' } }]);
    expect(again[0]?.order).not.toBe(latch);
    expect((await one(0).api.session(session)).latched).toEqual(['stop']);
    await until('the notice', async () => (await notices(one(4), 'glass_broken')).length > 0);
    for (const person of [one(2), one(3)]) expect(await notices(person, 'glass_broken')).toHaveLength(1);
    for (const person of [one(0), one(1)]) expect(await notices(person, 'glass_broken')).toHaveLength(0);
    // Overdue: the ceiling falls for what is live, the seats lose their right, until a quorum without them closes the review.
    const live = (await one(0).api.openSession({ level: 3 })).session.id;
    await until('the ceiling', async () => (await one(0).api.session(live)).effectiveLevel === 1);
    expect((await one(0).charter.charter()).ceiling).toMatchObject({ level: 1, because: [expect.stringContaining('overdue')] });
    const other = (await chamber.latch()).latch;
    expect(await refused(ask(one(0), other, 'operations-1'))).toBe('forbidden');
    expect(await refused(ask(one(1), other, 'safety-1'))).toBe('forbidden');
    const closing = await propose(one(4), { power: 'break_glass.review', glass: glass.id });
    expect(closing.authors).toEqual([one(0).id, one(1).id]);
    for (const [i, seat] of [
      [0, 'operations-1'],
      [1, 'safety-1'],
    ] as const)
      expect(await refused(one(i).charter.vote(closing.id, ballot(one(i), closing, { seat })))).toBe('forbidden');
    expect((await vote(one(2), closing.id)).state).toBe('open');
    expect((await vote(one(3), closing.id)).state).toBe('executed');
    expect((await glassOf(glass.id)).state).toBe('reviewed');
    await until('the ceiling to rise', async () => (await one(0).api.session(live)).effectiveLevel === 3);
    expect(await refused(propose(one(4), { power: 'break_glass.review', glass: glass.id }))).toBe('conflict');
    expect((await ask(one(0), other, 'operations-1')).state).toBe('asked');
  });

  it('in a drill tells everybody and opens nothing', async () => {
    const { latch, session } = await chamber.latch();
    const glass = await ask(one(0), latch, 'operations-1', true);
    expect(await refused(sign(one(1), { ...glass, practice: false }, 'safety-1'))).toBe('bad_signature');
    expect((await sign(one(1), glass, 'safety-1')).state).toBe('broken');
    expect(await chamber.isLatched(latch)).toBe(true);
    await ended(glass.id);
    expect(await chamber.entries('latch.released', latch)).toBe(0);
    expect((await one(0).api.latches()).filter(({ scope }) => scope.type === 'session' && scope.session === session)).toHaveLength(1);
    await until('a drill to be overdue', async () => (await glassOf(glass.id)).overdue);
    expect((await one(0).charter.charter()).ceiling.level).toBe(5);
    await review(glass.id);
  });

  it('breaks once when the last signatures come at the same time, and not for a latch that is gone', async () => {
    const { latch } = await chamber.latch();
    const glass = await ask(one(0), latch, 'operations-1');
    const answers = await Promise.allSettled([1, 2, 3].map((i) => sign(one(i), glass, SEATS[i] ?? '')));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await chamber.entries('glass.broken', glass.id)).toBe(1);
    expect(await chamber.entries('latch.released', latch)).toBe(1);
    expect(await refused(ask(one(2), latch, 'operations-2'))).toBe('not_in_force');
    await ended(glass.id);
    const [signer] = (await glassOf(glass.id)).signers.slice(1);
    const others = [1, 2, 3, 4].map(one).filter(({ id }) => id !== signer?.person);
    let view = await propose(one(0), { power: 'break_glass.review', glass: glass.id });
    for (const by of others) if (view.state === 'open') view = await vote(by, view.id);
    expect(view.state).toBe('executed');
  });

  it('has nothing to do with a body that is too small: that lowers what is live at once, and lets it up again', async () => {
    await until('the ceiling to be up', async () => (await one(0).charter.charter()).ceiling.level === 5);
    const live = (await one(0).api.openSession({ level: 3 })).session.id;
    const line = await OperatorLine.open(chamber.server.url, { cookie: one(2).cookie });
    // Whoever stands for safety-2: its holder and both alternates.
    const away = [3, 4, 0].map((i) => ({ by: one(i), id: randomUUID() }));
    for (const { by, id } of away) await by.charter.declareAbsence({ id, from: inMs(0), until: inMs(600_000) });
    const alarm = await line.next('alarm', ({ data }) => data.code === 'level_ceiling' && data.raised);
    expect(alarm.data.message).toMatch(/Safety has 1 of the 2 people/);
    await until('the level to fall', async () => (await one(0).api.session(live)).effectiveLevel === 2);
    expect((await one(0).api.openSession({ level: 3 })).session.effectiveLevel).toBe(2);
    for (const { by, id } of away) await by.charter.endAbsence(id);
    await until('the level to rise', async () => (await one(0).api.session(live)).effectiveLevel === 3);
    await line.next('alarm', ({ data }) => data.code === 'level_ceiling' && !data.raised);
    line.close();
    expect(await chamber.entries('ceiling.changed')).toBeGreaterThanOrEqual(2);
  });
});
