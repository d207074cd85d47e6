import { TICK_MS, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeardSound } from './heard-sound.ts';

const SPAN_TICKS = 3;
const sound = (value: number) => new Int16Array(TICK_SAMPLES).fill(value);

describe('what a client heard of two voices', () => {
  it('is both at once, tick by tick, whoever spoke when', () => {
    const someone = fc.constantFrom(null, 100, 20_000, -30_000);
    fc.assert(
      fc.property(fc.array(fc.tuple(someone, someone), { minLength: 1, maxLength: 12 }), (ticks) => {
        const heard = new HeardSound(0, SPAN_TICKS);
        const spans = ticks.flatMap(([engine, human], tick) => {
          const now = tick * TICK_MS;
          heard.begin(tick, now);
          if (engine !== null) heard.play('engine', sound(engine), now);
          if (human !== null) heard.play('human', sound(human), now);
          return heard.take();
        });
        spans.push(...heard.close());
        expect(spans.map(({ fromTick }) => fromTick)).toEqual([...spans.keys()].map((i) => i * SPAN_TICKS));
        const laid = spans.flatMap(({ samples }) => [...samples].filter((_, i) => i % TICK_SAMPLES === 0));
        expect(laid).toEqual(ticks.map(([one, other]) => Math.max(-32_768, Math.min(32_767, (one ?? 0) + (other ?? 0)))));
      }),
      { numRuns: 60 },
    );
  });

  it("loses of the engine's voice what an order drops, and nothing of the human's", () => {
    const heard = new HeardSound(0, SPAN_TICKS);
    heard.begin(0, 0);
    heard.play('engine', sound(5), 0);
    heard.play('human', sound(2), 0);
    heard.cut('engine', TICK_MS / 2);
    const [span] = heard.close();
    expect([span?.samples[0], span?.samples[TICK_SAMPLES - 1]]).toEqual([7, 2]);
  });
});
