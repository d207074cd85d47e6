import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { Erasure, Hold, StoredVideo } from '@wheelhouse/protocol/content';
import type { SessionRequest } from '@wheelhouse/protocol/session';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawText } from '../../libs/detect/src/drawn-text.fixture.ts';
import { adoptBehind } from '../harness/adopted-bundle.ts';
import { ContentCaller as Caller, noise } from '../harness/content-caller.ts';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const RECORD = { what: ['video'], retention: 'regulated', consent: 'form 7 of 2026-11-20' } as const;
const NO_PICTURES = `@id("no-pictures")
@reason("Who drafts looks at nothing.")
forbid (principal, action == Action::"tick.input", resource)
when { context.signals.hasImage && context.level == 2 };`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const PICTURES = ['1', '2', '3', '4'].map((digit) => drawText([digit], { width: 160, height: 120, point: 8 }));

/** The JPEGs in a file, and the milliseconds at which each stands, by the ids of Matroska's clusters, times and blocks. */
function picturesIn(file: Buffer): { atMs: number; jpeg: Buffer }[] {
  const found: { atMs: number; jpeg: Buffer }[] = [];
  const CLUSTER = Buffer.from('1f43b675', 'hex');
  for (let at = file.indexOf(CLUSTER); at >= 0; at = file.indexOf(CLUSTER, at + 1)) {
    const end = at + 12 + Number(file.readBigUInt64BE(at + 4) & 0xffffffffffffffn);
    // Id and size of the cluster, then those of its time: e7, and eight bytes of size.
    const timeBytes = Number(file.readBigUInt64BE(at + 13) & 0xffn);
    const fromMs = file.readUIntBE(at + 21, timeBytes);
    let block = at + 21 + timeBytes;
    while (block < end) {
      expect([file[block], file[block + 9]]).toEqual([0xa0, 0xa1]);
      const length = Number(file.readBigUInt64BE(block + 10) & 0xffffffffffffffn);
      found.push({ atMs: fromMs + file.readInt16BE(block + 19), jpeg: file.subarray(block + 22, block + 18 + length) });
      block += 9 + Number(file.readBigUInt64BE(block + 1) & 0xffffffffffffffn);
    }
  }
  return found;
}

