import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Action } from '@wheelhouse/protocol/action';
import { OrderAck } from '@wheelhouse/protocol/order';
import { Session } from '@wheelhouse/protocol/session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ActionScene, REFUND } from '../harness/action-scene.ts';
import { until } from '../harness/until.ts';

const MAIN = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');

type Ended = { readonly exit: number; readonly out: string; readonly err: string };

describe('the command line, with an API key', () => {
  let scene: ActionScene;
  let operatorKey = '';

  beforeAll(async () => {
    scene = await ActionScene.open();
    operatorKey = (await scene.server.key(scene.admin, ['sessions:read', 'orders:give'])).key;
  });
  afterAll(() => scene.server.dispose());

  const as = (key: string, ...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      // Nothing but the environment says where the server is and who asks, as for whoever types it there.
      const env = { ...process.env, WHEELHOUSE_DATA: scene.server.dataFolder, WHEELHOUSE_KEY: key };
      execFile(process.execPath, [MAIN, ...args], { env, timeout: 60_000 }, (error, out, err) => {
        resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
      });
    });
  const actions = (...args: string[]) => as(scene.key, 'actions', ...args);
  const refund = ['ask', REFUND.tool, '--arguments', JSON.stringify(REFUND.arguments)];
  const decided = (verdict: (digest: string) => Parameters<typeof scene.human.decide>[1]) =>
    until('the question', async () => (await scene.human.actions('?state=pending')).items[0]).then(({ id, digest }) =>
      scene.human.decide(id, verdict(digest)),
    );

  it('asks, waits for a human, and may do it once', async () => {
    const [asked, { id }] = await Promise.all([
      actions(...refund, '--agent', 'Support', '--reason', 'It never arrived', '--wait'),
      decided((digest) => ({ outcome: 'approve', digest, reason: 'I looked' })),
    ]);
    expect(asked).toMatchObject({ exit: 0, err: '' });
    expect(asked.out).toMatch(/approved[^]*Support[^]*It never arrived[^]*I looked/);
    const check = ['check', id, REFUND.tool, '--arguments', JSON.stringify(REFUND.arguments)];
    expect(await actions(...check.slice(0, -1), '{"order":"A-18","amount":12.5}')).toMatchObject({ exit: 3, out: '' });
    expect(await actions(...check)).toMatchObject({ exit: 0, err: '' });
    expect(await actions(...check)).toMatchObject({ exit: 3, out: '' });
    expect((await actions('show', id)).out).toMatch(/done \d{4}-/);
  });

  it('ends with 1 where a human has not decided, said no, or allowed something else', async () => {
    const id = randomUUID();
    const pending = await actions(...refund, '--id', id, '--json');
    expect(pending.exit).toBe(1);
    expect(Action.parse(JSON.parse(pending.out))).toMatchObject({ id, state: 'pending' });
    // The same again asks once.
    expect((await actions(...refund, '--id', id)).exit).toBe(1);
    const [waited] = await Promise.all([
      actions('wait', id),
      decided((digest) => ({ outcome: 'edit', digest, arguments: { ...REFUND.arguments, amount: 5 } })),
    ]);
    expect(waited.exit).toBe(1);
    expect(waited.out).toMatch(/may be done with other arguments: .*"amount":5[,}]/);
    const [rejected] = await Promise.all([
      actions(...refund, '--wait'),
      decided((digest) => ({ outcome: 'reject', digest, reason: 'It arrived.' })),
    ]);
    expect(rejected).toMatchObject({ exit: 1, err: '' });
    expect(rejected.out).toContain('It arrived.');
  });

  it('lists, narrows, withdraws, and never decides', async () => {
    const { id } = await scene.ask();
    expect((await actions()).out).toContain(id);
    const listed = await actions('list', '--state', 'pending', '--json');
    expect(z.array(Action).parse(JSON.parse(listed.out))).toMatchObject([{ id }]);
    for (const act of ['approve', 'edit', 'answer', 'reject']) {
      const refused = await actions(act, id);
      expect(refused, act).toMatchObject({ exit: 3, out: '' });
      expect(refused.err, act).toContain('A key never decides');
    }
    expect((await scene.human.action(id)).state).toBe('pending');
    expect((await actions('withdraw', id)).out).toContain('withdrawn');
    expect(await actions('list', '--state', 'pending')).toMatchObject({ exit: 0, out: 'No actions.\n' });
  });

  it('says what is wrong with a command, and what the server refuses', async () => {
    const wrong = [
      ['dance'],
      ['show'],
      ['show', 'nothing'],
      ['show', randomUUID(), randomUUID()],
      ['list', 'more'],
      ['list', '--state', 'odd'],
      ['ask', 'refund'],
      ['ask', 'refund', '--arguments', '{'],
      ['ask', 'two words', '--arguments', 'null'],
      ['ask', '--arguments', 'null'],
      ['check', randomUUID(), '--arguments', 'null'],
      ['list', '--nonsense'],
    ];
    for (const args of wrong) expect(await actions(...args), args.join(' ')).toMatchObject({ exit: 2, out: '' });
    expect(await actions('show', randomUUID())).toMatchObject({ exit: 3, out: '' });
    expect(await as(operatorKey, 'actions')).toMatchObject({ exit: 3, out: '' });
    expect((await as(operatorKey, 'actions')).err).toMatch(/not allowed/i);
  });

  it('lists sessions and tells of one, and stops with one word', async () => {
    const { session } = await scene.admin.api.openSession();
    const other = await scene.admin.api.openSession({ deployment: 'echo' });
    for (const args of [['sessions'], ['sessions', 'list', '--state', 'waiting']]) {
      const { exit, out } = await as(operatorKey, ...args);
      expect(exit).toBe(0);
      for (const id of [session.id, other.session.id]) expect(out).toContain(id);
    }
    const shown = await as(operatorKey, 'sessions', 'show', session.id, '--json');
    expect(Session.parse(JSON.parse(shown.out)).id).toBe(session.id);
    expect((await as(operatorKey, 'sessions', 'show', session.id)).out).toContain('recorded: nothing');
    const stopped = await as(operatorKey, 'stop', 'deployment:relay', '--reason', 'from a terminal', '--json');
    expect(OrderAck.parse(JSON.parse(stopped.out))).toMatchObject({ kind: 'stop', sessions: [{ session: session.id }] });
    expect((await scene.admin.api.session(session.id)).latched).toEqual(['stop']);
    expect((await scene.admin.api.session(other.session.id)).latched).toEqual([]);
    expect((await as(operatorKey, 'sessions', 'list')).out).toContain('LATCHED: stop');
    for (const args of [['stop'], ['stop', 'nothing'], ['stop', 'everything', 'else'], ['stop', 'everything', '--level', '2']])
      expect(await as(operatorKey, ...args), args.join(' ')).toMatchObject({ exit: 2, out: '' });
    for (const args of [['show'], ['show', 'x'], ['list', 'x'], ['dance']])
      expect(await as(operatorKey, 'sessions', ...args), args.join(' ')).toMatchObject({ exit: 2, out: '' });
    expect(await as(scene.key, 'stop', `session:${other.session.id}`)).toMatchObject({ exit: 3, out: '' });
  });
});
