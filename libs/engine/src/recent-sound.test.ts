import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSound, cutSound, noSound } from './recent-sound.ts';

test('a cut gives the samples by their number, as far as they are kept', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 });
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: -10, max: 100 }),
      fc.integer({ min: -20, max: 300 }),
      fc.integer({ min: -20, max: 300 }),
      (all, keepFrom, from, to) => {
        let sound = noSound;
        for (const size of all)
          sound = addSound(
            sound,
            Int16Array.from({ length: size }, (_, i) => sound.end + i),
            keepFrom,
          );
        const first = Math.max(0, from, Math.min(keepFrom, sound.end));
        const cut = cutSound(sound, Math.max(from, keepFrom), to);
        expect([...cut]).toEqual(Array.from({ length: Math.max(0, Math.min(to, sound.end) - first) }, (_, i) => first + i));
      },
    ),
  );
});

test('whole chunks before what must be kept are forgotten', () => {
  let sound = noSound;
  for (let i = 0; i < 10; i += 1) sound = addSound(sound, new Int16Array(100), i * 100 - 150);
  expect(sound.chunks.length).toBe(3);
  expect(sound.end).toBe(1000);
});
