import { gateWord } from '@wheelhouse/gate/gate-word';
import type { Level } from '@wheelhouse/protocol/level';
import { describe, expect, it } from 'vitest';
import { CheckpointLine, now } from './checkpoint-line.fixture.ts';
import { admitText } from './inbox.ts';
import { receiveInput } from './tick.ts';
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
    if (text === 'INJECT') expect(line.asks).toEqual([{ what: 'input', text }]);
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
    const approve = () => {
      const { record } = line.ticks;
      if (record === null) throw new Error('no tick runs');
      const outcome = { late: null, left: [], spoken: [], decided: [], notices: [], asks: [], segment: null };
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
