import { TICK_MS, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Span, Track } from './track.ts';

const sound = (value: number, length = TICK_SAMPLES) => new Int16Array(length).fill(value);
const atTick = (tick: number, offsetMs = 0) => tick * TICK_MS + offsetMs;

/** What stands in a tick of these spans: runs of equal samples, as value and length. */
function runsIn(spans: readonly Span[], tick: number): (readonly [value: number, length: number])[] {
  const span = spans.find(({ fromTick, toTick }) => fromTick <= tick && tick < toTick);
  const runs: [number, number][] = [];
  for (const sample of span?.samples.subarray((tick - span.fromTick) * TICK_SAMPLES, (tick + 1 - span.fromTick) * TICK_SAMPLES) ?? []) {
    const last = runs.at(-1);
    if (last?.[0] === sample) last[1] += 1;
    else runs.push([sample, 1]);
  }
  return runs;
}

/** What happens in one tick: how much audio is put or played, when, and whether the client is told to drop it, when. */
const Step = fc.record({
  skipped: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) }),
  samples: fc.oneof(fc.constant(0), fc.constant(TICK_SAMPLES), fc.integer({ min: 1, max: 3 * TICK_SAMPLES })),
  leavesMs: fc.integer({ min: 0, max: 190 }),
  cutMs: fc.option(fc.integer({ min: 0, max: 199 }), { freq: 10 }),
});

/** Every tick that began is in exactly one span, at its place; every span is exactly as long as its ticks. */
function expectExact(spans: readonly Span[], ticks: readonly number[]): void {
  const covered = spans.flatMap(({ fromTick, toTick }) => Array.from({ length: toTick - fromTick }, (_, i) => fromTick + i));
  expect(covered).toEqual(ticks);
  for (const { fromTick, toTick, samples } of spans) expect(samples.length).toBe((toTick - fromTick) * TICK_SAMPLES);
}

describe('a track', () => {
  it('has exactly 200 ms for each tick, whatever is put into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.array(Step, { maxLength: 80 }), (first, steps) => {
        const track = new Track(first, 25);
        const spans: Span[] = [];
        const ticks: number[] = [];
        const put = new Map<number, number>();
        let tick = first - 1;
        for (const { skipped, samples } of steps) {
          tick += 1 + skipped;
          ticks.push(tick);
          track.begin(tick, atTick(tick));
          track.put(sound((tick % 1000) + 1, samples));
          put.set(tick, Math.min(samples, TICK_SAMPLES));
          spans.push(...track.take());
        }
        spans.push(...track.close());
        expectExact(spans, ticks);
        for (const [at, length] of put) {
          const runs = [[(at % 1000) + 1, length] as const, [0, TICK_SAMPLES - length] as const];
          expect(runsIn(spans, at)).toEqual(runs.filter(([, count]) => count > 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has exactly 200 ms for each tick, whatever is played, dropped and lost', () => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 80 }), (steps) => {
        const track = new Track(0, 10);
        const spans: Span[] = [];
        const ticks: number[] = [];
        let tick = -1;
        for (const { skipped, samples, leavesMs, cutMs } of steps) {
          tick += 1 + skipped;
          ticks.push(tick);
          track.begin(tick, atTick(tick));
          if (samples > 0) track.play(sound(7, samples), atTick(tick, leavesMs));
          if (cutMs !== null) track.cut(atTick(tick, Math.max(leavesMs, cutMs)));
          spans.push(...track.take());
        }
        spans.push(...track.close());
        expectExact(spans, ticks);
      }),
      { numRuns: 200 },
    );
  });

  it('of a 60 minute session is 60 minutes long, and each sound is where it belongs in the last minute as in the first', () => {
    const minutes = 60;
    const ticks = (minutes * 60_000) / TICK_MS;
    fc.assert(
      fc.property(fc.infiniteStream(Step), (steps) => {
        const track = new Track(0, 25);
        let samples = 0;
        let next = 0;
        const take = (spans: readonly Span[]) => {
          for (const span of spans) {
            expect(span.fromTick).toBe(next);
            next = span.toTick;
            samples += span.samples.length;
            for (let tick = span.fromTick; tick < span.toTick; tick += 1) {
              const marker = span.samples[(tick - span.fromTick) * TICK_SAMPLES];
              if (marker !== 0 && marker !== (tick % 32_000) + 1)
                throw new Error(`tick ${tick} begins with the sound of another: ${marker ?? ''}`);
            }
          }
        };
        let tick = 0;
        for (const { samples: length } of steps) {
          if (tick === ticks) break;
          track.begin(tick, atTick(tick));
          track.put(sound((tick % 32_000) + 1, length));
          take(track.take());
          tick += 1;
        }
        take(track.close());
        expect(samples / 16_000).toBe(minutes * 60);
      }),
      { numRuns: 3 },
    );
  });

  it('keeps of a sound what could be heard until the client was told to drop it', () => {
    const track = new Track(0, 25);
    track.begin(0, atTick(0));
    track.play(sound(1), atTick(0, 30));
    track.begin(1, atTick(1));
    track.play(sound(2), atTick(1, 10));
    // The first ends at 230 ms, the second starts then: of it, 50 ms are heard.
    track.cut(atTick(1, 80));
    track.begin(2, atTick(2));
    const spans = track.close();
    expect(runsIn(spans, 0)).toEqual([[1, TICK_SAMPLES]]);
    expect(runsIn(spans, 1)).toEqual([
      [2, 50 * 16],
      [0, TICK_SAMPLES - 50 * 16],
    ]);
    expect(runsIn(spans, 2)).toEqual([[0, TICK_SAMPLES]]);
  });

  it('takes back the end of the tick before as well, when the order comes early in the next', () => {
    const track = new Track(0, 1);
    track.begin(0, atTick(0));
    track.play(sound(1), atTick(0, 100));
    track.begin(1, atTick(1));
    expect(track.take()).toEqual([]);
    track.cut(atTick(1, 20));
    track.begin(2, atTick(2));
    expect(runsIn(track.take(), 0)).toEqual([
      [1, 120 * 16],
      [0, 80 * 16],
    ]);
  });

  it('forgets a sound that never arrived whole', () => {
    const track = new Track(0, 25);
    track.begin(0, atTick(0));
    track.play(sound(1), atTick(0, 10));
    track.begin(1, atTick(1));
    track.play(sound(2), atTick(1, 10));
    track.unplay();
    const spans = track.close();
    expect(runsIn(spans, 0)).toEqual([[1, TICK_SAMPLES]]);
    expect(runsIn(spans, 1)).toEqual([[0, TICK_SAMPLES]]);
  });

  it('plays what is longer than a tick on into the next, as a client does, and at most three seconds of it', () => {
    const track = new Track(0, 100);
    track.begin(0, atTick(0));
    track.play(sound(1, TICK_SAMPLES + 100), atTick(0));
    track.begin(1, atTick(1));
    track.play(sound(2), atTick(1));
    track.play(sound(3, 100 * TICK_SAMPLES), atTick(1));
    for (let tick = 2; tick < 40; tick += 1) track.begin(tick, atTick(tick));
    const spans = track.close();
    expect(runsIn(spans, 1)).toEqual([
      [1, 100],
      [2, TICK_SAMPLES - 100],
    ]);
    expect(runsIn(spans, 16)).toEqual([[3, TICK_SAMPLES]]);
    expect(runsIn(spans, 17)).toEqual([[0, TICK_SAMPLES]]);
  });
});
