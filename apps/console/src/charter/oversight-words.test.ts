import { expect, it } from 'vitest';
import { secondsInWords } from './oversight-words.ts';

it.each([
  [0, '0 s'],
  [4.4, '4 s'],
  [99, '99 s'],
  [120, '2 min'],
  [5400, '90 min'],
  [7200, '2 h'],
])('%d seconds are "%s"', (seconds, words) => {
  expect(secondsInWords(seconds)).toBe(words);
});
