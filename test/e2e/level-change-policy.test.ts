import { randomUUID } from 'node:crypto';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { Scope } from '@wheelhouse/protocol/scope';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptBehind } from '../harness/adopted-bundle.ts';
import { brisk, Chamber } from '../harness/chamber.ts';
import { TestDatabase } from '../harness/database.ts';
import { ballot, glassSigned, type Overseer, propose, vote } from '../harness/founders.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';

/** The shipped bundle with one policy more: nothing is raised above level 2. */
function capped(bundle: PolicyBundle, verdict: 'deny' | 'hold' = 'deny'): PolicyBundle {
  const forbid = `
@id("level-cap")
@reason("Nothing runs above level 2 this week.")
@verdict("${verdict}")
forbid (principal, action == Action::"level.change", resource)
when { context.to > 2 };
`;
  return { ...bundle, name: `capped-${verdict}`, policies: { ...bundle.policies, 'cap.cedar': forbid }, tests: [] };
}

const DENIED = {
  problem: {
    code: 'policy_denied',
    status: 403,
    detail: 'Policy denies this at level.change: Nothing runs above level 2 this week. (policy level-cap)',
  },
};

/** What these tests do to a server, with a charter and without. */
class Scene {
  readonly server: TestServer;
  readonly #database: TestDatabase;
  #shipped: PolicyBundle | null = null;

  constructor(server: TestServer) {
    this.server = server;
    this.#database = new TestDatabase(server);
  }

