import { beforeAll, expect, test } from 'vitest';
import { type Listener, createListener, loopedTokens, loudPart } from './hearing.ts';
import { modelsFolder, recording } from './models.fixture.ts';
import { loadWeights } from './weights-store.ts';

let listener: Listener;
beforeAll(async () => {
  listener = await createListener(
    await loadWeights(modelsFolder, 'moonshine-tiny-encoder'),
    await loadWeights(modelsFolder, 'moonshine-tiny-decoder'),
  );
});

test('reads a sentence off a recording', async () => {
  expect((await listener.transcribe(await recording('short.wav'))).toLowerCase()).toMatch(/hello.*can you hear me/);
});

test('reads a long paragraph to its end', async () => {
  const text = (await listener.transcribe(await recording('long.wav'))).toLowerCase();
  expect(text).toMatch(/wakes before the town.*small boats.*everything gets done/);
});

test('only the loud part of a recording is looked at again', () => {
  const audio = new Int16Array(10_000);
  audio.fill(500, 4_000, 6_000);
  expect(loudPart(audio).length).toBe(2_000 + 2 * 800 - 1);
  expect(loudPart(new Int16Array(100)).length).toBe(0);
});

test('silence, noise and next to nothing have no words', async () => {
  expect(await listener.transcribe(new Int16Array(16_000))).toBe('');
  expect(await listener.transcribe(new Int16Array(0))).toBe('');
});

test('more audio than may be is refused', async () => {
  await expect(listener.transcribe(new Int16Array(16_000 * 25))).rejects.toMatchObject({ code: 'bad_request' });
});

test('a loop is told from speech that repeats itself', () => {
  const phrase = [11, 12, 13, 14];
  expect(loopedTokens([1, 2, ...phrase, ...phrase, ...phrase])).toBe(8);
  expect(loopedTokens([...phrase, ...phrase])).toBe(0);
  expect(loopedTokens([5, 5, 5])).toBe(0);
  expect(loopedTokens(Array.from({ length: 12 }, () => 5))).toBe(11);
});
