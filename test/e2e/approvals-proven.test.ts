import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk, Chamber, inMs, nextVersion } from '../harness/chamber.ts';
import { glassSigned, vote } from '../harness/founders.ts';
import { pause } from '../harness/export-story.ts';
import { until } from '../harness/until.ts';

const edited = (draft: string): string => brisk(draft).replace('timeBox: 1h, reviewWithin: 3d', 'timeBox: 2s, reviewWithin: 1h');

/** What the server allowed, an auditor who only has its record must find allowed too. */
describe('everything that people do under a charter', () => {
  let chamber: Chamber;
  const one = (i: number) => chamber.person(i);
  const verified = async (): Promise<unknown> => {
    const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
    const env = { ...process.env, WHEELHOUSE_DATA: chamber.server.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--json'], { env });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    chamber = await Chamber.open(5, edited);
  });
  afterAll(() => chamber.dispose());

  it('breaks a glass, which is closed again and reviewed', async () => {
    const { latch } = await chamber.latch();
    const [id, act] = [randomUUID(), { power: 'latch.release', latch } satisfies EmergencyAct];
    const told = { glass: id, act, practice: false };
    const signed = glassSigned(one(0), { ...told, seat: 'operations-1' });
    await one(0).charter.breakGlass({ id, act, reason: 'people are in danger', practice: false, seat: 'operations-1', signed });
    await one(1).charter.signGlass(id, { seat: 'safety-1', signed: glassSigned(one(1), { ...told, seat: 'safety-1' }) });
    await until('the time box to end', async () => (await one(0).charter.glasses()).find(({ state }) => state === 'ended') ?? null);
    expect(await chamber.decide(one(4), { power: 'break_glass.review', glass: id }, [one(2), one(3)])).toMatchObject({ state: 'executed' });
  });

  it('hands over, is away, recalls, votes no and amends', async () => {
    const [holder, next] = [one(4), one(0)];
    const at = inMs(1500);
    await holder.charter.handOver('operations-3', { to: next.id, effectiveAt: at });
    const { challenge } = await next.charter.handover('operations-3');
    await next.charter.acceptSeat('operations-3', next.passkey.sign(challenge));
    await pause(1600);
    await one(2).charter.declareAbsence({ id: randomUUID(), from: inMs(0), until: inMs(60_000) });
    const recall = await chamber.decide(one(4), { power: 'seat.recall', seat: 'operations-3' }, [one(0), one(1), one(3)]);
    expect(recall.state).toBe('executed');
    const release = await chamber.release(one(0));
    await vote(one(1), release.id, 'no');
    const { latch } = await chamber.latch();
    const view = await chamber.decide(one(3), { power: 'latch.release', latch }, [one(0), one(1)]);
    expect(view.state).toBe('executed');
    const text = nextVersion(await one(0).charter.draft(), 2);
    const amended = await chamber.decide(one(4), { power: 'charter.amend', text: edited(text) }, [one(0), one(1), one(3)]);
    expect(amended.state).toBe('executed');
  });

  it('is found to be by the rules, offline', async () => {
    // A head is signed about once a second: the last entries may be under none yet.
    await until('a head over every entry', async () => !JSON.stringify(await verified()).includes('entries_not_sealed'));
    const report = await verified();
    expect(report).toMatchObject({ ok: true, faults: 0, findings: [] });
    expect(report).toMatchObject({
      approvals: {
        charter: { version: 2 },
        ...{ keys: 5, people: 5, checked: { glassSignatures: 2, glasses: 1, handovers: 1, quorums: 5, effects: 6 } },
      },
    });
  });
});
