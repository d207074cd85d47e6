import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TickExtra } from '@wheelhouse/protocol/engine-tick';
import { base64OfBytes, bytesOfSamples } from './audio-base64.ts';
import { Line } from './upstream-line.fixture.ts';
import { addText, endText, noText, wordsUntil } from './upstream-words.ts';

const RESPONSES = ['r0', 'r1', 'r2', 'r3'];
const ITEMS = ['i0', 'i1', 'i2', 'i3', 'i4'];
const response = fc.constantFrom(...RESPONSES);
const item = fc.constantFrom(...ITEMS);

/** What an upstream may send, true or not, and what may happen to the session meanwhile. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('created' as const), response }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('item' as const), response, item }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('sound' as const), response, item, samples: fc.integer({ min: 1, max: 12_000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('words' as const), response, item }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sound done' as const), response, item }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('done' as const), response, status: fc.constantFrom('completed', 'cancelled', 'failed') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('speech' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lost' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Runs a story and keeps its own book: which sound was sent when, and up to where everything that was sent is cut off. */
class Story {
  readonly line = Line.ready();
  /** Every piece of sound that was sent, numbered by its samples' value. */
  readonly pieces: { readonly response: string; readonly item: string; readonly samples: number; readonly words: string }[] = [];
  /** Pieces below this number were sent before the last cut. */
  fence = 0;
  /** Numbers of what was handed out, in its order, with how many samples. */
  readonly out: { readonly piece: number; count: number }[] = [];
  readonly said: string[] = [];
  words = 0;
  wordFence = 0;

  play(one: Step): void {
    const { line } = this;
    switch (one.do) {
      case 'tick':
        this.tick();
        return;
      case 'created':
        line.hear({ type: 'response.created', response: { id: one.response } });
        return;
      case 'item':
        line.hear({ type: 'response.output_item.added', response_id: one.response, item: { id: one.item, type: 'message' } });
        return;
      case 'sound': {
        const value = this.pieces.length;
        this.pieces.push({ response: one.response, item: one.item, samples: one.samples, words: '' });
        const delta = base64OfBytes(bytesOfSamples(new Int16Array(one.samples).fill(value)));
        line.hear({ type: 'response.output_audio.delta', response_id: one.response, item_id: one.item, delta });
        return;
      }
      case 'words':
        line.say(one.response, one.item, { words: `w${this.words} ` });
        this.words += 1;
        return;
      case 'sound done':
        line.hear({ type: 'response.output_audio.done', response_id: one.response, item_id: one.item });
        return;
      case 'done':
        line.hear({ type: 'response.done', response: { id: one.response, status: one.status } });
        return;
      case 'speech':
        this.cut(() => {
          line.hear({ type: 'input_audio_buffer.speech_started', item_id: 'person' });
        });
        return;
      case 'hush':
        this.cut(() => {
          this.tick(true);
        });
        return;
      case 'lost':
        this.cut(() => {
          line.closed();
        });
        this.back();
        return;
    }
  }

  /** What was handed out of each item so far, in samples: what a truncation has to name. */
  played(id: string): number {
    const numbers = this.out.filter(({ piece }) => this.pieces[piece]?.item === id && piece >= this.fence);
    return numbers.reduce((sum, { count }) => sum + count, 0);
  }

  cut(act: () => void): void {
    const active = this.line.state.responses.length > 0;
    this.line.sent.length = 0;
    act();
    for (const { item_id, audio_end_ms } of this.line.take('conversation.item.truncate'))
      expect(audio_end_ms).toBe(Math.floor(this.played(item_id) / 24));
    const cancels = this.line.take('response.cancel').map(({ response_id }) => response_id);
    expect(new Set(cancels).size).toBe(cancels.length);
    this.fence = this.pieces.length;
    this.wordFence = this.words;
    expect(this.line.state.responses).toEqual([]);
    if (active && this.line.state.isTurnOver) expect(this.tick().extra?.turnEnded).toBe(true);
  }

  back(): void {
    for (let tick = 0; tick < 200 && this.line.state.link.phase === 'away'; tick += 1) this.tick();
    this.line.greet();
  }

