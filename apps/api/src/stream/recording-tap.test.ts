import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import { TICK_MS, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { Outgoing } from '@wheelhouse/session/tick-state';
import { describe, expect, it } from 'vitest';
import { RecordingTap } from './recording-tap.ts';
import type { RecordedSpan } from './thread-messages.ts';

const sound = (value: number) => new Int16Array(TICK_SAMPLES).fill(value);
const answer = (tick: number, value: number | null, yielded = false): TickAnswer => ({
  tick,
  audio: value === null ? null : sound(value),
  said: '',
  heard: [],
  yielded,
});
const frame = (kind: Outgoing['kind'], left = true): Outgoing => ({ kind, payload: new Uint8Array(), left });

/** A session that was recorded: how many samples of each value are in each tick of a track. */
function session(play: (tap: RecordingTap) => void): (track: 'in' | 'out', tick: number) => Record<number, number> {
  const spans: RecordedSpan[] = [];
  const tap = new RecordingTap(0, (some) => spans.push(...some));
  play(tap);
  return (track, tick) => {
    const span = spans.find((one) => one.track === track && one.fromTick <= tick && tick < one.toTick);
    const samples = span?.samples.subarray((tick - span.fromTick) * TICK_SAMPLES, (tick + 1 - span.fromTick) * TICK_SAMPLES) ?? [];
    return Object.fromEntries([...Map.groupBy(samples, (sample) => sample)].map(([value, some]) => [value, some.length]));
  };
}

describe('what is taken down of a session', () => {
  it('is what left, not what was withheld', () => {
    const heard = session((tap) => {
      tap.began(0, sound(1), 0);
      tap.answered(answer(0, 5), [frame('audio')], 10);
      tap.began(1, sound(2), TICK_MS);
      tap.answered(answer(1, 6), [frame('audio', false)], TICK_MS + 10);
      tap.close(3 * TICK_MS);
    });
    expect([heard('in', 0), heard('in', 1)]).toEqual([{ 1: TICK_SAMPLES }, { 2: TICK_SAMPLES }]);
    expect([heard('out', 0), heard('out', 1)]).toEqual([{ 5: TICK_SAMPLES }, { 0: TICK_SAMPLES }]);
  });

  it('ends where the engine yields, before what it says next', () => {
    const heard = session((tap) => {
      tap.began(0, sound(1), 0);
      tap.answered(answer(0, 5), [frame('audio')], 100);
      tap.began(1, sound(1), TICK_MS);
      tap.answered(answer(1, 6, true), [frame('event'), frame('audio')], TICK_MS + 50);
      tap.close(3 * TICK_MS);
    });
    // 150 ms after it left, the rest of the first is dropped.
    expect(heard('out', 0)).toEqual({ 0: 50 * 16, 5: 150 * 16 });
    expect(heard('out', 1)).toEqual({ 6: TICK_SAMPLES });
  });

  it('goes on where the yield itself was withheld', () => {
    const heard = session((tap) => {
      tap.began(0, sound(1), 0);
      tap.answered(answer(0, 5), [frame('audio')], 100);
      tap.began(1, sound(1), TICK_MS);
      tap.answered(answer(1, null, true), [frame('event', false)], TICK_MS + 50);
      tap.close(3 * TICK_MS);
    });
    expect(heard('out', 0)).toEqual({ 5: TICK_SAMPLES });
  });

  it('is cut where the client went, and leaves out a frame that was cut off with its connection', () => {
    const cut = session((tap) => {
      tap.began(0, sound(1), 0);
      tap.answered(answer(0, 5), [frame('audio')], 100);
      tap.close(150);
    });
    expect(cut('out', 0)).toEqual({ 0: 150 * 16, 5: 50 * 16 });
    const lost = session((tap) => {
      tap.began(0, sound(1), 0);
      tap.answered(answer(0, 5), [frame('audio')], 0);
      tap.began(1, sound(1), TICK_MS);
      tap.answered(answer(1, 6), [frame('audio')], TICK_MS);
      tap.lostUnderWay();
      tap.close(3 * TICK_MS);
    });
    expect([lost('out', 0), lost('out', 1)]).toEqual([{ 5: TICK_SAMPLES }, { 0: TICK_SAMPLES }]);
    const words = session((tap) => {
      tap.began(0, sound(1), 0);
      tap.answered(answer(0, 5), [frame('audio'), frame('text')], 0);
      tap.lostUnderWay();
      tap.close(3 * TICK_MS);
    });
    expect(words('out', 0)).toEqual({ 5: TICK_SAMPLES });
  });

  it('is handed over every five seconds', () => {
    const sizes: number[] = [];
    const tap = new RecordingTap(100, (spans) => sizes.push(...spans.map(({ fromTick, toTick }) => toTick - fromTick)));
    for (let tick = 100; tick < 151; tick += 1) tap.began(tick, sound(1), tick * TICK_MS);
    expect(sizes).toEqual([25, 25, 25, 25]);
  });
});
