import { describe, expect, it } from 'vitest';
import { METER_HISTORY, nextMeter, type Meter } from './meter.ts';

describe('a meter', () => {
  it('carries the newest figures and a bounded past, oldest first', () => {
    let meter: Meter | null = null;
    for (let tick = 0; tick < 100; tick += 1) meter = nextMeter(meter, ['s', tick, tick * 2, tick / 100, 0, 768]);
    expect(meter).toMatchObject({ tick: 99, lastSequence: 198, levelIn: 0.99, word: 768 });
    expect(meter?.pastIn).toHaveLength(METER_HISTORY);
    expect(meter?.pastIn.at(-1)).toBe(0.99);
    expect(meter?.pastIn[0]).toBe((100 - METER_HISTORY) / 100);
  });
});
