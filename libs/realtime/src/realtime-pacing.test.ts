import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { type PacedInput, RealtimePacing } from './realtime-pacing.ts';

/** A session that takes a second of audio and hears a tick's worth of it each tick. */
class Session {
  held = 0;
  readonly got: string[] = [];
  readonly heard: number[] = [];
  readonly pacing: RealtimePacing;
  #samples: number[] = [];

  constructor() {
    this.pacing = new RealtimePacing({
      room: () => 16_000 - this.held,
      take: (input) => {
        this.#take(input);
        return null;
      },
    });
  }

  #take(input: PacedInput): void {
    if (input.type === 'audio') {
      this.held += input.samples.length;
      expect(this.held).toBeLessThanOrEqual(16_000);
      this.#samples.push(...input.samples);
    } else this.got.push(input.type === 'text' ? input.text : input.type);
  }

  tick(): void {
    const heard = this.#samples.splice(0, TICK_SAMPLES);
    this.heard.push(...heard);
    this.held -= heard.length;
    this.pacing.tick();
  }
}

const sound = (length: number, from = 0): PacedInput => ({
  type: 'audio',
  samples: Int16Array.from({ length }, (_, n) => (from + n) % 30_000),
});
const respond: PacedInput = { type: 'extra', part: { respond: true } };

test('a recording sent at once is heard whole, in order, at the speed of speech; the answer is asked for after it', () => {
  const session = new Session();
  expect(session.pacing.put(sound(40_000))).toEqual([]);
  session.pacing.put({ type: 'text', text: 'typed' });
  session.pacing.put(respond);
  for (let n = 0; n < 12; n += 1) {
    session.tick();
    expect(session.got.includes('extra')).toBe(session.heard.length === 40_000);
  }
  for (let n = 0; n < 3; n += 1) session.tick();
  expect(session.heard).toEqual([...Int16Array.from({ length: 40_000 }, (_, n) => n % 30_000)]);
  expect(session.got).toEqual(['typed', 'extra']);
  expect(session.pacing.waiting).toBe(false);
});

test('while nothing waits, input goes straight on', () => {
  const session = new Session();
  session.pacing.put(sound(640));
  session.pacing.put({ type: 'text', text: 'a' });
  expect(session.held).toBe(640);
  expect(session.got).toEqual(['a']);
});

test('an answer is asked for although the client goes on sending', () => {
  const session = new Session();
  session.pacing.put(sound(3200));
  session.pacing.put(respond);
  for (let n = 0; n < 3; n += 1) {
    session.pacing.put(sound(3200));
    session.tick();
  }
  expect(session.got).toEqual(['extra']);
});

test('eight texts and one image a tick', () => {
  const session = new Session();
  for (let n = 0; n < 10; n += 1) session.pacing.put({ type: 'text', text: String(n) });
  expect(session.got.length).toBe(8);
  session.tick();
  expect(session.got.length).toBe(10);
  const jpeg = Uint8Array.of(1);
  session.pacing.put({ type: 'image', jpeg });
  session.pacing.put({ type: 'image', jpeg });
  expect(session.got.filter((one) => one === 'image').length).toBe(1);
});

test('a minute may wait, and no more; what waits can be dropped, and so can the answer', () => {
  const session = new Session();
  for (let n = 0; n < 60; n += 1) expect(session.pacing.put(sound(16_000))).toEqual([]);
  expect(session.pacing.put(sound(16_000))[0]).toContain('60 seconds');
  session.pacing.put(respond);
  session.pacing.dropAudio();
  session.pacing.dropRespond();
  expect(session.pacing.waiting).toBe(false);
  expect(session.pacing.put(sound(100))).toEqual([]);
});

test('whatever comes, nothing is lost, doubled or overtaken', () => {
  const input = fc.oneof(fc.integer({ min: 0, max: 9000 }), fc.constant('text'), fc.constant('respond'), fc.constant('tick'));
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (list) => {
      const session = new Session();
      let sent = 0;
      const asked: string[] = [];
      for (const one of list) {
        if (typeof one === 'number') {
          session.pacing.put(sound(one, sent));
          sent += one;
        } else if (one === 'tick') session.tick();
        else {
          session.pacing.put(one === 'text' ? { type: 'text', text: 'text' } : respond);
          asked.push(one === 'text' ? 'text' : 'extra');
        }
      }
      for (let n = 0; n < 400; n += 1) session.tick();
      expect(session.heard.length).toBe(sent);
      expect(session.heard.every((value, n) => value === n % 30_000)).toBe(true);
      expect(session.got).toEqual(asked);
    }),
    { numRuns: 60 },
  );
});
