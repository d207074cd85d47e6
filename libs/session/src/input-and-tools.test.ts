import { gateWord } from '@wheelhouse/gate/gate-word';
import type { Level } from '@wheelhouse/protocol/level';
import { NO_SIGNALS } from '@wheelhouse/protocol/signals';
import { describe, expect, it } from 'vitest';
import { CheckpointLine, now } from './checkpoint-line.fixture.ts';
import { admitImage, admitText } from './inbox.ts';
import { takeScan } from './tick.ts';
import { crowded, receiveExtra, receiveInput } from './tick-input.ts';
import { decision } from './tick-policy.fixture.ts';
import { sendCall } from './tool-checkpoint.ts';

const resultOf = (line: CheckpointLine) => line.open().extra?.results.map(({ call, output }) => `${call}: ${output}`);

describe('input before its checkpoint', () => {
  const typed = (text: string, level: Level = 3) => {
    const line = new CheckpointLine({}, level);
    admitText(line.ticks.inbox, text);
    receiveInput(line.ticks, line.way);
    return line;
  };

  it.each([
    ['hello', ['hello']],
    ['my SECRET is', ['my ██████ is']],
    ['TOXIC', []],
    ['INJECT', []],
  ])('%s reaches the engine as %j', (text, expected) => {
    const line = typed(text);
    line.scanned();
    expect(line.open().texts).toEqual(expected);
    if (text === 'INJECT') expect(line.asks).toEqual([{ what: 'input', part: { as: 'typed' }, text }]);
  });

  it('waits for detectors that are slow, and is refused where they say nothing at all', () => {
    const slow = typed('hello');
    expect(slow.open().texts).toEqual([]);
    slow.scanned();
    expect(slow.open().texts).toEqual(['hello']);
    const never = typed('hello');
    const got = Array.from({ length: 30 }, () => never.open().texts).flat();
    expect(got).toEqual([]);
    expect(never.notices).toContain('checkpoint');
  });
});

describe('pictures before their checkpoint', () => {
  const jpeg = (value: number) => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, value);
  const show = (line: CheckpointLine, ...values: number[]) => {
    for (const value of values) {
      admitImage(line.ticks.inbox, jpeg(value));
      receiveInput(line.ticks, line.way);
    }
  };
  const answer = (line: CheckpointLine, unsafeImage: 'none' | 'high') => {
    const [asked] = line.asked.splice(0, 1);
    takeScan(line.ticks, { id: asked?.id ?? 0, signals: { ...NO_SIGNALS, unsafeImage }, spans: [] }, false, { now, way: line.way });
  };
  const shown = (line: CheckpointLine) => line.outcomes.at(-1)?.shown;
  const strict = () => {
    const line = new CheckpointLine({});
    line.ticks.policy = { ...line.ticks.policy, input: ({ unsafeImage }) => decision(unsafeImage === 'high' ? 'deny' : 'allow', {}) };
    return line;
  };

  it('say when they came, and reach the engine in the tick after their verdict', () => {
    const line = strict();
    show(line, 1);
    expect(line.open().image).toBeUndefined();
    expect(shown(line)).toEqual([]);
    answer(line, 'none');
    expect(line.open().image).toEqual(jpeg(1));
    expect(shown(line)).toEqual([{ since: 0, image: jpeg(1) }]);
  });

  it('are carried no further where policy refuses them, or nobody looked at them in time', () => {
    const line = strict();
    show(line, 1, 2);
    answer(line, 'none');
    answer(line, 'high');
    expect(line.open().image).toEqual(jpeg(1));
    expect(shown(line)).toEqual([
      { since: 0, image: jpeg(1) },
      { since: 0, image: null },
    ]);
    show(line, 3);
    const inputs = Array.from({ length: 15 }, () => line.open().image);
    expect(inputs.every((image) => image === undefined)).toBe(true);
    expect(line.outcomes.slice(1).flatMap((outcome) => outcome.shown)).toEqual([{ since: 1, image: null }]);
  });

  it('give way to the last of a tick', () => {
    const line = strict();
    show(line, 1, 2);
    answer(line, 'none');
    answer(line, 'none');
    const { image } = line.open();
    expect(image).toEqual(jpeg(2));
    expect(shown(line)?.map((one) => one.image === image)).toEqual([false, true]);
  });
});

