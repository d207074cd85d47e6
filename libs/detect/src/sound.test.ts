import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loudnessOf, rmsOf } from './loudness.ts';
import { createVoiceActivity } from './voice-activity.ts';

test('loudness goes by the root mean square', () => {
  expect(rmsOf(new Int16Array(0))).toBe(Number.NEGATIVE_INFINITY);
  expect(rmsOf(new Int16Array(100).fill(-32_768))).toBeCloseTo(0, 5);
  expect(rmsOf(new Int16Array(100).fill(3277))).toBeCloseTo(-20, 1);
  expect([0, 20, 100, 3000, 12_000].map((level) => loudnessOf(new Int16Array(3200).fill(level)))).toEqual([
    'silent',
    'silent',
    'normal',
    'normal',
    'loud',
  ]);
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 400 }), (samples) => {
      expect(rmsOf(samples)).toBeLessThanOrEqual(0);
    }),
  );
});

const TICK = 3200;
const file = (name: string) => readFile(new URL(`../../../${name}`, import.meta.url));

/** The samples of a 16 kHz mono WAV file with a plain header, in ticks. */
async function ticksOf(name: string): Promise<Int16Array[]> {
  const wav = await file(`test/fixtures/${name}`);
  const data = wav.indexOf('data') + 8;
  const samples = new Int16Array(wav.buffer.slice(wav.byteOffset + data, wav.byteOffset + data + ((wav.length - data) >> 1) * 2));
  return Array.from({ length: Math.floor(samples.length / TICK) }, (_, tick) => samples.slice(tick * TICK, (tick + 1) * TICK));
}

test('speech is heard where there is speech, the same alone and beside forty others', async () => {
  const activity = await createVoiceActivity(await file('.wheelhouse/models/silero-vad-v6.onnx'));
  const ticks = await ticksOf('refund.wav');
  const one = activity.open();
  const alone: boolean[] = [];
  for (const tick of ticks) alone.push(await one.hears(tick));
  expect(alone.filter((speech) => speech).length).toBeGreaterThan(ticks.length / 3);
  const silence = activity.open();
  for (let tick = 0; tick < 10; tick += 1) expect(await silence.hears(new Int16Array(TICK))).toBe(false);

  const streams = Array.from({ length: 40 }, () => activity.open());
  const together: boolean[][] = [];
  for (const [i, tick] of ticks.entries())
    together.push(
      await Promise.all(streams.map((stream, at) => stream.hears(at % 2 === 0 ? tick : new Int16Array(i % 2 === 0 ? TICK : 100)))),
    );
  for (const [tick, heard] of together.entries())
    for (const [at, speech] of heard.entries()) expect([tick, at, speech]).toEqual([tick, at, at % 2 === 0 ? alone[tick] : false]);
});

test('calls that overlap are answered in their order; audio too short for a window goes by the window before', async () => {
  const activity = await createVoiceActivity(await file('.wheelhouse/models/silero-vad-v6.onnx'));
  const ticks = await ticksOf('refund.wav');
  const one = activity.open();
  const two = activity.open();
  const slowly: boolean[] = [];
  for (const tick of ticks) slowly.push(await one.hears(tick));
  const order: number[] = [];
  const atOnce = await Promise.all(ticks.map((tick, i) => two.hears(tick).finally(() => order.push(i))));
  expect(atOnce).toEqual(slowly);
  expect(order).toEqual(ticks.map((_, i) => i));
  expect(await activity.open().hears(new Int16Array(0))).toBe(false);
});

test('weights that are no model are refused', async () => {
  await expect(createVoiceActivity(new Uint8Array(100))).rejects.toThrow();
});
