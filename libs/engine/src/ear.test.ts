import { expect, test } from 'vitest';
import { type Ear, type EarEvent, hearWindow, initialEar } from './ear.ts';

const voice = (windows: number): number[] => Array.from({ length: windows }, () => 0.9);
const silence = (windows: number): number[] => Array.from({ length: windows }, () => 0.02);

function hear(...parts: readonly number[][]): { ear: Ear; events: [EarEvent, number][] } {
  const events: [EarEvent, number][] = [];
  let ear = initialEar;
  for (const [window, probability] of parts.flat().entries()) {
    const heard = hearWindow(ear, window, probability);
    ear = heard.ear;
    if (heard.event !== null) events.push([heard.event, window]);
  }
  return { ear, events };
}

test('one voiced window alone is a click', () => {
  expect(hear(voice(1), silence(3), voice(1), silence(3))).toEqual({ ear: initialEar, events: [] });
});

test('two begin a sound, seven make it speech', () => {
  expect(hear(silence(5), voice(2)).ear).toMatchObject({ phase: 'hearing', from: 5, confirmed: false });
  expect(hear(silence(5), voice(7)).events).toEqual([['confirmed', 11]]);
});

test('a cough of 190 ms is dismissed, and two coughs are no word', () => {
  expect(hear(voice(6), silence(30)).events).toEqual([['dismissed', 24]]);
  expect(hear(voice(6), silence(8), voice(6), silence(30)).events).toEqual([['dismissed', 38]]);
});

test('a pause of 500 ms stays inside, one of 608 ms ends the utterance', () => {
  expect(hear(voice(10), silence(16), voice(10)).events).toEqual([['confirmed', 6]]);
  expect(hear(voice(10), silence(19)).events).toEqual([
    ['confirmed', 6],
    ['ended', 28],
  ]);
});

test('a dip of the model inside a word is voice', () => {
  expect(hear(voice(4), [0.4, 0.4], voice(1)).events).toEqual([['confirmed', 6]]);
});

test('speech without end is cut at 20 s, and goes on as another utterance', () => {
  const { events } = hear(voice(700));
  expect(events).toEqual([
    ['confirmed', 6],
    ['ended', 624],
    ['confirmed', 631],
  ]);
});
