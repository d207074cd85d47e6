import { randomBytes } from 'node:crypto';
import { unpackPictures } from '@wheelhouse/content/picture-pack';
import type { PictureSpan } from '@wheelhouse/content/picture-track';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { RecordedSpan } from '../stream/thread-messages.ts';
import { ContentKeeper } from './content-keeper.ts';
import type { NewPiece } from './content-store.ts';
import { localMasterKey } from './master-key.ts';
import { memoryKeyRecords } from './memory-key-records.ts';
import { openPiece } from './piece-seal.ts';
import { Recorder } from './recorder.ts';
import { SubjectKeys } from './subject-keys.ts';

const SESSION = '7e0c5a0e-51a4-4e6d-9d3c-0d7e2c0b8a11';
const BYTES_A_TICK = TICK_SAMPLES * 2;

/** A database that can be away, and a ledger that only counts. */
async function studio(mostWaitingBytes: number) {
  const keys = await SubjectKeys.open(memoryKeyRecords(), () => localMasterKey(randomBytes(32)));
  await keys.ensure(['carol']);
  const keeper = new ContentKeeper();
  const record = { what: ['audio', 'transcript', 'video'], retention: 'operational', consent: 'form 1' };
  keeper.recorded({ session: SESSION, tenant: 'acme', subject: 'carol', record, entry: 1 });
  const stored: NewPiece[] = [];
  const committed: string[] = [];
  const told: unknown[] = [];
  const database = { away: false };
  const store = {
    insert: (pieces: readonly NewPiece[]) => {
      if (database.away) return Promise.reject(new Error('away'));
      stored.push(...pieces);
      return Promise.resolve();
    },
    committed: (ids: readonly string[]) => Promise.resolve(void committed.push(...ids)),
  };
  const ledger = { append: (kind: string, data: unknown) => Promise.resolve(told.push({ kind, data })) };
  const behind: boolean[] = [];
  const onBehind = (isBehind: boolean) => void behind.push(isBehind);
  const recorder = new Recorder({ store, keys, keeper, ledger, log: pino({ level: 'silent' }), mostWaitingBytes, onBehind });
  const read = (piece: NewPiece) => openPiece(keys, { ...piece, gone: null }, piece.sealed);
  return { keys, keeper, recorder, stored, committed, told, database, read, behind };
}

const span = (fromTick: number, ticks = 1): RecordedSpan => ({
  track: 'in',
  fromTick,
  toTick: fromTick + ticks,
  samples: new Int16Array(ticks * TICK_SAMPLES).fill(fromTick + 1),
});

const pictures = (fromTick: number, bytes: number): PictureSpan => ({
  fromTick,
  toTick: fromTick + 1,
  pictures: [{ tick: fromTick, arrived: fromTick, fate: 'seen', jpeg: new Uint8Array(bytes).fill(fromTick) }],
});

