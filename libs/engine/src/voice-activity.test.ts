import { expect, test } from 'vitest';
import { inTicks, modelsFolder, recording } from './models.fixture.ts';
import { createVoiceActivity } from './voice-activity.ts';
import { loadWeights } from './weights-store.ts';

test('hears voice where there is voice, the same alone, in pieces and in a batch with others', async () => {
  const activity = await createVoiceActivity(await loadWeights(modelsFolder, 'silero-vad'));
  const samples = await recording('short.wav');
  const alone = await activity.open().push(samples);
  expect(alone.length).toBe(Math.floor(samples.length / 512));
  expect(Math.max(...alone.slice(0, 12))).toBeLessThan(0.35);
  expect(Math.max(...alone.slice(18, 50))).toBeGreaterThan(0.9);
  expect(Math.max(...alone.slice(-20))).toBeLessThan(0.35);

  const streams = Array.from({ length: 40 }, () => activity.open());
  const found = streams.map((): number[] => []);
  for (const [tick, audio] of inTicks(samples, 0).entries()) {
    // Every other stream gets something else, so that a mixed-up batch would show.
    const windows = await Promise.all(
      streams.map((stream, index) => stream.push(index % 2 === 0 ? audio : new Int16Array(tick % 2 === 0 ? 3_200 : 100))),
    );
    for (const [index, some] of windows.entries()) found[index]?.push(...some);
  }
  for (const [index, probabilities] of found.entries()) {
    if (index % 2 === 1) expect(Math.max(...probabilities)).toBeLessThan(0.2);
    else for (const [window, probability] of alone.entries()) expect(probabilities[window]).toBeCloseTo(probability, 3);
  }
});

test('weights that are no model are refused', async () => {
  await expect(createVoiceActivity(new Uint8Array(100))).rejects.toThrow();
});
