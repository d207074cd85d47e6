import { beforeAll, expect, test } from 'vitest';
import { modelsFolder } from './models.fixture.ts';
import { type Speaker, createSpeaker, estimateWords } from './speaking.ts';
import { loadWeights } from './weights-store.ts';

let speaker: Speaker;
beforeAll(async () => {
  speaker = await createSpeaker(new Uint8Array(await loadWeights(modelsFolder, 'flite')));
});

test('speaks text: sound, its words in order, no long silence before it', async () => {
  const { audio, words } = await speaker.speak('Good morning,\nhow are you?');
  expect(audio.length).toBeGreaterThan(16_000);
  expect(audio.slice(0, 1_600).some((sample) => Math.abs(sample) > 200)).toBe(true);
  expect(words.map((word) => word.text)).toEqual(['Good', 'morning,', 'how', 'are', 'you?']);
  expect(words.every(({ start }, index) => start >= (words[index - 1]?.start ?? 0) && start < audio.length)).toBe(true);
});

test('the same text gives the same sound', async () => {
  expect((await speaker.speak('Again.')).audio).toEqual((await speaker.speak('Again.')).audio);
});

test.each(['', '   ', '?!', '\u0000'])('refuses text with nothing to say: %j', async (text) => {
  await expect(speaker.speak(text)).rejects.toMatchObject({ code: 'bad_request' });
});

test.each(['-o /etc/passwd', '--help me', '<speak>tag</speak> & "quotes" $HOME `ls`', 'a\u0000b', 'grüße 你好 1'])(
  'is not confused by %j',
  async (text) => {
    expect((await speaker.speak(text)).audio.length).toBeGreaterThan(1_000);
  },
);

test('a run of letters that it would spell for minutes is cut', async () => {
  const { audio } = await speaker.speak('x'.repeat(5_000));
  expect(audio.length).toBeLessThan(16_000 * 40);
});

test('words are spread by their length', () => {
  expect(estimateWords(' a  bbb ', 600)).toEqual([
    { text: 'a', start: 0 },
    { text: 'bbb', start: 200 },
  ]);
  expect(estimateWords('', 100)).toEqual([]);
});
