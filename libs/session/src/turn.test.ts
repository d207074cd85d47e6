import { gateWord } from '@wheelhouse/gate/gate-word';
import { describe, expect, it } from 'vitest';
import { CheckpointLine } from './checkpoint-line.fixture.ts';
import { joinExtra } from './tick-extra.ts';

const heardIn = (line: CheckpointLine) => line.open().extra?.heardMs;

/** The engine says so many ticks of one turn, each judged at once. */
function says(line: CheckpointLine, ticks: number): void {
  for (let tick = 0; tick < ticks; tick += 1) {
    line.open();
    line.say('word');
    line.scanned();
  }
}

describe('what an engine that is cut off is told of what was heard', () => {
  it('is nothing where all of it left', () => {
    const line = new CheckpointLine({});
    says(line, 3);
    line.open();
    line.say('', { yielded: true });
    expect(heardIn(line)).toBeUndefined();
  });

  it('leaves out what was held back when the person took the floor', () => {
    const line = new CheckpointLine({ holdBack: 2 });
    says(line, 5);
    line.open();
    line.say('', { yielded: true });
    expect(heardIn(line)).toBe(600);
  });

  it('leaves out what an order withheld', () => {
    const line = new CheckpointLine({});
    says(line, 2);
    line.table.setGate(0, gateWord(['mute'], 3));
    says(line, 3);
    line.table.setGate(0, gateWord([], 3));
    says(line, 1);
    line.open();
    line.say('', { yielded: true });
    expect(heardIn(line)).toBe(600);
  });

  it('comes with the silence that policy asks for', () => {
    const line = new CheckpointLine({ holdBack: 1 });
    says(line, 3);
    line.open();
    line.say('TOXIC');
    line.scanned();
    const told = [line.open().extra, line.open().extra].filter((extra) => extra !== undefined);
    expect(told).toEqual([expect.objectContaining({ hush: true, heardMs: 600 })]);
  });

  it('counts each turn for itself, also where the end of the one before has not left yet', () => {
    const line = new CheckpointLine({ holdBack: 2 });
    says(line, 3);
    line.open();
    line.say('end', { extra: { turnEnded: true } });
    line.open();
    line.say('next');
    line.scanned();
    line.open();
    line.say('', { yielded: true });
    expect(heardIn(line)).toBe(0);
    says(line, 1);
    for (let tick = 0; tick < 3; tick += 1) {
      line.open();
      line.say('');
    }
    line.open();
    line.say('', { yielded: true });
    expect(heardIn(line)).toBeUndefined();
  });

  it('takes the word of whoever heard less', () => {
    expect(joinExtra({ heardMs: 400 }, { heardMs: 900 }).heardMs).toBe(400);
    expect(joinExtra({ heardMs: 400 }, { hush: true }).heardMs).toBe(400);
    expect(joinExtra({}, {})).not.toHaveProperty('heardMs');
  });
});
