import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chamber } from '../harness/chamber.ts';
import { found } from '../harness/export-story.ts';
import { ballot, propose, vote } from '../harness/founders.ts';
import { MasterKeyScene } from '../harness/master-key-scene.ts';
import { until } from '../harness/until.ts';

const HOOK = path.resolve(import.meta.dirname, '../harness/trap-hook.ts');
const CLI = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
const ACT = { power: 'key.rotate', key: 'master' } as const;
const REASON = 'words from before';
/** The next key's file is renamed into place first, and into the old one's place last. */
const [NEXT, FINAL] = [1, 2];

/** The way of a rotation to the disk, and whether the key that was made counts when the server ends there. */
const STEPS = [
  { step: 'rename master.key.next', when: 'before', nth: NEXT, counts: false },
  { step: 'rename master.key.next', when: 'after', nth: NEXT, counts: false },
  { step: 'BEGIN ISOLATION LEVEL', when: 'before', nth: 1, counts: true },
  { step: 'UPDATE subject_key AS k', when: 'before', nth: 1, counts: true },
  { step: 'UPDATE subject_key AS k', when: 'after', nth: 1, counts: true },
  { step: 'DELETE FROM master_key', when: 'after', nth: 1, counts: true },
  { step: 'INSERT INTO master_key', when: 'after', nth: 1, counts: true },
  { step: 'rename master.key', when: 'before', nth: FINAL, counts: true },
  { step: 'rename master.key', when: 'after', nth: FINAL, counts: true },
] as const;

describe('a crash on the way of a new master key', () => {
  let chamber: Chamber;
  let scene: MasterKeyScene;
  let trap = '';
  const one = (i: number) => chamber.person(i);

  beforeAll(async () => {
    chamber = await Chamber.open(5);
    scene = new MasterKeyScene(chamber);
    await one(3).api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'psst', reason: REASON });
    trap = path.join(chamber.server.dataFolder, 'trap');
    chamber.server.env['WHEELHOUSE_TEST_TRAP'] = trap;
    await chamber.server.stop();
    await run();
  });
  afterAll(() => chamber.dispose());

  const run = () => chamber.server.run(['--import', HOOK]);

  /** The last vote that a proposal takes; the server may end before it answers. */
  const last = (view: ProposalView) => one(2).charter.vote(view.id, ballot(one(2), view, { seat: 'operations-2' }));

  async function oneVoteShort(): Promise<ProposalView> {
    const view = await propose(one(0), ACT);
    expect((await vote(one(1), view.id)).state).toBe('open');
    return view;
  }

  async function nothingIsLost({ id }: ProposalView, before: ReturnType<MasterKeyScene['inFile']>) {
    const now = await scene.rotated(before);
    const [opened, all] = await scene.opened(now);
    expect([opened, all > 3]).toEqual([all, true]);
    expect((await scene.opened(before))[0]).toBe(0);
    expect(await chamber.entries('key.rotated', id)).toBe(1);
    expect((await one(0).charter.proposal(id)).state).toBe('executed');
    const said = (await found(one(0).api, { kind: 'order.given' })).map(({ fields }) => fields['data.reason']);
    expect(said).toContain(REASON);
    return now;
  }

  it.each(STEPS)('$when $step ($nth) loses nothing, and it is done at the next start', async ({ step, when, nth, counts }) => {
    const before = scene.inFile();
    const view = await oneVoteShort();
    writeFileSync(trap, [step, when, '', nth].join('\n'));
    await last(view).catch(() => null);
    await until('the trap to snap', () => !existsSync(trap));
    await chamber.server.kill();
    const made = existsSync(scene.path('master.key.next')) ? scene.key('master.key.next').fingerprint : null;
    await run();
    const now = await nothingIsLost(view, before);
    // A key that the ledger did not name before the crash never counts.
    if (made !== null) expect(now.fingerprint === made).toBe(counts);
    await one(3).api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'psst', reason: 'words from after' });
  });

  it('of the database right before the commit is waited out, and it is done without a restart', async () => {
    const before = scene.inFile();
    const view = await oneVoteShort();
    writeFileSync(trap, ['INSERT INTO master_key', 'after', chamber.database.pid].join('\n'));
    await last(view);
    await until('the trap to snap', () => !existsSync(trap));
    await until('the database', async () => (await fetch(`${chamber.server.url}/health/ready`)).status === 200);
    await until('the rotation', () => scene.inFile().fingerprint !== before.fingerprint, 60_000);
    await nothingIsLost(view, before);
  });

  it('with nothing but the file of the next key left over, and no word of it in the ledger, removes it', async () => {
    const before = scene.inFile();
    await chamber.server.kill();
    writeFileSync(scene.path('master.key.next'), `${Buffer.alloc(32, 9).toString('base64')}\n`);
    await run();
    expect(existsSync(scene.path('master.key.next'))).toBe(false);
    expect(scene.inFile().fingerprint).toBe(before.fingerprint);
    expect((await scene.opened(before)).every((count, _, all) => count === all[1])).toBe(true);
  });

  it('leaves a record that verifies: each rotation with the approval that it used up', async () => {
    await chamber.server.stop();
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'verify'], {
      env: { ...process.env, WHEELHOUSE_DATA: chamber.server.dataFolder },
    });
    expect(stdout).toMatch(/^Verified: /);
  });
});