  /** Has the server come back with another bundle in force; null: the one that it started with. */
  async under(by: SignedIn, make: (shipped: PolicyBundle) => PolicyBundle): Promise<void> {
    this.#shipped ??= (await new PolicyClient(this.server.url, by).policy()).bundle;
    if (this.#shipped === null) throw new Error('no bundle is in force');
    await this.server.stop();
    await adoptBehind(this.server, make(this.#shipped));
    await this.server.run();
  }

  /** A session at level 3, lowered. */
  async lowered(by: SignedIn, level: 1 | 2 = 1): Promise<{ session: string; latch: string }> {
    const { session } = await by.api.openSession({ deployment: 'relay', level: 3 });
    return { session: session.id, latch: await this.lower(by, { type: 'session', session: session.id }, level) };
  }

  async lower(by: SignedIn, scope: Scope, level: 1 | 2 = 1): Promise<string> {
    const latch = randomUUID();
    await by.api.order({ id: latch, kind: 'level', level, scope, reason: 'careful' });
    return latch;
  }

  async levelOf(by: SignedIn, session: string): Promise<number> {
    return (await by.api.session(session)).effectiveLevel;
  }

  /** What the record has of `level.change`: everything that is stored of each, the first one first. */
  async decided(): Promise<string[]> {
    const rows = await this.#database.query("SELECT opening FROM ledger_entry WHERE kind = 'checkpoint.decided' ORDER BY index");
    return rows.map(({ opening }) => String(opening)).filter((opening) => opening.includes('"level.change"'));
  }

  /** The id of the entry of this kind about `subject`. */
  async entryOf(kind: string, subject: string): Promise<string> {
    const [row] = await this.#database.query('SELECT id FROM ledger_entry WHERE kind = $1 AND subject = $2', [kind, subject]);
    return String(row?.['id']);
  }
}

describe('the checkpoint level.change, without a charter', () => {
  let scene: Scene;
  let admin: SignedIn;
  let operator: SignedIn;

  beforeAll(async () => {
    scene = new Scene(await TestServer.start());
    admin = await scene.server.firstOperator();
    operator = await scene.server.person(admin, 'operator');
  });
  afterAll(() => scene.server.dispose());

  const ask = (latch: string, by = admin, id: string = randomUUID()) =>
    by.api.askRelease({ id, kind: 'release', latch, reason: 'fine again' });

  it('is asked when a raise is asked for and when it is carried out, and recorded with what led to it', async () => {
    const { session, latch } = await scene.lowered(operator);
    expect(await scene.decided()).toEqual([]);
    const release = await ask(latch);
    // The same again is no other question.
    await ask(latch, admin, release.id);
    await operator.api.confirmRelease(release.id);
    expect(await scene.levelOf(operator, session)).toBe(3);
    const [asked = '', done = '', ...more] = await scene.decided();
    expect(more).toEqual([]);
    for (const [entry, cause] of [
      [asked, await scene.entryOf('order.given', latch)],
      [done, await scene.entryOf('release.asked', latch)],
    ] as const) {
      expect(entry).toContain(cause);
      expect(entry).toContain(session);
      expect(entry).toContain('"to":3');
      expect(entry).toContain('"allow"');
      expect(entry).toContain('level-change');
    }
  });

  it('is not asked where nothing is raised: other latches, and whatever lowers', async () => {
    const before = (await scene.decided()).length;
    const { session } = await operator.api.openSession();
    const latch = randomUUID();
    await operator.api.order({ id: latch, kind: 'stop', scope: { type: 'session', session: session.id }, reason: 'stop' });
    const release = await ask(latch);
    await operator.api.confirmRelease(release.id);
    await scene.lower(operator, { type: 'session', session: session.id });
    expect((await scene.decided()).length).toBe(before);
  });

  it('keeps a raise from being carried out that was asked for under another policy, until policy lets it', async () => {
    const { session, latch } = await scene.lowered(operator);
    const release = await ask(latch);
    await scene.under(admin, capped);
    await expect(operator.api.confirmRelease(release.id)).rejects.toMatchObject(DENIED);
    expect(await scene.levelOf(operator, session)).toBe(1);
    expect((await operator.api.releases()).find(({ id }) => id === release.id)?.state).toBe('waiting');
    const denied = (await scene.decided()).at(-1) ?? '';
    expect(denied).toContain('"deny"');
    expect(denied).toContain('level-cap');
    // One person goes back to the policy of before, and then it is what two people decide.
    await new PolicyClient(scene.server.url, operator).rollBack({ id: randomUUID(), reason: 'over' });
    expect((await operator.api.confirmRelease(release.id)).state).toBe('confirmed');
    expect(await scene.levelOf(operator, session)).toBe(3);
  });

  it('lets what it holds go on to the human who confirms', async () => {
    await scene.under(admin, (bundle) => capped(bundle, 'hold'));
    const { session, latch } = await scene.lowered(operator);
    const release = await ask(latch);
    expect(release.state).toBe('waiting');
    expect((await operator.api.confirmRelease(release.id)).state).toBe('confirmed');
    expect((await scene.decided()).slice(-2).map((entry) => entry.includes('"hold"'))).toEqual([true, true]);
    expect(await scene.levelOf(operator, session)).toBe(3);
  });

  it('denies while no bundle can be loaded; and lowering is nobody’s to deny', async () => {
    const { session } = await operator.api.openSession({ deployment: 'relay', level: 3 });
    await scene.under(admin, (bundle) => ({ ...bundle, name: 'broken', policies: { 'x.cedar': 'permit (' }, tests: [] }));
    const before = (await scene.decided()).length;
    const latch = await scene.lower(operator, { type: 'session', session: session.id });
    await operator.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'everything' }, reason: 'stop' });
    expect(await scene.levelOf(operator, session.id)).toBe(1);
    expect((await scene.decided()).length).toBe(before);
    await expect(ask(latch)).rejects.toMatchObject({
      problem: { code: 'policy_denied', detail: expect.stringMatching(/could not decide at level\.change/) as string },
    });
  });

  it('looks at the level that would come of it, when it is carried out as well', async () => {
    await scene.under(admin, capped);
    const { session } = await operator.api.openSession({ deployment: 'relay', level: 3 });
    const mine = { type: 'session', session: session.id } as const;
    const [two, one] = [await scene.lower(operator, mine, 2), await scene.lower(operator, mine, 1)];
    // While the other order caps it, each alone raises nothing above 2; both together would.
    const [first, second] = [await ask(two), await ask(one)];
    await operator.api.confirmRelease(first.id);
    await expect(operator.api.confirmRelease(second.id)).rejects.toMatchObject(DENIED);
    expect(await scene.levelOf(operator, session.id)).toBe(1);
  });

  it('keeps a raise from being asked for, of a session, of a deployment and of everything', async () => {
    const { session, latch } = await scene.lowered(operator);
    const before = (await operator.api.releases()).length;
    await expect(ask(latch)).rejects.toMatchObject(DENIED);
    const scopes = [
      { type: 'deployment', deployment: 'echo' },
      { type: 'tenant', tenant: 'house' },
      { type: 'level', atLeast: 3 },
    ] as const;
    for (const scope of scopes) {
      const wide = await scene.lower(operator, scope);
      await expect(ask(wide), scope.type).rejects.toMatchObject(DENIED);
      // Lowered further by another, this one raises nothing above level 2.
      if (scope.type === 'deployment') continue;
      await scene.lower(operator, { type: 'everything' });
      await ask(wide);
      break;
    }
    expect((await operator.api.releases()).length).toBe(before + 1);
    expect(await scene.levelOf(operator, session)).toBe(1);
  });
});