  tick(hush = false) {
    const answer = this.line.tick(hush ? { extra: TickExtra.parse({ hush: true }) } : {});
    for (const value of answer.sound?.samples ?? []) {
      const last = this.out.at(-1);
      if (last?.piece === value) last.count += 1;
      else this.out.push({ piece: value, count: 1 });
    }
    if (answer.said !== '') this.said.push(answer.said);
    expect(answer.sound?.samples.length ?? 0).toBeLessThanOrEqual(4_800);
    for (const { piece } of this.out.slice(-4_800))
      if (answer.sound?.samples.includes(piece) === true) expect(piece).toBeGreaterThanOrEqual(this.fence);
    for (const word of answer.said.split(' ').filter((one) => one !== ''))
      expect(Number(word.slice(1))).toBeGreaterThanOrEqual(this.wordFence);
    return answer;
  }
}

it('after any cut, nothing that was sent before it is ever handed out, whatever an upstream sends; and cuts name what was played', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const story = new Story();
      for (const one of steps) story.play(one);
    }),
    { numRuns: 400 },
  );
});

it('hands out each piece of sound at most once, whole where it goes on to the next, and never two pieces out of their order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const story = new Story();
      for (const one of steps) story.play(one);
      for (let tick = 0; tick < 40; tick += 1) story.tick();
      const numbers = story.out.map(({ piece }) => piece);
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const [i, { piece, count }] of story.out.entries()) {
        const sent = story.pieces[piece];
        expect(count).toBeLessThanOrEqual(sent?.samples ?? 0);
        const next = story.pieces[story.out[i + 1]?.piece ?? -1];
        // A piece that is followed by another of the same item was handed out to its last sample.
        if (next?.item === sent?.item && next?.response === sent?.response && (story.out[i + 1]?.piece ?? 0) < story.fence) continue;
        if (next !== undefined && next.item === sent?.item && next.response === sent.response && piece >= story.fence)
          expect(count).toBe(sent.samples);
      }
    }),
    { numRuns: 200 },
  );
});

it('plays an honest response to its last sample and word, however it is cut into pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.constantFrom('', 'so ', 'on ', 'and ', 'f', 'orth ')), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 40 }),
      (pieces, ticks) => {
        const line = Line.ready();
        line.begin('r', 'a');
        for (const [at, [samples, words]] of pieces.entries()) {
          line.say('r', 'a', { samples, words, value: at + 1 });
          line.ticks(ticks[at] ?? 0);
        }
        line.end('r', 'a');
        line.ticks(90);
        const all = line.sounds.flatMap((samples) => [...samples]);
        expect(all).toEqual(pieces.flatMap(([samples], at) => new Array<number>(samples).fill(at + 1)));
        const words = pieces
          .map(([, text]) => text)
          .join('')
          .trim()
          .split(/\s+/)
          .join(' ');
        expect(line.said).toBe(words);
        expect(line.answers.filter(({ extra }) => extra?.turnEnded === true)).toHaveLength(1);
        expect(line.answers.some(({ yielded }) => yielded)).toBe(false);
        expect(line.kept).toEqual(words === '' ? [] : [words]);
      },
    ),
    { numRuns: 100 },
  );
});

it('keeps in its history exactly the words that were handed out before a cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.constantFrom('speech', 'hush', 'lost'), (ticks, how) => {
      const line = Line.ready();
      line.begin('r', 'a');
      line.say('r', 'a', {
        samples: 24_000 * 4,
        words: 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen',
      });
      line.ticks(ticks);
      if (how === 'speech') line.hear({ type: 'input_audio_buffer.speech_started', item_id: 'u' });
      if (how === 'hush') line.tick({ extra: TickExtra.parse({ hush: true }) });
      if (how === 'lost') line.closed();
      const before = line.said;
      line.ticks(5);
      expect(line.said).toBe(before);
      expect(line.kept).toEqual(before === '' ? [] : [before]);
    }),
  );
});

it('tells every word of a transcript once and in order, wherever its sound ends', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.array(fc.integer({ min: 0, max: 50_000 })), (deltas, untils) => {
      let text = noText;
      const told: string[] = [];
      for (const [at, delta] of deltas.entries()) {
        text = addText(text, delta, (untils[at] ?? 0) * at);
        const some = wordsUntil(text, { until: untils[at] ?? 0, total: null, isOver: false });
        text = some.text;
        told.push(some.said);
      }
      text = endText(text);
      for (let round = 0; round < 3; round += 1) {
        const rest = wordsUntil(text, { until: 0, total: 1, isOver: true });
        text = rest.text;
        told.push(rest.said);
      }
      expect(told.join('').replaceAll(/\s/g, '')).toBe(deltas.join('').replaceAll(/\s/g, ''));
    }),
  );
});