describe('recorded video', () => {
  let server: TestServer;
  let first: SignedIn;
  let admin: Caller;
  let second: Caller;
  let reviewer: Caller;

  beforeAll(async () => {
    server = await TestServer.start();
    first = await server.firstOperator();
    admin = new Caller(server, first);
    second = new Caller(server, await server.person(first, 'administrator'));
    reviewer = new Caller(server, await server.person(first, 'reviewer'));
  });
  afterAll(() => server.dispose());

  const page = async (by: Caller, id: string, fromMs = 0) =>
    StoredVideo.parse(await by.json('GET', `/v1/sessions/${id}/video?fromMs=${fromMs}`));
  const file = async (by: Caller, id: string) => {
    const answer = await by.send('GET', `/v1/sessions/${id}/video.mkv`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'video/x-matroska']);
    return Buffer.from(await answer.arrayBuffer());
  };

  /** A recorded session in which pictures are shown, at these milliseconds after it began, and that has ended. */
  const shown = async (atMs: readonly number[], request: Partial<SessionRequest> = {}, by: SignedIn = first) => {
    const attachment = await by.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['video'] }, ...request });
    const listener = await Listener.attach(attachment);
    await until('ready', () => listener.gateEvent('ready'));
    let now = 0;
    for (const [i, at] of atMs.entries()) {
      await pause(at - now);
      now = at;
      listener.client.sendImage(PICTURES[i % PICTURES.length] ?? new Uint8Array());
    }
    await pause(1000);
    listener.client.end();
    await until('the end', () => listener.closed);
    const { id } = attachment.session;
    const kept = await until('the pieces', async () => {
      const one = await admin.content(id).catch(() => null);
      return one !== null && one.pieces.length > 0 && one.holes.length === 0 ? one : null;
    });
    return { id, listener, kept };
  };

  it('is every picture that reached the engine, bit for bit, at its tick, with the gaps between', async () => {
    const { id, listener, kept } = await shown([600, 1400, 4400, 6000]);
    expect(listener.gateEvent('ready')?.recorded).toEqual(['video']);
    const { tick } = await first.api.session(id);
    expect(kept).toMatchObject({ what: ['video'], lengthMs: (tick + 1) * TICK_MS, holes: [] });
    expect(kept.pieces.map(({ what }) => what)).toEqual(['video-in', 'video-in']);
    expect(kept.pieces.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [0, 5000],
      [5000, kept.lengthMs],
    ]);

    const { pictures, fromMs, toMs, nextMs } = await page(reviewer, id);
    expect([fromMs, toMs, nextMs]).toEqual([0, kept.lengthMs, null]);
    expect(pictures.map(({ fate }) => fate)).toEqual(['seen', 'seen', 'seen', 'seen']);
    expect(pictures.map(({ jpeg }) => jpeg)).toEqual(PICTURES.map((jpeg) => Buffer.from(jpeg).toString('base64')));
    for (const { tick: at, atMs, arrivedMs } of pictures) {
      expect(atMs).toBe(at * TICK_MS);
      expect(arrivedMs).toBeLessThanOrEqual(atMs);
      expect(arrivedMs % TICK_MS).toBe(0);
    }
    const [, one, two] = pictures;
    expect((two?.arrivedMs ?? 0) - (one?.arrivedMs ?? 0)).toBeGreaterThan(2000);

    const video = await file(admin, id);
    expect(picturesIn(video)).toEqual(pictures.map(({ atMs, jpeg }) => ({ atMs, jpeg: Buffer.from(jpeg ?? '', 'base64') })));
    const later = await page(admin, id, (two?.atMs ?? 0) + 1);
    expect(later.pictures).toEqual(pictures.slice(3));

    const { items } = await first.api.search('?kind=content.read&limit=10');
    expect(items.map(({ fields }) => fields['data.what'])).toEqual([
      `video-in, ${(two?.atMs ?? 0) + 1} to ${kept.lengthMs} ms`,
      'video-in',
      `video-in, 0 to ${kept.lengthMs} ms`,
    ]);
    const rows = await new TestDatabase(server).query('SELECT sealed FROM content_piece WHERE session = $1', [id]);
    for (const { sealed } of rows)
      expect(Buffer.isBuffer(sealed) && sealed.includes(Buffer.from(PICTURES[0] ?? []).subarray(100, 140))).toBe(false);
  });

  it('has no picture that was shown while the engine was stopped, but says when there was one', async () => {
    const attachment = await first.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['video'] } });
    const listener = await Listener.attach(attachment);
    const scope = { type: 'session', session: attachment.session.id } as const;
    await first.api.order({ id: randomUUID(), kind: 'stop', scope, reason: 'test' });
    await until('the flush', () => listener.gateEvent('flush'));
    listener.client.sendImage(PICTURES[0] ?? new Uint8Array());
    await pause(1000);
    listener.client.end();
    await until('the end', () => listener.closed);
    await until('the pieces', async () => (await admin.content(attachment.session.id)).pieces.length > 0);
    const { pictures } = await page(admin, attachment.session.id);
    expect(pictures.map(({ fate, jpeg }) => [fate, jpeg])).toEqual([['missed', null]]);
  });

  it('lies beside the sound of the same session, on the same clock', async () => {
    const attachment = await first.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['audio', 'video'] } });
    const listener = await Listener.attach(attachment);
    const talk = speak(listener.client, noise(1500));
    listener.client.sendImage(PICTURES[0] ?? new Uint8Array());
    await talk.done;
    listener.client.end();
    await until('the end', () => listener.closed);
    const { id } = attachment.session;
    const kept = await until('the pieces', async () => {
      const one = await admin.content(id).catch(() => null);
      return one !== null && one.pieces.length === 3 ? one : null;
    });
    expect(kept.pieces.map(({ what, fromMs, toMs }) => [what, fromMs, toMs])).toEqual(
      ['audio-in', 'audio-out', 'video-in'].map((what) => [what, 0, kept.lengthMs]),
    );
    expect((await page(admin, id)).pictures).toHaveLength(1);
  });

  it('that was altered in the database is not shown: the download breaks off', async () => {
    const { id } = await shown([400, 5600]);
    const alter = (offset: number) =>
      new TestDatabase(server).query(
        `UPDATE content_piece SET sealed = set_byte(sealed, 500, get_byte(sealed, 500) # 1) WHERE session = $1 AND from_ms = $2`,
        [id, offset],
      );
    await alter(5000);
    const answer = await admin.send('GET', `/v1/sessions/${id}/video.mkv`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect((await admin.send('GET', `/v1/sessions/${id}/video`)).status).toBe(500);
    await alter(5000);
    expect(picturesIn(await file(admin, id))).toHaveLength(2);
  });

  it('is nothing to people of another tenant, nor to operators', async () => {
    const { id } = await shown([400]);
    const acme = await server.person(first, 'administrator', 'acme');
    const stranger = new Caller(server, await server.person(acme, 'reviewer', 'acme'));
    const operator = new Caller(server, await server.person(first, 'operator'));
    for (const at of ['video', 'video.mkv']) {
      expect((await stranger.problem('GET', `/v1/sessions/${id}/${at}`)).code, at).toBe('not_found');
      expect((await operator.problem('GET', `/v1/sessions/${id}/${at}`)).code, at).toBe('forbidden');
    }
  });

  it('is kept by a hold beyond its time and against an erasure; expired, it is gone', async () => {
    const held = await shown([400], { subject: 'a witness' });
    const other = await shown([400], { subject: 'a passer-by' });
    const hold = Hold.parse(await admin.json('POST', '/v1/holds', { id: randomUUID(), session: held.id, reason: 'a lawsuit' }));
    await new TestDatabase(server).query(
      `UPDATE content_piece SET retain_until = now() - interval '1 day' WHERE session = ANY($1::uuid[])`,
      [[held.id, other.id]],
    );
    await server.stop();
    await server.run();
    await until('the expiry', async () => (await admin.content(other.id)).pieces.every(({ state }) => state === 'expired'));
    for (const at of ['video', 'video.mkv']) expect((await admin.problem('GET', `/v1/sessions/${other.id}/${at}`)).code).toBe('expired');
    expect((await page(admin, held.id)).pictures).toHaveLength(1);
    const asked = { id: randomUUID(), subject: held.kept.subject, reason: 'they asked' };
    const erasure = Erasure.parse(await admin.json('POST', '/v1/erasures', asked));
    expect((await second.problem('POST', `/v1/erasures/${erasure.id}/confirm`)).code).toBe('held');
    await second.json('POST', `/v1/holds/${hold.id}/lift`, { reason: 'the lawsuit is over' });
    await second.json('POST', `/v1/erasures/${erasure.id}/confirm`);
    for (const at of ['video', 'video.mkv']) expect((await admin.problem('GET', `/v1/sessions/${held.id}/${at}`)).code).toBe('erased');
    const left = await new TestDatabase(server).query('SELECT 1 FROM content_piece WHERE session = $1 AND length(sealed) > 0', [held.id]);
    expect(left).toEqual([]);
    const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
    const env = { ...process.env, WHEELHOUSE_DATA: server.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  it('names the hole that a crash leaves', async () => {
    const attachment = await first.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['video'] } });
    const listener = await Listener.attach(attachment);
    await until('ready', () => listener.gateEvent('ready'));
    listener.client.sendImage(PICTURES[0] ?? new Uint8Array());
    await pause(1500);
    await server.kill();
    await server.run();
    const { id } = attachment.session;
    const again = await Listener.attach(await first.api.ticket(id));
    const ready = await until('ready', () => again.gateEvent('ready'));
    again.client.sendImage(PICTURES[1] ?? new Uint8Array());
    await pause(1000);
    again.client.end();
    await until('the end', () => again.closed);
    const content = await until('the pieces', async () => {
      const one = await admin.content(id);
      return one.pieces.length > 0 ? one : null;
    });
    expect(content.holes).toEqual([{ of: 'video', track: 'in', fromMs: 0, toMs: ready.tick * TICK_MS }]);
    const { pictures } = await page(admin, id);
    expect(pictures.map(({ jpeg }) => jpeg)).toEqual([Buffer.from(PICTURES[1] ?? []).toString('base64')]);
    expect(pictures[0]?.atMs).toBeGreaterThanOrEqual(ready.tick * TICK_MS);
  });

  it('has no picture that policy refused, but says when there was one', async () => {
    const { bundle } = await new PolicyClient(server.url, { cookie: first.cookie }).policy();
    if (bundle === null) throw new Error('the server has no policy');
    await server.stop();
    await adoptBehind(server, { ...bundle, policies: { ...bundle.policies, 'no-pictures.cedar': NO_PICTURES } });
    await server.run();
    const { id, listener } = await shown([400, 1200], { level: 2 });
    expect(listener.gate.filter(({ type }) => type === 'checkpoint').length).toBeGreaterThan(0);
    const { pictures } = await page(admin, id);
    expect(pictures.map(({ fate, jpeg }) => [fate, jpeg])).toEqual([
      ['refused', null],
      ['refused', null],
    ]);
    expect(picturesIn(await file(admin, id))).toEqual([]);
  });
});
