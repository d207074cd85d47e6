import { describe, expect, it } from 'vitest';
import { TickExtra } from '@wheelhouse/protocol/engine-tick';
import { EngineConfig } from '@wheelhouse/protocol/tool-call';
import { Line, soundOf } from './upstream-line.fixture.ts';

const extra = (part: Partial<TickExtra>): TickExtra => TickExtra.parse(part);
const config = (part: Partial<EngineConfig> = {}): EngineConfig => ({
  instructions: 'be kind',
  voice: 'cedar',
  tools: [],
  answers: true,
  ...part,
});

describe('pacing', () => {
  it('hands out sound that came at once as ticks of 200 ms, to the last sample, and then says that the turn is over', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 4_800 * 2 + 1_000, value: 7, words: 'one two three' });
    line.end('r', 'a');
    const answers = line.ticks(4);
    expect(answers.map(({ sound }) => sound?.samples.length ?? 0)).toEqual([4_800, 4_800, 1_000, 0]);
    expect(answers.map(({ extra: more }) => more?.turnEnded ?? false)).toEqual([false, false, true, false]);
    expect(line.said).toBe('one two three');
    expect(line.troubles).toEqual([]);
  });

  it('waits for a whole tick of sound while sound flows, and no longer than that', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 1_200 });
    expect(line.tick().sound).toBeNull();
    line.say('r', 'a', { samples: 1_200 });
    expect(line.tick().sound).toBeNull();
    expect(line.tick().sound?.samples.length).toBe(2_400);
  });

  it('does not run one item into another within a tick', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 100, value: 1 });
    line.hear({ type: 'response.output_audio.done', response_id: 'r', item_id: 'a' });
    line.hear({ type: 'response.output_audio_transcript.done', response_id: 'r', item_id: 'a' });
    line.hear({ type: 'response.output_item.added', response_id: 'r', item: { id: 'b', type: 'message' } });
    line.say('r', 'b', { samples: 100, value: 2 });
    line.end('r', 'b');
    const [first, second] = line.ticks(2);
    expect([...new Set(first?.sound?.samples)]).toEqual([1]);
    expect([...new Set(second?.sound?.samples)]).toEqual([2]);
    expect(first?.sound?.voice).not.toBe(second?.sound?.voice);
    expect(second?.extra?.turnEnded).toBe(true);
  });

  it('cuts a response off that is more than two minutes ahead', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    for (let second = 0; second < 121; second += 1) line.say('r', 'a', { samples: 24_000 });
    expect(line.troubles.join()).toMatch(/two minutes/);
    expect(line.take('response.cancel')).toHaveLength(1);
    expect(line.tick()).toMatchObject({ sound: null, extra: { turnEnded: true } });
  });

  it('tells an answer in text alone at once', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.hear({ type: 'response.output_text.delta', response_id: 'r', item_id: 'a', delta: 'in writing ' });
    expect(line.tick().said).toBe('in writing');
  });
});

describe('when the person speaks over it', () => {
  function interrupted(): Line {
    const line = Line.ready();
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 48_000, words: 'this is a long answer that nobody will hear to its end' });
    line.ticks(2);
    line.sent.length = 0;
    line.hear({ type: 'input_audio_buffer.speech_started', item_id: 'u' });
    return line;
  }

  it('yields in the next tick, drops the rest, and cuts the history down to what was played', () => {
    const line = interrupted();
    expect(line.take('conversation.item.truncate')).toMatchObject([{ item_id: 'a', content_index: 0, audio_end_ms: 400 }]);
    expect(line.tick()).toMatchObject({ yielded: true, sound: null, said: '', extra: { turnEnded: true } });
    line.hear({ type: 'response.done', response: { id: 'r', status: 'cancelled' } });
    const after = line.ticks(3);
    expect(after.some(({ yielded, extra: more, sound }) => yielded || more?.turnEnded === true || sound !== null)).toBe(false);
    // It interrupts itself: telling it to as well would only earn an error.
    expect(line.take('response.cancel')).toEqual([]);
  });

  it('passes nothing on of what still comes of it, and reports what comes after its end', () => {
    const line = interrupted();
    line.say('r', 'a', { samples: 9_600, words: 'late' });
    expect(line.troubles).toEqual([]);
    line.hear({ type: 'response.done', response: { id: 'r', status: 'cancelled' } });
    line.say('r', 'a', { samples: 9_600, words: 'later' });
    expect(line.troubles).toEqual([expect.stringMatching(/response that was over/)]);
    expect(line.ticks(3).every(({ sound, said }) => sound === null && said === '')).toBe(true);
  });

  it('tells an upstream to stop that does not do so by itself', () => {
    const line = interrupted();
    line.ticks(6);
    expect(line.take('response.cancel')).toMatchObject([{ response_id: 'r' }]);
    line.ticks(10);
    expect(line.take('response.cancel')).toEqual([]);
  });

  it('takes items that nobody heard anything of out of the history, also those that come too late', () => {
    const line = interrupted();
    line.hear({
      type: 'response.output_item.added',
      response_id: 'r',
      item: { id: 'b', type: 'function_call', call_id: 'c', name: 'pay' },
    });
    line.hear({
      ...{ type: 'response.function_call_arguments.done', response_id: 'r', item_id: 'b' },
      ...{ call_id: 'c', name: 'pay', arguments: '{}' },
    });
    expect(line.tick().extra?.calls).toEqual([]);
    line.hear({ type: 'response.done', response: { id: 'r', status: 'cancelled' } });
    expect(line.take('conversation.item.delete')).toMatchObject([{ item_id: 'b' }]);
  });

  it('cuts further down to what the client says was heard', () => {
    const line = interrupted();
    line.sent.length = 0;
    line.tick({ extra: extra({ heardMs: 150 }) });
    expect(line.take('conversation.item.truncate')).toMatchObject([{ item_id: 'a', audio_end_ms: 150 }]);
  });

  it('lets the next response through, and nothing under the old id', () => {
    const line = interrupted();
    line.hear({ type: 'response.done', response: { id: 'r', status: 'cancelled' } });
    line.tick();
    line.begin('r', 'again');
    line.say('r', 'again', { samples: 4_800, value: 9 });
    line.begin('s', 'b');
    line.say('s', 'b', { samples: 4_800, value: 5 });
    expect([...new Set(line.tick().sound?.samples)]).toEqual([5]);
    expect(line.troubles.join()).toMatch(/used before/);
  });
});

