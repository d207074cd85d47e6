import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { Engine } from './engine.ts';
import { type HearingPort, openHearing, openSpeaking } from './local-speech.ts';
import { inTicks, modelsFolder, recording } from './models.fixture.ts';
import { createRelay, startRelay } from './relay.ts';
import { createSpeaker } from './speaking.ts';
import { SpeechError } from './speech-error.ts';
import { type VoiceActivity, createVoiceActivity } from './voice-activity.ts';
import { loadWeights } from './weights-store.ts';

let voiceActivity: VoiceActivity;
let hearing: HearingPort;
const speaking = openSpeaking(modelsFolder);
let relay: Engine;

beforeAll(async () => {
  voiceActivity = await createVoiceActivity(await loadWeights(modelsFolder, 'silero-vad'));
  hearing = openHearing(modelsFolder);
  await Promise.all([hearing.ready(), speaking.ready()]);
  relay = createRelay({ voiceActivity, hearing, speaking });
});
afterAll(() => Promise.all([hearing.close(), speaking.close()]));

/** Runs a whole conversation, each tick only when the models are done with what the one before asked of them: the clock plays no part. */
async function converse(samples: Int16Array, more: number, texts: readonly string[] = []): Promise<TickAnswer[]> {
  const troubles: string[] = [];
  const stream = relay.open({ id: 'test', onTrouble: (message) => troubles.push(message) });
  const answers: TickAnswer[] = [];
  for (const [tick, audio] of inTicks(samples, more).entries()) {
    answers.push(await stream.tick({ tick, audio, texts: tick === 0 ? texts : [], whispers: [] }));
    do await pause(1);
    while (hearing.pending() + speaking.pending() > 0);
  }
  stream.close();
  expect(troubles).toEqual([]);
  return answers;
}

const finals = (answers: readonly TickAnswer[]): string[] =>
  answers.flatMap(({ heard }) => heard.filter(({ final }) => final).map(({ text }) => text));
const said = (answers: readonly TickAnswer[]): string =>
  answers
    .map((answer) => answer.said)
    .filter((words) => words !== '')
    .join(' ');
const spoken = (answers: readonly TickAnswer[]): number[] => answers.flatMap(({ audio, tick }) => (audio === null ? [] : [tick]));

test('understands a spoken request, correction included, and says it back', async () => {
  const answers = await converse(await recording('refund.wav'), 25);
  const [text = ''] = finals(answers);
  expect(finals(answers).length).toBe(1);
  expect(text.toLowerCase()).toMatch(/(forty|40).*(fifty dollars|50 dollars|\$50).*order/);
  expect(answers.some(({ heard }) => heard.some(({ final }) => !final))).toBe(true);
  expect(said(answers)).toBe(`You said: ${text}`);
  const ticks = spoken(answers);
  expect(ticks.length).toBeGreaterThan(15);
  expect(ticks.at(-1)).toBe((ticks[0] ?? 0) + ticks.length - 1);
  expect(ticks.slice(0, -1).every((tick) => answers[tick]?.audio?.length === 3_200)).toBe(true);
  expect(answers.some(({ yielded }) => yielded)).toBe(false);
});

test('yields when the person speaks over it, says no more of that reply, and hears the interruption', async () => {
  const samples = await recording('interrupt.wav');
  const answers = await converse(samples, 25);
  const yields = answers.filter(({ yielded }) => yielded);
  expect(yields.length).toBe(1);
  const [{ tick, audio } = { tick: -1, audio: null }] = yields;
  expect(audio).toBeNull();
  expect(answers[tick - 1]?.audio).not.toBeNull();
  const onset = Math.floor(lastOnset(samples) / 3_200);
  expect(tick - onset).toBeGreaterThanOrEqual(0);
  // The voice must last 224 ms to be sure of it, which ends in the tick after next at the latest.
  expect(tick - onset).toBeLessThanOrEqual(2);
  const [first = '', second = ''] = finals(answers);
  expect(first.toLowerCase()).toContain('weather');
  expect(second.toLowerCase()).toContain('question');
  expect(said(answers.slice(0, tick)).length).toBeLessThan(`You said: ${first}`.length);
  expect(said(answers.slice(tick))).toBe(`You said: ${second}`);
});

/** Where the sound that follows the longest silence inside the recording begins, in samples. */
function lastOnset(samples: Int16Array): number {
  let best = { length: 0, end: 0 };
  let since = samples.length;
  samples.forEach((sample, index) => {
    if (Math.abs(sample) < 300) return;
    if (index - since > best.length) best = { length: index - since, end: index };
    since = index;
  });
  return best.end;
}

test('a pause of 500 ms in the middle of a sentence does not split it', async () => {
  const speaker = await createSpeaker(new Uint8Array(await loadWeights(modelsFolder, 'flite')));
  const parts = [
    (await speaker.speak('I would like to order')).audio,
    new Int16Array(8_000 - 1_600),
    (await speaker.speak('two tickets for tomorrow.')).audio,
  ];
  const samples = new Int16Array(8_000 + parts.reduce((sum, part) => sum + part.length, 0));
  let at = 8_000;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const answers = await converse(samples, 8);
  expect(finals(answers).length).toBe(1);
  expect(finals(answers)[0]?.toLowerCase()).toMatch(/order.*tickets/);
});

test('what is typed is said', async () => {
  const answers = await converse(new Int16Array(0), 20, ['It is late.']);
  expect(said(answers)).toBe('You wrote: It is late.');
});

test('silence and steady noise are not answered', async () => {
  const noise = Int16Array.from({ length: 48_000 }, (_, index) => ((index * 7_919) % 601) - 300);
  const answers = await converse(noise, 10);
  expect(spoken(answers)).toEqual([]);
  expect(finals(answers)).toEqual([]);
});

test('when hearing fails the relay says nothing, and reports', async () => {
  const broken: HearingPort = { ...hearing, ask: () => Promise.reject(new SpeechError('worker_died', 'the worker ended')) };
  const troubles: string[] = [];
  const stream = createRelay({ voiceActivity, hearing: broken, speaking }).open({
    id: 'test',
    onTrouble: (message) => troubles.push(message),
  });
  const answers: TickAnswer[] = [];
  for (const [tick, audio] of inTicks(await recording('short.wav'), 10).entries())
    answers.push(await stream.tick({ tick, audio, texts: [], whispers: [] }));
  expect(spoken(answers)).toEqual([]);
  expect(troubles.at(-1)).toBe('hearing failed: the worker ended');
});

test('a relay does not start without its weights', async () => {
  await expect(startRelay(`${modelsFolder}/nowhere`)).rejects.toMatchObject({ name: 'WeightsError', code: 'missing' });
});
