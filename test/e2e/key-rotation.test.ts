import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chamber } from '../harness/chamber.ts';
import { ContentCaller, noise } from '../harness/content-caller.ts';
import { found } from '../harness/export-story.ts';
import { propose, vote } from '../harness/founders.ts';
import { Listener } from '../harness/listener.ts';
import { MasterKeyScene } from '../harness/master-key-scene.ts';
import { speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const ACT = { power: 'key.rotate', key: 'master' } as const;
const REASON = 'the words of somebody who typed them';
const MANY = 20_000;

describe('the master key', () => {
  let chamber: Chamber;
  let scene: MasterKeyScene;
  let session = '';
  let heard: Buffer;
  const one = (i: number) => chamber.person(i);

  /** Two votes besides the proposer's. */
  const rotate = () => chamber.decide(one(0), ACT, [one(1), one(2)]);
  const reasons = async () => (await found(one(0).api, { kind: 'order.given' })).map(({ fields }) => fields['data.reason']);
  const wav = () => new ContentCaller(chamber.server, one(0)).wav(session, 'both');

  beforeAll(async () => {
    chamber = await Chamber.open(5);
    scene = new MasterKeyScene(chamber);
    await one(3).api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'psst', reason: REASON });
    await record();
  });
  afterAll(() => chamber.dispose());

  /** A session whose sound is kept. */
  async function record(): Promise<void> {
    const kept = { what: ['audio' as const], retention: 'regulated' as const, consent: 'form 7' };
    const attachment = await one(0).api.openSession({ deployment: 'echo', subject: 'customer 7', record: kept });
    session = attachment.session.id;
    const listener = await Listener.attach(attachment);
    await speak(listener.client, noise(1200)).done;
    listener.client.end();
    await until('the end', () => listener.closed);
    await until('the recording', async () => (await one(0).api.content(session)).pieces.length >= 2);
    heard = await wav();
  }

  it('is not rotated by fewer people than the charter says', async () => {
    const before = scene.inFile();
    const { id } = await propose(one(0), ACT);
    expect((await vote(one(1), id)).state).toBe('open');
    expect([scene.inFile().fingerprint, await scene.inLedger()]).toEqual([before.fingerprint, []]);
    await one(0).charter.withdraw(id);
  });

  it('is rotated by the quorum: everything reads as before, and the old key opens nothing', async () => {
    const before = scene.inFile();
    const other = await propose(one(4), ACT);
    const view = await rotate();
    expect(view).toMatchObject({ state: 'executed', preview: { title: 'Rotate the master key' } });
    expect(view.preview.lines.join(' ')).toContain(before.fingerprint);
    const now = await scene.rotated(before);
    const [opened, all] = await scene.opened(now);
    expect(all).toBeGreaterThan(3);
    expect(opened).toBe(all);
    expect((await scene.opened(before))[0]).toBe(0);
    expect(await reasons()).toContain(REASON);
    expect(await wav()).toEqual(heard);
    // What was proposed of the old one is not about the new one.
    expect((await chamber.reaches(other.id, 'superseded')).ended?.because).toMatch(/thing that it is about/);
  });

  it('leaves everything readable after a restart, to somebody who has typed nothing before, too', async () => {
    await chamber.server.stop();
    await chamber.server.run();
    expect(await reasons()).toContain(REASON);
    expect(await wav()).toEqual(heard);
    const reason = 'new words under the new key';
    await one(4).api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'psst', reason });
    await until('the words', async () => (await reasons()).includes(reason));
  });

  it('can be rotated again, and a subject that is erased stays so', async () => {
    const before = scene.inFile();
    await chamber.decide(one(0), { power: 'record.erase', subject: 'house/customer 7' }, [one(1), one(2)]);
    await rotate();
    const now = await scene.rotated(before);
    expect((await scene.inLedger()).length).toBe(2);
    const [opened, all] = await scene.opened(now);
    expect(opened).toBe(all);
    expect((await new ContentCaller(chamber.server, one(0)).send('GET', `/v1/sessions/${session}/recording.wav?track=in`)).status).toBe(
      410,
    );
  });

  it('of before does not start the server any more', async () => {
    const old = readFileSync(scene.path('master.key'), 'utf8');
    const before = scene.inFile();
    await rotate();
    await scene.rotated(before);
    await chamber.server.stop();
    const current = readFileSync(scene.path('master.key'), 'utf8');
    writeFileSync(scene.path('master.key'), old);
    await expect(chamber.server.run()).rejects.toThrow(/is not the one that this database's content and words are encrypted under/);
    writeFileSync(scene.path('master.key'), current);
    await chamber.server.run();
    expect(await reasons()).toContain(REASON);
  });

  it('in a setting is not the server’s to rotate, and says how it is done; moved to the folder and back it is', async () => {
    const key = readFileSync(scene.path('master.key'), 'utf8').trim();
    await chamber.server.stop();
    rmSync(scene.path('master.key'));
    chamber.server.env['WHEELHOUSE_MASTER_KEY'] = key;
    await chamber.server.run();
    expect(await reasons()).toContain(REASON);
    await expect(propose(one(0), ACT)).rejects.toThrow(/comes from WHEELHOUSE_MASTER_KEY, .*docs\/content\.md/);
    await chamber.server.stop();
    writeFileSync(scene.path('master.key'), key, { mode: 0o600 });
    delete chamber.server.env['WHEELHOUSE_MASTER_KEY'];
    await chamber.server.run();
    const before = scene.inFile();
    expect((await rotate()).state).toBe('executed');
    await scene.rotated(before);
    await chamber.server.stop();
    chamber.server.env['WHEELHOUSE_MASTER_KEY'] = readFileSync(scene.path('master.key'), 'utf8').trim();
    rmSync(scene.path('master.key'));
    await chamber.server.run();
    expect(await reasons()).toContain(REASON);
    await chamber.server.stop();
    writeFileSync(scene.path('master.key'), chamber.server.env['WHEELHOUSE_MASTER_KEY'], { mode: 0o600 });
    delete chamber.server.env['WHEELHOUSE_MASTER_KEY'];
    await chamber.server.run();
  });

  it(`wraps ${MANY} keys while the server answers, the ledger takes new words, and gates stay open`, async () => {
    const before = scene.inFile();
    const ids = Array.from({ length: MANY }, () => randomUUID());
    const wrapped = ids.map((id) => Buffer.from(before.wrap(Buffer.alloc(32, 7), `subject key ${id} of house/many ${id}`)));
    await chamber.database.query(
      `INSERT INTO subject_key (id, subject, living, wrapped, created_at)
       SELECT id, 'house/many ' || id, 'house/many ' || id, wrapped, now() FROM unnest($1::uuid[], $2::bytea[]) AS n (id, wrapped)`,
      [ids, wrapped],
    );
    await chamber.server.stop();
    await chamber.server.run();
    const newcomers = await Promise.all(Array.from({ length: 5 }, () => chamber.server.person(one(0), 'operator')));
    const view = await propose(one(0), ACT);
    await vote(one(1), view.id);
    const slowest = { answer: 0, words: 0, vote: 0 };
    const timed = async (what: keyof typeof slowest, work: () => Promise<unknown>): Promise<void> => {
      const begun = performance.now();
      await work();
      slowest[what] = Math.max(slowest[what], performance.now() - begun);
    };
    const probe = new AbortController();
    const probing = (async () => {
      while (!probe.signal.aborted) await timed('answer', () => fetch(`${chamber.server.url}/health/live`));
    })();
    const started = performance.now();
    const last = vote(one(2), view.id);
    const voted = timed('vote', () => last);
    // Each of them types for the first time: their key is made while the others are wrapped anew.
    for (const { api } of newcomers)
      await timed('words', async () => {
        const id = randomUUID();
        await api.order({ id, kind: 'whisper', scope: { type: 'everything' }, text: 'psst', reason: `${REASON} ${id}` });
        await until('the words', async () => (await chamber.entries('order.given', id)) === 1);
        await new Promise((resolve) => setTimeout(resolve, 300));
      });
    expect((await last).state).toBe('executed');
    await voted;
    await until('the rotation', () => scene.inFile().fingerprint !== before.fingerprint, 60_000);
    const tookMs = performance.now() - started;
    probe.abort();
    await probing;
    const now = await scene.rotated(before);
    const [opened, all] = await scene.opened(now);
    expect([opened, all >= MANY]).toEqual([all, true]);
    expect((await reasons()).filter((reason) => String(reason).startsWith(REASON)).length).toBe(6);
    console.info(
      `rotated ${all} keys in ${Math.round(tookMs)} ms; slowest answer ${Math.round(slowest.answer)} ms, words ${Math.round(slowest.words)} ms, vote ${Math.round(slowest.vote)} ms`,
    );
    expect(slowest.answer).toBeLessThan(1000);
    expect(slowest.words).toBeLessThan(3000);
  });
});