describe('words of a client before their checkpoint that it did not type', () => {
  const config = { instructions: '', voice: 'v', tools: [], answers: true };
  const given = (part: Parameters<typeof receiveExtra>[1]) => {
    const line = new CheckpointLine({});
    expect(receiveExtra(line.ticks, part, line.way)).toBeNull();
    return line;
  };
  const entered = (part: Parameters<typeof receiveExtra>[1]) => {
    const line = given(part);
    line.scanned();
    return { line, extra: line.open().extra };
  };

  it('lets instructions in with the rest of their configuration, masks in them what is to be masked, and keeps out what is denied', () => {
    expect(entered({ config: { ...config, instructions: 'Be kind.' } }).extra?.config).toEqual({ ...config, instructions: 'Be kind.' });
    expect(entered({ config: { ...config, instructions: 'Say SECRET.' } }).extra?.config?.instructions).toBe('Say ██████.');
    expect(entered({ config: { ...config, instructions: 'Be TOXIC.' } }).extra).toBeUndefined();
    expect(given({ config }).open().extra?.config).toEqual(config);
  });

  it('judges what a tool brought, and tells the engine of a result that may not reach it', () => {
    const results = (output: string) => entered({ results: [{ call: 'c1', output }] }).extra?.results;
    expect(results('12 degrees')).toEqual([{ call: 'c1', output: '12 degrees' }]);
    expect(results('a SECRET')).toEqual([{ call: 'c1', output: 'a ██████' }]);
    expect(results('TOXIC')?.map(({ call, output }) => `${call}: ${output}`)).toEqual([
      'c1: {"error":"denied","policies":["deny-it"],"problems":[]}',
    ]);
    const { line, extra } = entered({ results: [{ call: 'c1', output: 'INJECT' }] });
    expect(extra).toBeUndefined();
    expect(line.asks).toEqual([{ what: 'input', part: { as: 'result', call: 'c1' }, text: 'INJECT' }]);
  });

  it('keeps the order of words and of the wish for an answer, and lets nobody wait who wants silence', () => {
    const line = given({ said: [{ who: 'engine', text: 'one' }] });
    admitText(line.ticks.inbox, 'two');
    receiveInput(line.ticks, line.way);
    receiveExtra(line.ticks, { respond: true }, line.way);
    expect(line.open()).toMatchObject({ texts: [] });
    line.scanned();
    expect(line.open()).toMatchObject({ texts: ['two'], extra: { said: [{ who: 'engine', text: 'one' }], respond: true } });
    admitText(line.ticks.inbox, 'three');
    receiveInput(line.ticks, line.way);
    receiveExtra(line.ticks, { respond: true }, line.way);
    receiveExtra(line.ticks, { hush: true }, line.way);
    expect(line.open().extra).toMatchObject({ hush: true, respond: false });
    line.scanned();
    expect(line.open()).toMatchObject({ texts: ['three'] });
  });

  it('hands on what exceeds a tick with the next, and refuses a flood', () => {
    const line = new CheckpointLine({});
    const flood = Array.from({ length: 200 }, (_, n) => receiveExtra(line.ticks, { results: [{ call: `c${n}`, output: 'x' }] }, line.way));
    expect(flood.filter((refusal) => refusal === null)).toHaveLength(128);
    expect(flood.at(-1)).toMatchObject({ code: 'bad_event' });
    line.scanned();
    const got = Array.from({ length: 10 }, () => line.open().extra?.results ?? []);
    expect(Math.max(...got.map(({ length }) => length))).toBeLessThanOrEqual(16);
    expect(got.flat().map(({ call }) => call)).toEqual(Array.from({ length: 128 }, (_, n) => `c${n}`));
  });
});

