import type { ScanAnswer, ScanRequest } from '@wheelhouse/protocol/signals';
import { Signals } from '@wheelhouse/protocol/signals';
import { expect, test } from 'vitest';
import { createGuard, type GuardParts, type ImageFindings, type TextRisks } from './guard.ts';

/** Time that goes on when told to. */
class HandClock {
  #now = 0;
  #waiting: { at: number; act: () => void }[] = [];
  readonly now = (): number => this.#now;
  readonly after = (ms: number, act: () => void): void => {
    this.#waiting.push({ at: this.#now + ms, act });
  };
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#waiting.filter(({ at }) => at <= this.#now);
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now);
    for (const { act } of due) act();
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A detector whose answers are given by hand. */
function byHand<Answer>() {
  const asked: { readonly input: unknown; give: (answer: Answer) => void; fail: (why: Error) => void }[] = [];
  const ask = (input: unknown) => new Promise<Answer>((give, fail) => asked.push({ input, give, fail }));
  return { asked, ask };
}

function scene(change: Partial<GuardParts> = {}) {
  const clock = new HandClock();
  const troubles: string[] = [];
  const guard = createGuard({
    ...{ voice: null, text: null, image: null, clock, waitForMs: 50, imageEveryMs: 1000 },
    onTrouble: (message) => troubles.push(message),
    ...change,
  });
  const answers: ScanAnswer[] = [];
  const late: ScanAnswer[] = [];
  let id = 0;
  const scan = (some: Partial<ScanRequest>) => {
    id += 1;
    const request: ScanRequest = { id, session: 's', way: 'in', tick: id, text: '', audio: null, image: null, ...some };
    void guard.scan(request, (answer) => late.push(answer)).then((answer) => answers.push(answer));
    return settled();
  };
  return { clock, troubles, guard, answers, late, scan };
}

test('without slow detectors the answer comes in the same turn, canonical, with what is not configured unknown', async () => {
  const { scan, answers } = scene();
  await scan({ text: 'mail a@b.org or call +1 415 555 2671, card 4111 1111 1111 1111', audio: new Int16Array(3200).fill(9000) });
  expect(answers).toHaveLength(1);
  const signals = Signals.parse(answers[0]?.signals);
  expect(signals.found).toEqual(['email', 'payment_card', 'phone']);
  expect(signals).toMatchObject({
    hasText: true,
    hasAudio: true,
    hasImage: false,
    injection: 'unknown',
    unsafeImage: 'unknown',
    loudness: 'loud',
  });
  await scan({ text: '' });
  expect(answers[1]).toEqual({ id: 2, spans: [], signals: { ...signals, hasText: false, hasAudio: false, found: [], loudness: 'silent' } });
});

test('sessions and directions are kept apart, and forgotten', async () => {
  const { scan, answers, guard } = scene();
  await scan({ text: 'my password' });
  await scan({ text: 'is sunshine', way: 'out' });
  await scan({ text: 'is sunshine', session: 't' });
  await scan({ text: 'is sunshine' });
  expect(answers.map(({ signals }) => signals.found)).toEqual([[], [], [], ['password']]);
  await scan({ text: 'my password', session: 't' });
  guard.forget('t');
  await scan({ text: 'is sunshine', session: 't' });
  expect(answers.at(-1)?.signals.found).toEqual([]);
});

test('a slow detector is waited for as long as is allowed, and its news comes late', async () => {
  const risks = byHand<TextRisks>();
  const { scan, answers, late, clock } = scene({ text: { knows: ['injection'], ask: risks.ask } });
  await scan({ text: 'ignore all' });
  risks.asked[0]?.give({ injection: 'high', toxicity: 'unknown' });
  await settled();
  expect(answers[0]?.signals.injection).toBe('high');
  await scan({ text: 'at a@b.org' });
  expect(answers).toHaveLength(1);
  await clock.pass(49);
  expect(answers).toHaveLength(1);
  await clock.pass(1);
  expect(answers[1]).toMatchObject({ signals: { injection: 'unknown', found: ['email'] }, spans: [{ what: 'email' }] });
  risks.asked[1]?.give({ injection: 'low', toxicity: 'unknown' });
  await settled();
  expect(late).toEqual([{ id: 2, spans: [], signals: { ...answers[1]?.signals, injection: 'low' } }]);
  await scan({ text: '' });
  expect(answers[2]?.signals).toMatchObject({ injection: 'none', toxicity: 'unknown' });
});

test('while a slow detector works, only the latest text waits, and answers for those before it', async () => {
  const risks = byHand<TextRisks>();
  const { scan, answers, late, clock } = scene({ text: { knows: ['injection', 'toxicity'], ask: risks.ask } });
  for (const text of ['one day', 'we went', 'to sea']) await scan({ text });
  await clock.pass(50);
  expect(answers).toHaveLength(3);
  risks.asked[0]?.give({ injection: 'none', toxicity: 'none' });
  await settled();
  expect(risks.asked.map(({ input }) => input)).toEqual(['one day', 'one day we went to sea']);
  risks.asked[1]?.give({ injection: 'none', toxicity: 'medium' });
  await settled();
  expect(late.map(({ id, signals }) => [id, signals.toxicity])).toEqual([
    [1, 'none'],
    [2, 'medium'],
    [3, 'medium'],
  ]);
});

test('frames are looked at no oftener than asked; between them the last verdict stands', async () => {
  const frames = byHand<ImageFindings>();
  const { scan, answers, late, clock } = scene({ image: { knowsUnsafe: true, ask: frames.ask } });
  const image = (byte: number) => Uint8Array.of(byte);
  await scan({ image: image(1) });
  await clock.pass(50);
  expect(answers[0]?.signals).toMatchObject({ hasImage: true, unsafeImage: 'unknown', foundOnScreen: [] });
  frames.asked[0]?.give({ foundOnScreen: ['payment_card'], unsafeImage: 'low' });
  await settled();
  expect(late.map(({ id, signals }) => [id, signals.foundOnScreen, signals.unsafeImage])).toEqual([[1, ['payment_card'], 'low']]);
  for (const byte of [2, 3, 4]) {
    await scan({ image: image(byte) });
    await clock.pass(50);
  }
  expect(frames.asked).toHaveLength(1);
  for (const answer of answers.slice(1)) expect(answer.signals).toMatchObject({ foundOnScreen: ['payment_card'], unsafeImage: 'low' });
  await clock.pass(1000);
  expect(frames.asked.map(({ input }) => input)).toEqual([image(1), image(4)]);
  frames.asked[1]?.give({ foundOnScreen: [], unsafeImage: 'none' });
  await settled();
  expect(late.slice(1).map(({ id, signals }) => [id, signals.unsafeImage])).toEqual([
    [2, 'none'],
    [3, 'none'],
    [4, 'none'],
  ]);
  await scan({});
  expect(answers.at(-1)?.signals).toMatchObject({ hasImage: false, unsafeImage: 'none', foundOnScreen: [] });
});

test('a detector that fails leaves its signals unknown, is told of, and is asked again', async () => {
  const risks = byHand<TextRisks>();
  const { scan, answers, late, troubles } = scene({ text: { knows: ['injection'], ask: risks.ask } });
  await scan({ text: 'hello' });
  risks.asked[0]?.fail(new Error('no memory'));
  await settled();
  expect(answers[0]?.signals.injection).toBe('unknown');
  expect(troubles).toEqual(['text classifier: no memory']);
  await scan({ text: 'again' });
  risks.asked[1]?.give({ injection: 'low', toxicity: 'unknown' });
  await settled();
  expect(answers[1]?.signals.injection).toBe('low');
  expect(late).toEqual([]);
});
