import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holesIn, layOut, type Stretch } from './timeline.ts';

const Pieces = fc.array(
  fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 900 })).map(([fromMs, ms]): Stretch => ({ fromMs, toMs: fromMs + ms })),
  { maxLength: 20 },
);

describe('pieces laid out on a track', () => {
  it('are exactly as long as the session, each millisecond from the first piece that covers it', () => {
    fc.assert(
      fc.property(Pieces, fc.nat(5000), (pieces, lengthMs) => {
        const segments = layOut(pieces, lengthMs);
        let at = 0;
        for (const segment of segments) {
          expect(segment.ms).toBeGreaterThan(0);
          const covering = pieces.filter(({ fromMs, toMs }) => fromMs <= at && at < toMs);
          if (segment.type === 'silence') expect(covering).toEqual([]);
          else {
            expect(covering).toContain(segment.piece);
            expect(segment.piece.fromMs + segment.skipMs).toBe(at);
            expect(segment.skipMs + segment.ms).toBeLessThanOrEqual(segment.piece.toMs - segment.piece.fromMs);
          }
          at += segment.ms;
        }
        expect(at).toBe(lengthMs);
      }),
    );
  });

  it('leave holes where nothing covers', () => {
    const pieces = [
      { fromMs: 200, toMs: 1000 },
      { fromMs: 1400, toMs: 2000 },
    ];
    expect(holesIn(pieces, 2600)).toEqual([
      { fromMs: 0, toMs: 200 },
      { fromMs: 1000, toMs: 1400 },
      { fromMs: 2000, toMs: 2600 },
    ]);
    expect(holesIn(pieces, 0)).toEqual([]);
  });
});
