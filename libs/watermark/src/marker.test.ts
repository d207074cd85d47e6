import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MARK_PERIOD, markSequence } from './mark-sequence.ts';
import { Marker } from './marker.ts';
import { decibels, keyNamed, recording, SEQUENCE, withMark } from './sound.fixture.ts';

const speech = recording('long.wav');
const TICK = 3200;
const isSilent = (sound: Int16Array) => sound.every((sample) => sample === 0);

describe('the mark', () => {
  it('is the same however the stream is cut, also into the array that it was in', () => {
    const whole = withMark(speech);
    const cuts = fc.array(fc.integer({ min: 0, max: speech.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, fc.boolean(), (places, inPlace) => {
        const marker = new Marker(SEQUENCE);
        const from = speech.slice();
        const into = inPlace ? from : new Int16Array(speech.length);
        const edges = [0, ...places.sort((a, b) => a - b), speech.length];
        for (const [i, end] of edges.entries()) {
          const start = edges[i - 1] ?? 0;
          marker.mark(from.subarray(start, end), into.subarray(start, end));
        }
        expect(Buffer.compare(Buffer.from(into.buffer), Buffer.from(whole.buffer))).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves silence as it is, before sound and soon after it', () => {
    expect(isSilent(withMark(new Int16Array(5 * TICK)))).toBe(true);
    const loud = Int16Array.from({ length: 10 * TICK }, (_, i) => (i >= TICK && i < 2 * TICK ? Math.round(20_000 * Math.sin(i)) : 0));
    const marked = withMark(loud);
    expect(isSilent(marked.subarray(0, TICK))).toBe(true);
    // A tenth of a second behind the sound nothing of it is left.
    expect(isSilent(marked.subarray(2 * TICK + TICK / 2))).toBe(true);
    expect(marked.some((sample, i) => sample !== loud[i])).toBe(true);
  });

  it('lies 30 dB and more under speech, and as far under it where it is soft', () => {
    for (const gain of [1, 0.1, 3]) {
      const sound = speech.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
      const under = decibels(sound) - decibels(withMark(sound), sound);
      expect(under).toBeGreaterThan(30);
      expect(under).toBeLessThan(45);
    }
    const marked = withMark(speech);
    for (let at = 0; at + TICK <= speech.length; at += TICK) {
      const tick = speech.subarray(at, at + TICK);
      // In any tick of it: what is left of the word before weighs at its end.
      if (decibels(tick) > 90) expect(decibels(tick) - decibels(marked.subarray(at, at + TICK), tick)).toBeGreaterThan(24);
    }
  });

  it('stays within 16 bits and close to the sound, whatever the sound is', () => {
    const sample = fc.oneof(fc.integer({ min: -32_768, max: 32_767 }), fc.constantFrom(-32_768, 32_767, 0));
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 2000 }), (samples) => {
        const sound = Int16Array.from(samples);
        const marked = withMark(sound);
        for (const [i, value] of marked.entries()) expect(Math.abs(value - (sound[i] ?? 0))).toBeLessThan(8192);
      }),
      { numRuns: 50 },
    );
  });

  it("is its key's own, and the same each time that it is made", () => {
    const [one, again, other] = [keyNamed('one'), keyNamed('one'), keyNamed('other')].map((key) => markSequence(key).noise);
    expect(one?.every((noise, band) => noise.every((value, i) => value === again?.[band]?.[i]))).toBe(true);
    for (const [band, noise] of (one ?? []).entries()) {
      const products = noise.map((value, i) => value * (other?.[band]?.[i] ?? 0));
      expect(Math.abs(products.reduce((sum, value) => sum + value, 0)) / MARK_PERIOD).toBeLessThan(0.1);
      expect(noise.reduce((sum, value) => sum + value * value, 0) / MARK_PERIOD).toBeCloseTo(1, 3);
    }
  });
});