describe('the checkpoint level.change, under a charter', () => {
  let chamber: Chamber;
  let scene: Scene;
  const one = (i: number): Overseer => chamber.person(i);
  /** Levels may be raised by breaking a glass, too. */
  const edited = (draft: string) => brisk(draft).replace(/^ {2}latch\.release: (\{ seats.*\})$/m, '$&\n  level.raise: $1');

  beforeAll(async () => {
    chamber = await Chamber.open(5, edited);
    scene = new Scene(chamber.server);
  });
  afterAll(() => chamber.dispose());

  const raise = (latch: string, by = one(0)) => propose(by, { power: 'level.raise', latch });

  it('is asked when a raise is proposed and when it is carried out, with what led to it', async () => {
    const { session, latch } = await scene.lowered(one(0));
    const view = await raise(latch);
    await vote(one(1), view.id);
    expect((await vote(one(2), view.id)).state).toBe('executed');
    expect(await scene.levelOf(one(0), session)).toBe(3);
    const [asked = '', done = '', ...more] = await scene.decided();
    expect(more).toEqual([]);
    expect(asked).toContain(await scene.entryOf('order.given', latch));
    const votes = await chamber.database.query("SELECT id FROM ledger_entry WHERE kind = 'vote.cast' AND subject = $1 ORDER BY index", [
      view.id,
    ]);
    expect(done).toContain(String(votes.at(-1)?.['id']));
    expect(done).toContain(one(0).id);
  });

  it('is not asked again for the same proposal, and not of any other power', async () => {
    const { latch } = await scene.lowered(one(0));
    const id = randomUUID();
    const act = { power: 'level.raise', latch } as const;
    await one(0).charter.propose({ id, act, reason: 'a test' });
    const before = (await scene.decided()).length;
    await one(0).charter.propose({ id, act, reason: 'a test' });
    await chamber.release();
    expect((await scene.decided()).length).toBe(before);
  });

  it('keeps a raise from being proposed, by either way, and from being had by breaking a glass', async () => {
    await scene.under(one(0), capped);
    const { session, latch } = await scene.lowered(one(0));
    await expect(raise(latch)).rejects.toMatchObject(DENIED);
    await expect(one(0).api.askRelease({ id: randomUUID(), kind: 'release', latch, reason: 'fine' })).rejects.toMatchObject(DENIED);
    const [glass, act] = [randomUUID(), { power: 'level.raise', latch } as const];
    const broken = { id: glass, act, reason: 'people are in danger', practice: false, seat: 'operations-1' };
    const signed = glassSigned(one(0), { glass, act, practice: false, seat: 'operations-1' });
    await expect(one(0).charter.breakGlass({ ...broken, signed })).rejects.toMatchObject(DENIED);
    expect(await one(0).charter.glasses()).toEqual([]);
    expect((await one(0).charter.proposals()).items.filter((proposal) => proposal.title.includes(latch))).toEqual([]);
    expect(await scene.levelOf(one(0), session)).toBe(1);
    // What it does not deny, a glass can be broken for.
    const other = await scene.lowered(one(0), 2);
    const low = await scene.lower(one(0), { type: 'session', session: other.session }, 1);
    const allowed = { power: 'level.raise', latch: low } as const;
    const second = randomUUID();
    await one(0).charter.breakGlass({
      ...{ ...broken, id: second, act: allowed },
      signed: glassSigned(one(0), { glass: second, act: allowed, practice: false, seat: 'operations-1' }),
    });
    const last = glassSigned(one(1), { glass: second, act: allowed, practice: false, seat: 'safety-1' });
    expect((await one(1).charter.signGlass(second, { seat: 'safety-1', signed: last })).state).toBe('broken');
    expect(await scene.levelOf(one(0), other.session)).toBe(2);
  });

  it('keeps a raise from being carried out that was voted for, and says why', async () => {
    const { session } = await one(0).api.openSession({ deployment: 'relay', level: 3 });
    const mine = { type: 'session', session: session.id } as const;
    const [two, low] = [await scene.lower(one(0), mine, 2), await scene.lower(one(0), mine, 1)];
    const view = await raise(low);
    await vote(one(1), view.id);
    expect((await chamber.decide(one(0), { power: 'level.raise', latch: two }, [one(1), one(2)])).state).toBe('executed');
    const failed = await vote(one(2), view.id);
    expect(failed.state).toBe('failed');
    expect(failed.ended?.because).toBe(DENIED.problem.detail);
    expect(await scene.levelOf(one(0), session.id)).toBe(1);
    expect(await chamber.isLatched(low)).toBe(true);
  });

  it('keeps one from being carried out that was proposed under another policy', async () => {
    await scene.under(one(0), (bundle) => ({ ...bundle, name: 'as it was' }));
    const { session, latch } = await scene.lowered(one(0));
    const view = await raise(latch);
    await vote(one(1), view.id);
    await scene.under(one(0), capped);
    const late = ballot(one(2), view, { seat: 'operations-2' });
    expect(await refused(one(2).charter.vote(view.id, late))).toBe('conflict');
    expect((await chamber.reaches(view.id, 'superseded')).ended?.because).toContain('policy changed');
    expect(await scene.levelOf(one(0), session)).toBe(1);
  });
});
