import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectMark, neededScore } from './detect-mark.ts';
import { MARK_RATE } from './mark-sequence.ts';
import { keyNamed, OURS, recording, withMark } from './sound.fixture.ts';

const speech = recording('long.wav');
/** Where in it somebody speaks, and no longer than that. */
const [SPEECH_BEGINS, SPEECH_ENDS] = [MARK_RATE / 2, speech.length - MARK_RATE];
const marked = withMark(speech);

describe('looking for the mark', () => {
  it('finds it in any five seconds of speech, wherever they were cut out, however loud, upside down or not', () => {
    const five = 5 * MARK_RATE;
    const anyCut = fc.integer({ min: SPEECH_BEGINS, max: SPEECH_ENDS - five });
    fc.assert(
      fc.property(anyCut, fc.constantFrom(1, -1, 0.05, 0.5), (from, gain) => {
        const piece = marked.subarray(from, from + five).map((sample) => Math.round(sample * gain));
        expect(detectMark(piece, OURS).found).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('finds it in a few seconds of a minute of something else, and says where', () => {
    const other = Int16Array.from({ length: 60 * MARK_RATE }, (_, i) => speech[(i * 7 + (i >> 12)) % speech.length] ?? 0);
    const piece = marked.subarray(SPEECH_BEGINS, SPEECH_BEGINS + 6 * MARK_RATE);
    other.set(piece, 33 * MARK_RATE + 321);
    const detection = detectMark(other, OURS);
    expect(detection.found).toBe(true);
    expect(detection.from).toBeGreaterThan(31);
    expect(detection.to).toBeLessThan(42);
  });

  it('does not find it in what has none, nor where another key made it, nor in nothing', () => {
    for (const name of ['long.wav', 'refund.wav', 'short.wav', 'interrupt.wav'])
      expect(detectMark(recording(name), OURS).found).toBe(false);
    expect(detectMark(marked, keyNamed('theirs')).found).toBe(false);
    for (const length of [0, 1, 1000, MARK_RATE])
      expect(detectMark(new Int16Array(length), OURS)).toMatchObject({ found: false, score: 0 });
    const hum = Int16Array.from({ length: 5 * MARK_RATE }, (_, i) => Math.round(9000 * Math.sin((2 * Math.PI * 1000 * i) / MARK_RATE)));
    expect(detectMark(hum, OURS).found).toBe(false);
  });

  it('mistakes unmarked speech for marked as rarely as it says: not more than once in twenty looks where that is asked of it', () => {
    const pieces = [speech, recording('short.wav'), recording('interrupt.wav')].map((sound) =>
      sound.subarray(SPEECH_BEGINS, SPEECH_BEGINS + 2 * MARK_RATE),
    );
    const looks = 120;
    const scores = Array.from({ length: looks }, (_, i) => {
      const piece = pieces[i % pieces.length] ?? speech;
      return { length: piece.length, score: detectMark(piece, keyNamed(`key ${i}`)).score };
    });
    const above = (oneIn: number) => scores.filter(({ score, length }) => score > neededScore(length, oneIn)).length;
    expect(above(20)).toBeLessThanOrEqual(looks / 20);
    expect(above(1_000_000)).toBe(0);
    // The scores are what chance makes of them, not far below: or the claim would be empty.
    expect(above(1.1)).toBeGreaterThan(looks / 20);
  });
});
