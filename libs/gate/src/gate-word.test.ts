import { FRAME_KINDS } from '@wheelhouse/protocol/frame';
import { LATCH_KINDS } from '@wheelhouse/protocol/order';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, standingOf } from './coverage.ts';
import { anyFacts, anyKind, anyLatch, anyLevel } from './gate.fixture.ts';
import { DRAFT, ENDED, gateWord, latchesOf, levelOf, withheldBy, withLatch } from './gate-word.ts';

describe('the gate word', () => {
  it('gives back the latches and the level that it was made of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyKind), anyLevel, (kinds, level) => {
        const word = gateWord(kinds, level);
        expect(latchesOf(word)).toEqual(LATCH_KINDS.filter((kind) => kinds.includes(kind)));
        expect(levelOf(word)).toBe(level);
        expect((word & DRAFT) !== 0).toBe(level === 1);
      }),
    );
  });

  it('grows by one latch to exactly what computing it anew gives, whatever stood before and whoever is on watch', () => {
    fc.assert(
      fc.property(anyFacts, fc.array(anyLatch, { maxLength: 8 }), fc.boolean(), (facts, latches, watched) => {
        let word = standingOf(facts, [], watched);
        for (const [i, latch] of latches.entries()) {
          if (covers(latch.scope, facts)) word = withLatch(word, latch.kind, latch.level);
          expect(word).toBe(standingOf(facts, latches.slice(0, i + 1), watched));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('never opens by one more latch: what it withheld before, it withholds after', () => {
    fc.assert(
      fc.property(anyFacts, fc.array(anyLatch, { maxLength: 5 }), anyLatch, fc.boolean(), (facts, latches, more, leased) => {
        const before = standingOf(facts, latches, true);
        const after = withLatch(before, more.kind, more.level);
        for (const kind of FRAME_KINDS)
          if (withheldBy(before, 'engine', kind, leased) !== null) expect(withheldBy(after, 'engine', kind, leased)).not.toBeNull();
        expect(levelOf(after)).toBeLessThanOrEqual(levelOf(before));
      }),
    );
  });

  it('reads a word that was never written as the lowest level', () => {
    expect(levelOf(0)).toBe(1);
    expect(levelOf(7 << 8)).toBe(1);
  });

  it('lets notices of the gate pass always, clients never, and humans until the session is over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7ff }), fc.constantFrom(...FRAME_KINDS), fc.boolean(), (word, kind, leased) => {
        expect(withheldBy(word, 'gate', kind, leased)).toBeNull();
        expect(withheldBy(word, 'client', kind, leased)).toBe('ended');
        expect(withheldBy(word, 'human', kind, leased)).toBe((word & ENDED) !== 0 ? 'ended' : null);
      }),
    );
  });

  it.each(['hold', 'stop', 'take_over'] as const)('withholds every engine frame under %s', (kind) => {
    for (const frame of FRAME_KINDS) expect(withheldBy(gateWord([kind], 5), 'engine', frame, true)).toBe(kind);
  });

  it('withholds sound and pictures under mute, and nothing else', () => {
    const muted = FRAME_KINDS.filter((frame) => withheldBy(gateWord(['mute'], 5), 'engine', frame, true) === 'mute');
    expect(muted).toEqual(['audio', 'video']);
  });

  it('withholds everything at level 1 and without a lease', () => {
    for (const frame of FRAME_KINDS) {
      expect(withheldBy(gateWord([], 1), 'engine', frame, true)).toBe('draft');
      expect(withheldBy(gateWord([], 3), 'engine', frame, false)).toBe('lease');
      expect(withheldBy(gateWord([], 3), 'engine', frame, true)).toBeNull();
    }
  });
});
