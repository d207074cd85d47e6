import { expect, test } from 'vitest';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import { type RelayEffect, type RelayState, type RelayStep, initialRelay, takeSpeech, takeTick, takeTranscript } from './relay-turns.ts';
import { estimateWords } from './speaking.ts';

/** A conversation driven by hand: `v` is a tick of voice, `.` one of silence. */
class Conversation {
  state: RelayState = initialRelay;
  effects: RelayEffect[] = [];
  isHearingIdle = true;
  #tick = 0;

  #follow(step: RelayStep): void {
    this.state = step.state;
    this.effects.push(...step.effects);
  }

  ticks(sounds: string, more: { texts?: string[]; whispers?: string[] } = {}): TickAnswer[] {
    return Array.from(sounds, (sound) => {
      // 3200 samples complete six windows of 512 and, every fourth tick, a seventh.
      const windows = Array.from({ length: this.#tick % 4 === 3 ? 7 : 6 }, () => (sound === 'v' ? 0.9 : 0.01));
      const audio = new Int16Array(TICK_SAMPLES).fill(sound === 'v' ? 1000 : 0);
      const step = takeTick(this.state, {
        tick: this.#tick,
        audio,
        windows,
        texts: more.texts ?? [],
        whispers: more.whispers ?? [],
        isHearingIdle: this.isHearingIdle,
      });
      this.#tick += 1;
      this.#follow(step);
      return step.answer;
    });
  }

  hears(utterance: number, text: string, final = true): void {
    this.#follow(takeTranscript(this.state, { utterance, text, final }));
  }

  speaks(reply: number, ticks: number, text = 'one two three four'): void {
    const audio = new Int16Array(ticks * TICK_SAMPLES).fill(7);
    this.#follow(takeSpeech(this.state, reply, { audio, words: estimateWords(text, audio.length) }));
  }

  fails(reply: number): void {
    this.#follow(takeSpeech(this.state, reply, null));
  }

  take(): RelayEffect[] {
    return this.effects.splice(0);
  }
}

const asked = (effects: readonly RelayEffect[]): string[] =>
  effects.map((effect) =>
    effect.type === 'synthesise' ? effect.text : `${effect.type}${effect.final ? ' final' : ''} ${effect.utterance}`,
  );

/** A conversation in which the relay has begun to speak a reply of the given ticks. */
function speaking(ticks: number): Conversation {
  const it = new Conversation();
  it.ticks('.vvv....');
  it.hears(0, 'good morning');
  it.take();
  it.speaks(0, ticks);
  it.ticks('.');
  return it;
}

test('an utterance is transcribed when it is over, with what came just before it, and repeated', () => {
  const it = new Conversation();
  it.isHearingIdle = false;
  it.ticks('...vvv..');
  expect(it.take()).toEqual([]);
  it.ticks('..');
  const [effect] = it.take();
  expect(effect).toMatchObject({ type: 'transcribe', utterance: 0, final: true });
  const audio = effect?.type === 'transcribe' ? effect.audio : new Int16Array(0);
  expect(audio.filter((sample) => sample !== 0).length).toBe(3 * TICK_SAMPLES);
  expect(audio.slice(0, 4_000).every((sample) => sample === 0)).toBe(true);
  it.hears(0, 'hello there');
  expect(asked(it.take())).toEqual(['You said: hello there']);
  it.speaks(0, 2);
  const said = it.ticks('...');
  expect(said.map(({ audio: out }) => out?.length ?? null)).toEqual([TICK_SAMPLES, TICK_SAMPLES, null]);
  expect(said.map((answer) => answer.said)).toEqual(['one two three', 'four', '']);
  expect(said[0]?.heard).toEqual([{ utterance: 0, text: 'hello there', final: true }]);
  expect(said[1]?.heard).toEqual([]);
});

test('a pause for thought of two ticks does not split the utterance', () => {
  const it = new Conversation();
  it.isHearingIdle = false;
  it.ticks('vvv..vvv....');
  expect(asked(it.take())).toEqual(['transcribe final 0']);
});

test('partials come about every 600 ms, one at a time, and only while hearing is idle', () => {
  const it = new Conversation();
  it.ticks('vvvvv');
  expect(asked(it.take())).toEqual(['transcribe 0']);
  it.ticks('vvvv');
  expect(asked(it.take())).toEqual([]);
  it.hears(0, 'so far', false);
  expect(it.ticks('v')[0]?.heard).toEqual([{ utterance: 0, text: 'so far', final: false }]);
  it.isHearingIdle = false;
  it.take();
  it.ticks('vvvv');
  expect(asked(it.take())).toEqual([]);
});

test('a partial that comes after its utterance ended is no news', () => {
  const it = new Conversation();
  it.ticks('vvvvv....');
  it.hears(0, 'late', false);
  expect(it.ticks('.')[0]?.heard).toEqual([]);
});

test('nothing heard, nothing said; and a partial that was shown is taken back', () => {
  const silent = new Conversation();
  silent.ticks('vv....');
  silent.take();
  silent.hears(0, '');
  expect(silent.take()).toEqual([]);
  expect(silent.ticks('.')[0]?.heard).toEqual([]);
  const shown = new Conversation();
  shown.ticks('vvvvv');
  shown.hears(0, 'uh', false);
  shown.ticks('....');
  shown.hears(0, '');
  expect(shown.ticks('.')[0]?.heard).toEqual([{ utterance: 0, text: '', final: true }]);
});

test('speech over the reply stops it in the tick that confirms it, and the rest is never said', () => {
  const it = speaking(20);
  const answers = it.ticks('.vv');
  expect(answers.map(({ yielded, audio }) => [yielded, audio === null])).toEqual([
    [false, false],
    [false, false],
    [true, true],
  ]);
  const rest = it.ticks('vv......');
  expect(rest.every(({ yielded, audio }) => !yielded && audio === null)).toBe(true);
});

test('a cough does not stop the reply', () => {
  const it = speaking(12);
  const answers = it.ticks('.v.....');
  expect(answers.every(({ yielded, audio }) => !yielded && audio !== null)).toBe(true);
});

test('a reply that was not begun when the person goes on is said together with what follows', () => {
  const it = new Conversation();
  it.isHearingIdle = false;
  it.ticks('vv....');
  it.take();
  it.hears(0, 'first thing');
  it.ticks('vv');
  it.speaks(0, 5);
  expect(it.ticks('....').every(({ audio, yielded }) => audio === null && !yielded)).toBe(true);
  it.take();
  it.hears(1, 'second thing');
  expect(asked(it.take())).toEqual(['You said: first thing second thing']);
});

test('typed text is repeated as written', () => {
  const it = new Conversation();
  it.ticks('.', { texts: ['my order is late', '  '] });
  expect(asked(it.take())).toEqual(['You wrote: my order is late']);
});

test('a whisper takes the place of the usual words once', () => {
  const it = new Conversation();
  it.ticks('.', { whispers: ['Let me read that back'] });
  it.ticks('.', { texts: ['one'] });
  it.speaks(0, 1);
  it.ticks('..', {});
  it.ticks('.', { texts: ['two'] });
  expect(asked(it.take())).toEqual(['Let me read that back: one', 'You wrote: two']);
});

test('when speaking fails the reply is dropped and the next one works', () => {
  const it = new Conversation();
  it.ticks('.', { texts: ['one'] });
  it.fails(0);
  it.ticks('.', { texts: ['two'] });
  expect(asked(it.take())).toEqual(['You wrote: one', 'You wrote: two']);
  it.speaks(1, 1);
  expect(it.ticks('.')[0]?.audio?.length).toBe(TICK_SAMPLES);
});

test('state stays bounded through a long call', () => {
  const it = new Conversation();
  it.ticks('v'.repeat(600), { texts: ['again and again'] });
  expect(it.state.sound.chunks.length).toBeLessThanOrEqual(104);
  expect(it.state.unspoken.length).toBeLessThanOrEqual(16);
  it.ticks('.'.repeat(10));
  expect(it.state.sound.chunks.length).toBeLessThanOrEqual(4);
});