describe('a flood of what has to be judged', () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0]);

  it('of pictures is refused, and taken again once they are judged', () => {
    const line = new CheckpointLine({});
    const show = () => {
      const refusal = crowded(line.ticks, 'image') ?? admitImage(line.ticks.inbox, jpeg);
      if (refusal === null) receiveInput(line.ticks, line.way);
      return refusal;
    };
    const flood = Array.from({ length: 100 }, show);
    expect(flood.filter((refusal) => refusal === null)).toHaveLength(32);
    expect(flood.at(-1)).toMatchObject({ code: 'bad_image' });
    expect(crowded(line.ticks, 'text')).toBeNull();
    line.scanned();
    while (line.ticks.input.waiting.length > 0) line.open();
    expect(show()).toBeNull();
  });

  it('of words is refused', () => {
    const line = new CheckpointLine({});
    const flood = Array.from({ length: 200 }, (_, n) => {
      const refusal = crowded(line.ticks, 'text') ?? admitText(line.ticks.inbox, `word ${n}`);
      if (refusal === null) receiveInput(line.ticks, line.way);
      return refusal;
    });
    expect(flood.filter((refusal) => refusal === null)).toHaveLength(128);
    expect(flood.at(-1)).toMatchObject({ code: 'bad_text' });
  });
});

describe('a tool call before its checkpoint', () => {
  const call = (name: string, level: Level, text = '{}') => {
    const line = new CheckpointLine({}, level);
    line.open();
    line.say('', { extra: { calls: [{ call: 'c1', name, arguments: text }] } });
    return line;
  };

  it('leaves where policy allows it', () => {
    expect(call('search', 3).sent.map(({ text }) => text)).toEqual(['{"type":"call","call":"c1","name":"search","arguments":"{}"}']);
  });

  it.each([
    ['denied by policy', call('forbidden', 3), 'denied'],
    ['whose arguments are no JSON', call('search', 3, '{"a":'), 'denied'],
  ])('%s goes back to the engine', (_, line, error) => {
    expect(line.sent).toEqual([]);
    expect(resultOf(line)).toEqual([expect.stringMatching(`^c1: .*${error}`)]);
  });

  it('waits for a human, and leaves when one approved it, but not through a closed gate', () => {
    const line = call('refund', 2);
    expect(line.sent).toEqual([]);
    expect(line.asks).toMatchObject([{ what: 'tool', call: { call: 'c1', name: 'refund' } }]);
    // The client is told under which id a human decides.
    const told = line.outcomes.flatMap(({ notices }) => notices.flatMap((event) => (event.type === 'checkpoint' ? [event.action] : [])));
    expect(told).toEqual(line.asks.map((ask) => (ask.what === 'tool' ? ask.action : '')));
    const approve = () => {
      const { record } = line.ticks;
      if (record === null) throw new Error('no tick runs');
      const outcome = { late: null, left: [], spoken: [], decided: [], shown: [], notices: [], asks: [], segment: null };
      return sendCall(line.ticks, { call: 'c1', name: 'refund', arguments: '{"n":1}' }, { record, now, way: line.way, outcome });
    };
    line.table.setGate(0, gateWord(['stop'], 2));
    expect(approve()).toBe(false);
    expect(line.sent).toEqual([]);
    expect(resultOf(line)).toEqual([expect.stringMatching(/^c1: .*withheld/)]);
    line.table.setGate(0, gateWord([], 2));
    expect(approve()).toBe(true);
    expect(line.sent.map(({ text }) => text)).toEqual(['{"type":"call","call":"c1","name":"refund","arguments":"{\\"n\\":1}"}']);
  });
});