describe('when it is told to be silent', () => {
  it('cancels what is under way, once', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 48_000 });
    line.tick();
    expect(line.tick({ extra: extra({ hush: true, heardMs: 120 }) })).toMatchObject({
      yielded: true,
      sound: null,
      extra: { turnEnded: true },
    });
    expect(line.take('response.cancel')).toMatchObject([{ response_id: 'r' }]);
    expect(line.take('conversation.item.truncate').at(-1)).toMatchObject({ item_id: 'a', audio_end_ms: 120 });
    expect(line.tick({ extra: extra({ hush: true }) })).toMatchObject({ yielded: false });
    expect(line.take('response.cancel')).toEqual([]);
  });

  it('refuses the response that it had asked for before, and lets the one after it through', () => {
    const line = Line.ready();
    line.tick({ texts: ['hello'] });
    expect(line.take('response.create')).toHaveLength(1);
    line.tick({ extra: extra({ hush: true, respond: true }) });
    line.begin('old', 'a');
    expect(line.take('response.cancel')).toMatchObject([{ response_id: 'old' }]);
    line.say('old', 'a', { samples: 9_600, value: 1 });
    expect(line.tick().sound).toBeNull();
    line.hear({ type: 'response.done', response: { id: 'old', status: 'cancelled' } });
    line.begin('new', 'b');
    line.say('new', 'b', { samples: 4_800, value: 2 });
    expect([...new Set(line.tick().sound?.samples)]).toEqual([2]);
    expect(line.troubles).toEqual([]);
  });
});

describe('lies', () => {
  it.each([
    ['a response that was never announced', 'x', 'a'],
    ['an item that was never announced', 'r', 'x'],
    ['an item of another response', 's', 'a'],
  ])('passes nothing on of %s', (_, response, item) => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.end('r', 'a');
    line.tick();
    line.begin('s', 'b');
    line.say(response, item, { samples: 4_800, words: 'lie' });
    expect(line.tick()).toMatchObject({ sound: null, said: '' });
    expect(line.troubles).toHaveLength(1);
  });

  it('counts them instead of telling each', () => {
    const line = Line.ready();
    for (let lie = 0; lie < 500; lie += 1) line.say(`r${lie}`, 'a', { samples: 10 });
    expect(line.troubles).toHaveLength(1);
    line.ticks(51);
    line.say('once', 'more', { samples: 10 });
    expect(line.troubles[1]).toMatch(/499 more/);
  });

  it.each([
    'not json',
    '[]',
    '{}',
    '{"type":5}',
    '{"type":"response.output_audio.delta"}',
    '{"type":"response.created","response":{}}',
    '{"type":"response.done","response":null}',
  ])('reports %s and goes on', (text) => {
    const line = Line.ready();
    line.read(text);
    expect(line.troubles).toHaveLength(1);
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 4_800 });
    expect(line.tick().sound).not.toBeNull();
  });

  it('takes events that it does not know for what they are: none of its business', () => {
    const line = Line.ready();
    line.read('{"type":"rate_limits.updated","rate_limits":[]}');
    line.read('{"type":"something.new","x":1}');
    expect(line.troubles).toEqual([]);
  });

  it('plays no sound that is not PCM16', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    for (const delta of ['%%%', 'AAA', 'AAAA', soundOf(1, 5).slice(0, 3)])
      line.hear({ type: 'response.output_audio.delta', response_id: 'r', item_id: 'a', delta });
    expect(line.tick().sound).toBeNull();
    expect(line.troubles).toEqual([expect.stringMatching(/not PCM16/)]);
  });

  it('does not answer unasked where it may not', () => {
    const line = Line.ready();
    line.tick({ extra: extra({ config: config({ answers: false }) }) });
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 4_800 });
    expect(line.tick().sound).toBeNull();
    expect(line.take('response.cancel')).toMatchObject([{ response_id: 'r' }]);
  });
});