describe('the recorder', () => {
  it('stores what it is given, and tells the ledger', async () => {
    const { recorder, stored, committed, told, read } = await studio(1e9);
    recorder.audio(SESSION, [span(0, 25), { ...span(0, 25), track: 'out' }]);
    const line = { session: SESSION, tick: 3, utterance: 1, left: true };
    recorder.transcript([
      { ...line, who: 'heard', text: 'I want', final: false },
      { ...line, who: 'heard', text: 'I want my money', final: true },
      { ...line, who: 'said', text: 'You said', final: false },
      { ...line, who: 'gate', text: 'the engine yields', final: true },
    ]);
    recorder.rest(SESSION);
    expect(await recorder.close(1000)).toBe(0);
    await recorder.settled(1000);
    expect(stored.map(({ what, fromMs, toMs }) => [what, fromMs, toMs])).toEqual([
      ['audio-in', 0, 5000],
      ['audio-out', 0, 5000],
      ['transcript', 600, 800],
    ]);
    const words = stored.find(({ what }) => what === 'transcript');
    expect(words === undefined ? null : JSON.parse(String(read(words)))).toEqual([
      { tick: 3, utterance: 1, left: true, who: 'heard', text: 'I want my money' },
      { tick: 3, utterance: 1, left: true, who: 'said', text: 'You said' },
    ]);
    expect(told).toHaveLength(3);
    expect(committed.sort()).toEqual(stored.map(({ id }) => id).sort());
  });

  it('records nothing of a session that did not ask for it', async () => {
    const { recorder, stored } = await studio(1e9);
    recorder.audio('0e0c5a0e-51a4-4e6d-9d3c-0d7e2c0b8a11', [span(0)]);
    await recorder.close(100);
    expect(stored).toEqual([]);
  });

  it('leaves out what does not fit while the database is away, says so, and notes the hole once it is back', async () => {
    const { recorder, stored, database, read, behind } = await studio(2.5 * BYTES_A_TICK);
    database.away = true;
    // The first is on its way; two more wait; the rest is left out.
    for (let tick = 0; tick < 10; tick += 1) recorder.audio(SESSION, [span(tick)]);
    expect(behind).toEqual([true]);
    database.away = false;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(behind).toEqual([true, false]);
    recorder.audio(SESSION, [span(10)]);
    expect(await recorder.close(3000)).toBe(0);
    const pieces = stored.map(({ what, fromMs, toMs }) => ({ what, fromMs, toMs })).sort((a, b) => a.fromMs - b.fromMs);
    const hole = pieces.find(({ what }) => what === 'audio-in-hole');
    expect(pieces.at(-1)).toEqual({ what: 'audio-in', fromMs: 2000, toMs: 2200 });
    expect(hole?.toMs).toBe(2000);
    // Every tick is in one piece or in the hole.
    let at = 0;
    for (const { fromMs, toMs } of pieces) {
      expect(fromMs).toBe(at);
      at = toMs;
    }
    expect(behind).toEqual([true, false]);
    const note = stored.find(({ what }) => what === 'audio-in-hole');
    expect(note === undefined ? '' : String(read(note))).toBe('the database did not keep up');
  });

  it('stores pictures with what became of them', async () => {
    const { recorder, stored, told, read } = await studio(1e9);
    const span = pictures(5, 100);
    recorder.video(SESSION, [{ ...span, fromTick: 0, toTick: 25 }]);
    await recorder.close(1000);
    await recorder.settled(1000);
    expect(stored.map(({ what, fromMs, toMs }) => [what, fromMs, toMs])).toEqual([['video-in', 0, 5000]]);
    const [piece] = stored;
    const plain = piece === undefined ? null : read(piece);
    expect(plain === null ? null : unpackPictures(plain)).toEqual(span.pictures);
    expect(told).toHaveLength(1);
  });

  it('leaves out pictures before it leaves out sound, and notes their hole', async () => {
    const { recorder, stored, database, behind } = await studio(8 * BYTES_A_TICK);
    database.away = true;
    for (let tick = 0; tick < 10; tick += 1) recorder.video(SESSION, [pictures(tick, BYTES_A_TICK)]);
    expect(behind).toEqual([true]);
    recorder.audio(SESSION, [span(0)]);
    database.away = false;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    recorder.video(SESSION, [pictures(10, BYTES_A_TICK)]);
    expect(await recorder.close(3000)).toBe(0);
    const pieces = stored.map(({ what, fromMs, toMs }) => ({ what, fromMs, toMs }));
    expect(pieces).toContainEqual({ what: 'audio-in', fromMs: 0, toMs: 200 });
    const video = pieces.filter(({ what }) => what.startsWith('video')).sort((a, b) => a.fromMs - b.fromMs);
    const hole = video.find(({ what }) => what === 'video-in-hole');
    expect(hole?.toMs).toBe(2000);
    let at = 0;
    for (const { fromMs, toMs } of video) {
      expect(fromMs).toBe(at);
      at = toMs;
    }
    expect(at).toBe(2200);
    expect(behind).toEqual([true, false]);
  });

  it('drops what waits of somebody who is erased, and takes nothing more', async () => {
    const { recorder, keeper, stored, database } = await studio(1e9);
    database.away = true;
    recorder.audio(SESSION, [span(0)]);
    const by = { kind: 'person', id: 'bob', role: 'administrator' } as const;
    keeper.apply({ type: 'asked', erasure: 'e', subject: 'carol', by, reason: '', at: '' });
    keeper.apply({ type: 'erased', erasure: 'e', by, at: '', entry: 2 });
    await recorder.forget('carol');
    database.away = false;
    recorder.audio(SESSION, [span(1)]);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await recorder.close(1000);
    expect(stored).toEqual([]);
  });
});
