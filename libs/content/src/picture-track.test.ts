import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packPictures, unpackPictures } from './picture-pack.ts';
import { type Picture, type PictureSpan, PictureTrack } from './picture-track.ts';

const seen = (tick: number, bytes = 3): Picture => ({ tick, arrived: tick, fate: 'seen', jpeg: new Uint8Array(bytes).fill(tick) });
const refused = (tick: number): Picture => ({ tick, arrived: tick, fate: 'refused', jpeg: null });

const Step = fc.record({
  skipped: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) }),
  shown: fc.array(fc.constantFrom('seen', 'refused'), { maxLength: 3 }),
});

describe('a track of pictures', () => {
  it('has every tick that ran in exactly one span, with its pictures in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.array(Step, { maxLength: 80 }), (first, steps) => {
        const track = new PictureTrack(first, 25);
        const spans: PictureSpan[] = [];
        const ticks: number[] = [];
        const put: Picture[] = [];
        let tick = first - 1;
        for (const { skipped, shown } of steps) {
          tick += 1 + skipped;
          ticks.push(tick);
          const pictures = shown.map((fate) => (fate === 'seen' ? seen(tick) : refused(tick)));
          put.push(...pictures);
          track.put(tick, pictures);
          spans.push(...track.take());
        }
        spans.push(...track.close());
        const covered = spans.flatMap(({ fromTick, toTick }) => Array.from({ length: toTick - fromTick }, (_, i) => fromTick + i));
        expect(covered).toEqual(ticks);
        expect(spans.flatMap(({ pictures }) => pictures)).toEqual(put);
        for (const { fromTick, toTick, pictures } of spans) {
          expect(toTick - fromTick).toBeLessThanOrEqual(25);
          for (const one of pictures) expect(one.tick >= fromTick && one.tick < toTick).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('hands over sooner where much is shown, so that little waits', () => {
    const track = new PictureTrack(0, 25);
    for (let tick = 0; tick < 6; tick += 1) track.put(tick, [seen(tick, 400_000)]);
    expect(track.take().map(({ fromTick, toTick }) => [fromTick, toTick])).toEqual([
      [0, 3],
      [3, 6],
    ]);
    expect(track.close()).toEqual([]);
  });
});

describe('packed pictures', () => {
  it('are the same unpacked, also from the middle of other bytes', () => {
    const pictures = [seen(3, 1), refused(3), { ...seen(4, 70_000), arrived: 1 }, { ...refused(9), fate: 'missed' as const }];
    const packed = packPictures(pictures);
    expect(unpackPictures(packed)).toEqual(pictures);
    expect(unpackPictures(Buffer.concat([Buffer.alloc(7), packed]).subarray(7))).toEqual(pictures);
    expect(unpackPictures(packPictures([]))).toEqual([]);
  });

  it('are refused where something of them is missing', () => {
    const packed = packPictures([seen(3, 100)]);
    expect(() => unpackPictures(packed.subarray(0, packed.length - 1))).toThrow(/shorter/);
    expect(() => unpackPictures(packed.subarray(0, 20))).toThrow();
  });
});
