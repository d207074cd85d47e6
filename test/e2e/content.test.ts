import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Erasure, Hold, StoredTranscript } from '@wheelhouse/protocol/content';
import type { SessionRequest } from '@wheelhouse/protocol/session';
import { WAV_HEADER_BYTES } from '@wheelhouse/content/wav';
import { TICK_MS, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentCaller as Caller, noise, samplesOf, tickOf } from '../harness/content-caller.ts';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording as speech, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const RECORD = { what: ['audio'], retention: 'regulated', consent: 'form 7 of 2026-11-20' } as const;

describe('recorded content', () => {
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

  /** The kinds of all entries in the ledger, and the last of each. */
  const entries = async (): Promise<{ kinds: string[]; read: (kind: string) => Promise<string[]> }> => {
    const database = new TestDatabase(server);
    const rows = await database.query('SELECT kind, opening FROM ledger_entry ORDER BY index');
    const kinds = rows.map(({ kind }) => String(kind));
    return { kinds, read: (kind) => Promise.resolve(rows.filter((row) => row['kind'] === kind).map((row) => String(row['opening']))) };
  };

  /** A session of echoes, recorded: speaks for `ms`, and ends. */
  const recorded = async (ms: number, request: Partial<SessionRequest> = {}, by: SignedIn = first) => {
    const attachment = await by.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['audio'] }, ...request });
    const listener = await Listener.attach(attachment);
    const sent = noise(ms);
    await speak(listener.client, sent).done;
    await new Promise((resolve) => setTimeout(resolve, 2 * TICK_MS));
    listener.client.end();
    await until('the end', () => listener.closed);
    const id = attachment.session.id;
    const kept = await until('the pieces', async () => {
      const one = await admin.content(id).catch(() => null);
      return one !== null && one.pieces.length >= 2 && one.holes.length === 0 ? one : null;
    });
    return { id, sent, listener, kept };
  };

  it('is what the client sent and what it heard, tick by tick, exactly as long as the session', async () => {
    const { id, sent, listener, kept } = await recorded(6500);
    const [input, output] = [await admin.wav(id, 'in'), await reviewer.wav(id, 'out')];
    const session = await first.api.session(id);
    const ticks = session.tick + 1;
    expect(kept).toMatchObject({ lengthMs: ticks * TICK_MS, consent: RECORD.consent, retention: 'regulated', holes: [], holds: [] });
    expect(kept.pieces.length).toBeGreaterThanOrEqual(4);
    for (const wav of [input, output]) expect(wav.length).toBe(WAV_HEADER_BYTES + ticks * TICK_SAMPLES * 2);

    // Every frame that arrived is where it left, bit for bit; an echo is what was sent in the same tick.
    const frames = new Map(listener.audioFrames().map((frame) => [frame.header.tick, samplesOf(frame.payload)]));
    expect(frames.size).toBeGreaterThan(25);
    for (let tick = 0; tick < ticks; tick += 1) {
      const arrived = frames.get(tick);
      if (arrived === undefined)
        expect(
          tickOf(output, tick).every((sample) => sample === 0),
          `tick ${tick}`,
        ).toBe(true);
      else if (frames.has(tick + 1)) expect(tickOf(output, tick), `tick ${tick}`).toEqual(arrived);
      if (arrived !== undefined) expect(tickOf(input, tick), `tick ${tick}`).toEqual(arrived);
    }
    const heard = samplesOf(input.subarray(WAV_HEADER_BYTES)).filter((sample) => sample !== 0);
    expect(heard.length).toBeGreaterThan(sent.length * 0.9);
    expect(heard).toEqual([...sent.subarray(0, heard.length)]);

    const both = await admin.wav(id, 'both');
    expect(both.length).toBe(WAV_HEADER_BYTES + ticks * TICK_SAMPLES * 4);
    expect(both.readUInt16LE(22)).toBe(2);
    const left = samplesOf(both.subarray(WAV_HEADER_BYTES)).filter((_, i) => i % 2 === 0);
    expect(left).toEqual(samplesOf(input.subarray(WAV_HEADER_BYTES)));

    const { kinds } = await entries();
    expect(kinds.filter((kind) => kind === 'content.kept')).toHaveLength(kept.pieces.length);
    expect(kinds.filter((kind) => kind === 'content.read')).toHaveLength(3);
    // Sealed: no second of it is to be found in the database.
    const rows = await new TestDatabase(server).query('SELECT sealed FROM content_piece WHERE session = $1', [id]);
    const needle = Buffer.from(sent.buffer, 32_000, 64);
    for (const { sealed } of rows) expect(Buffer.isBuffer(sealed) && sealed.includes(needle)).toBe(false);
  });

  it('is silent on the track of what was heard after an order, although the engine went on', async () => {
    const attachment = await first.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['audio'] } });
    const listener = await Listener.attach(attachment);
    const talk = speak(listener.client, noise(4000));
    await until('echoes', () => listener.audioFrames().length > 8);
    const scope = { type: 'session', session: attachment.session.id } as const;
    const ack = await first.api.order({ id: randomUUID(), kind: 'mute', scope, reason: 'test' });
    const tick = ack.sessions[0]?.tick ?? -1;
    await talk.done;
    listener.client.end();
    await until('the end', () => listener.closed);
    await until('the pieces', async () => (await admin.content(attachment.session.id)).pieces.length >= 2);
    const output = await admin.wav(attachment.session.id, 'out');
    const input = await admin.wav(attachment.session.id, 'in');
    const ticks = (output.length - WAV_HEADER_BYTES) / (TICK_SAMPLES * 2);
    expect(ticks).toBeGreaterThan(tick + 5);
    const loud = (wav: Buffer, from: number, to: number) =>
      samplesOf(wav.subarray(WAV_HEADER_BYTES + from * TICK_SAMPLES * 2, WAV_HEADER_BYTES + to * TICK_SAMPLES * 2)).filter(
        (sample) => sample !== 0,
      );
    expect(loud(output, tick + 1, ticks)).toEqual([]);
    expect(loud(input, tick + 1, ticks).length).toBeGreaterThan(TICK_SAMPLES * 5);
    // What had left before the order was heard, but for the end of it that the client dropped.
    expect(loud(output, 0, tick - 1).length).toBeGreaterThan(TICK_SAMPLES * 3);
    const before = listener.audioFrames().at(-1);
    expect(before?.header.tick).toBeLessThanOrEqual(tick);
    const last = tickOf(output, before?.header.tick ?? 0);
    const silentFrom = last.findLastIndex((sample) => sample !== 0) + 1;
    expect(last.slice(0, silentFrom)).toEqual(samplesOf(before?.payload ?? new Uint8Array()).slice(0, silentFrom));
  });

  it('is off unless asked for, and refused without a consent or where the deployment does not allow it', async () => {
    expect(await refused(first.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['transcript'] } }))).toBe(
      'not_recordable',
    );
    const sessions = { deployment: 'echo', record: { what: ['audio'], retention: 'regulated' } };
    const problem = await admin.problem('POST', '/v1/sessions', sessions);
    expect(problem.code).toBe('malformed');
    expect(problem.errors?.[0]?.path).toBe('record.consent');

    const attachment = await first.api.openSession({ deployment: 'echo' });
    const listener = await Listener.attach(attachment);
    await speak(listener.client, noise(600)).done;
    listener.client.end();
    await until('the end', () => listener.closed);
    expect((await admin.problem('GET', `/v1/sessions/${attachment.session.id}/content`)).code).toBe('not_found');
    const rows = await new TestDatabase(server).query('SELECT 1 FROM content_piece WHERE session = $1', [attachment.session.id]);
    expect(rows).toEqual([]);
  });

  it('keeps the words of a session, also those that did not leave', async () => {
    const attachment = await first.api.openSession({ deployment: 'relay', record: { ...RECORD, what: ['transcript'] } });
    const listener = await Listener.attach(attachment);
    await speak(listener.client, speech('refund.wav')).done;
    await until('an answer', () => listener.said.length > 0 && listener.engine.some((event) => event.type === 'heard' && event.final));
    listener.client.end();
    await until('the end', () => listener.closed);
    await until('the pieces', async () => (await admin.content(attachment.session.id)).pieces.length > 0);
    const { lines } = StoredTranscript.parse(await admin.json('GET', `/v1/sessions/${attachment.session.id}/transcript`));
    expect(lines.find(({ who }) => who === 'heard')?.text.toLowerCase()).toMatch(/order/);
    const said = lines.filter(({ who, left }) => who === 'said' && left).map(({ text }) => text);
    expect(said.join('')).toBe(listener.said.join(''));
  });

  it('that was altered in the database is not played: the download breaks off', async () => {
    const { id } = await recorded(600);
    const at = `/v1/sessions/${id}/recording.wav?track=`;
    await new TestDatabase(server).query(
      `UPDATE content_piece SET sealed = set_byte(sealed, 5000, get_byte(sealed, 5000) # 1) WHERE session = $1 AND what = 'audio-in'`,
      [id],
    );
    const answer = await admin.send('GET', `${at}in`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect((await admin.wav(id, 'out')).length).toBeGreaterThan(WAV_HEADER_BYTES);
  });

  it('is nothing to people of another tenant', async () => {
    const { id } = await recorded(600);
    const acme = await server.person(first, 'administrator', 'acme');
    const stranger = new Caller(server, await server.person(acme, 'reviewer', 'acme'));
    for (const at of ['content', 'recording.wav', 'transcript'])
      expect((await stranger.problem('GET', `/v1/sessions/${id}/${at}`)).code, at).toBe('not_found');
    expect((await stranger.problem('POST', '/v1/holds', { id: randomUUID(), session: id, reason: 'mine' })).code).toBe('not_found');
    const subject = (await admin.content(id)).subject;
    expect((await stranger.problem('POST', '/v1/erasures', { id: randomUUID(), subject, reason: 'mine' })).code).toBe('not_found');
    const theirs = await recorded(600, { subject: 'customer 7' }, acme);
    expect(theirs.kept.subject).toBe('acme/customer 7');
    expect((await reviewer.problem('GET', `/v1/sessions/${theirs.id}/recording.wav`)).code).toBe('not_found');
    expect((await stranger.wav(theirs.id, 'in')).length).toBeGreaterThan(WAV_HEADER_BYTES);
  });

  it('is kept by a hold beyond its time and against an erasure, until another person lifts it', async () => {
    const held = await recorded(600, { subject: 'a witness' });
    const other = await recorded(600, { subject: 'a passer-by' });
    const hold = Hold.parse(await admin.json('POST', '/v1/holds', { id: randomUUID(), subject: held.kept.subject, reason: 'a lawsuit' }));
    expect((await admin.content(held.id)).holds).toEqual([hold.id]);
    await new TestDatabase(server).query(
      `UPDATE content_piece SET retain_until = now() - interval '1 day' WHERE session = ANY($1::uuid[])`,
      [[held.id, other.id]],
    );
    await server.stop();
    await server.run();
    await until('the expiry', async () => (await admin.content(other.id)).pieces.every(({ state }) => state === 'expired'));
    expect((await admin.content(held.id)).pieces.every(({ state }) => state === 'kept')).toBe(true);
    expect((await admin.problem('GET', `/v1/sessions/${other.id}/recording.wav`)).code).toBe('expired');
    expect((await admin.wav(held.id, 'in')).length).toBeGreaterThan(WAV_HEADER_BYTES);

    const erasure = Erasure.parse(
      await admin.json('POST', '/v1/erasures', { id: randomUUID(), subject: held.kept.subject, reason: 'they asked' }),
    );
    expect((await admin.problem('POST', `/v1/erasures/${erasure.id}/confirm`)).code).toBe('same_person');
    const problem = await second.problem('POST', `/v1/erasures/${erasure.id}/confirm`);
    expect(problem).toMatchObject({ code: 'held', status: 409 });
    expect(problem.detail).toContain(hold.id);
    expect((await admin.problem('POST', `/v1/holds/${hold.id}/lift`, { reason: 'over' })).code).toBe('same_person');
    await second.json('POST', `/v1/holds/${hold.id}/lift`, { reason: 'the lawsuit is over' });
    expect(Erasure.parse(await second.json('POST', `/v1/erasures/${erasure.id}/confirm`)).state).toBe('confirmed');
    expect((await admin.problem('GET', `/v1/sessions/${held.id}/recording.wav`)).code).toBe('erased');
    expect((await entries()).kinds.filter((kind) => kind === 'content.expired')).toHaveLength(1);
  });

  it('is gone for good after an erasure, while the record of it stays', async () => {
    const { id, kept } = await recorded(600, { subject: 'customer 1' });
    const untouched = await recorded(600, { subject: 'customer 2' });
    const before = await entries();
    const erasure = Erasure.parse(
      await reviewer.json('POST', '/v1/erasures', { id: randomUUID(), subject: kept.subject, reason: 'asked' }),
    );
    const confirmed = Erasure.parse(await second.json('POST', `/v1/erasures/${erasure.id}/confirm`));
    for (const at of ['recording.wav', 'recording.wav?track=in']) {
      const problem = await admin.problem('GET', `/v1/sessions/${id}/${at}`);
      expect(problem).toMatchObject({ code: 'erased', status: 410 });
      expect(problem.detail).toContain(`entry ${confirmed.entry ?? -1}`);
    }
    const after = await admin.content(id);
    expect(after.pieces.map(({ digest }) => digest)).toEqual(kept.pieces.map(({ digest }) => digest));
    expect(after.pieces.every(({ state }) => state === 'erased')).toBe(true);
    const database = new TestDatabase(server);
    expect(await database.query('SELECT 1 FROM content_piece WHERE session = $1 AND length(sealed) > 0', [id])).toEqual([]);
    const keys = await database.query('SELECT wrapped, living FROM subject_key WHERE subject = $1', [kept.subject]);
    expect(keys).toEqual([{ wrapped: Buffer.alloc(0), living: null }]);
    const were = await before.read('content.kept');
    expect(were.length).toBeGreaterThan(1);
    // Pieces of earlier tests may still be on their way in: there may be more, never fewer or others.
    expect((await (await entries()).read('content.kept')).slice(0, were.length)).toEqual(were);
    expect((await admin.wav(untouched.id, 'in')).length).toBeGreaterThan(WAV_HEADER_BYTES);
    expect((await second.problem('POST', `/v1/erasures/${erasure.id}/confirm`)).code).toBe('conflict');
    const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
    const env = { ...process.env, WHEELHOUSE_DATA: server.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  it('is erased at the next start where a crash came between the decision and the deed', async () => {
    const { id, kept } = await recorded(600, { subject: 'customer 3' });
    const database = new TestDatabase(server);
    const columns = 'id, session, subject, what, from_ms, to_ms, key_id, sealed, digest, retention, retain_until, committed, gone';
    await database.query(`CREATE TABLE saved_piece AS SELECT ${columns} FROM content_piece WHERE session = '${id}'`);
    await database.query(`CREATE TABLE saved_key AS SELECT * FROM subject_key WHERE subject = '${kept.subject}'`);
    const erasure = Erasure.parse(await admin.json('POST', '/v1/erasures', { id: randomUUID(), subject: kept.subject, reason: 'asked' }));
    await second.json('POST', `/v1/erasures/${erasure.id}/confirm`);
    await server.kill();
    // As the crash would have left it: the ledger knows, the tables do not.
    await database.alone(async (sql) => {
      await sql(`DELETE FROM erasure_done WHERE erasure = '${erasure.id}'`);
      await sql(`DELETE FROM content_piece WHERE session = '${id}'`);
      await sql(`INSERT INTO content_piece (${columns}) SELECT ${columns} FROM saved_piece`);
      await sql(`DELETE FROM subject_key WHERE subject = '${kept.subject}'`);
      await sql('INSERT INTO subject_key SELECT * FROM saved_key');
      await sql('DROP TABLE saved_piece');
      await sql('DROP TABLE saved_key');
    });
    await server.run();
    expect((await admin.problem('GET', `/v1/sessions/${id}/recording.wav`)).code).toBe('erased');
    expect(await database.query('SELECT 1 FROM content_piece WHERE session = $1 AND length(sealed) > 0', [id])).toEqual([]);
    expect(await database.query('SELECT living FROM subject_key WHERE subject = $1', [kept.subject])).toEqual([{ living: null }]);
  });

  it('names the hole that a crash leaves, and goes on at the right time', async () => {
    const attachment = await first.api.openSession({ deployment: 'echo', record: { ...RECORD, what: ['audio'] } });
    const listener = await Listener.attach(attachment);
    await speak(listener.client, noise(1500)).done;
    await server.kill();
    await server.run();
    const id = attachment.session.id;
    const again = await Listener.attach(await first.api.ticket(id));
    const sent = noise(1000);
    await speak(again.client, sent).done;
    await new Promise((resolve) => setTimeout(resolve, 2 * TICK_MS));
    again.client.end();
    await until('the end', () => again.closed);
    const content = await until('the pieces', async () => {
      const one = await admin.content(id);
      return one.pieces.length >= 2 ? one : null;
    });
    const fromMs = again.gateEvent('ready')?.tick ?? -1;
    expect(content.holes).toEqual(['in', 'out'].map((track) => ({ of: 'audio', track, fromMs: 0, toMs: fromMs * TICK_MS })));
    const output = await admin.wav(id, 'out');
    expect(output.length).toBe(WAV_HEADER_BYTES + (content.lengthMs / TICK_MS) * TICK_SAMPLES * 2);
    const frame = again.audioFrames()[0];
    expect(tickOf(output, frame?.header.tick ?? 0)).toEqual(samplesOf(frame?.payload ?? new Uint8Array()));
  });

  it('does not open under another master key: the server says so, and does not start', async () => {
    await server.stop();
    server.env['WHEELHOUSE_MASTER_KEY'] = randomBytes(32).toString('base64');
    await expect(server.run()).rejects.toThrow(/not the one that this database's content and words are encrypted under/);
    server.env['WHEELHOUSE_MASTER_KEY'] = 'not a key';
    await expect(server.run()).rejects.toThrow(/is not 32 bytes in base64/);
    delete server.env['WHEELHOUSE_MASTER_KEY'];
    await server.run();
    await server.stop();
    rmSync(path.join(server.dataFolder, 'keys', 'master.key'));
    await expect(server.run()).rejects.toThrow(/master\.key is missing/);
  });
});
