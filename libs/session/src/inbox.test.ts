import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitAudio, admitImage, admitText, emptyInbox, type IntakeRefusal, roomIn, takeAudio } from './inbox.ts';

const SLICE_MS = 40;
const SLICE = (SAMPLE_RATE * SLICE_MS) / 1000;

const codeOf = (refusal: IntakeRefusal | null) => refusal?.code ?? 'in';
const audio = (samples: number) => new Uint8Array(samples * 2);

describe('the inbox', () => {
  it('refuses by name what an engine could not use, and keeps nothing of it', () => {
    const inbox = emptyInbox();
    expect(codeOf(admitAudio(inbox, new Uint8Array(0)))).toBe('odd_audio');
    expect(codeOf(admitAudio(inbox, new Uint8Array(641)))).toBe('odd_audio');
    expect(codeOf(admitText(inbox, ''))).toBe('bad_text');
    expect(codeOf(admitText(inbox, 'A'.repeat(4001)))).toBe('bad_text');
    expect(codeOf(admitText(inbox, 'ü'.repeat(2001)))).toBe('bad_text');
    expect(codeOf(admitImage(inbox, Buffer.from('GIF89a')))).toBe('bad_image');
    expect(codeOf(admitImage(inbox, Uint8Array.of(0xff, 0xd8, 0xff)))).toBe('bad_image');
    expect(inbox).toMatchObject({ samples: 0, chunks: [], texts: [], images: [] });
    expect(codeOf(admitImage(inbox, Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0)))).toBe('in');
    expect(codeOf(admitImage(inbox, Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0)))).toBe('in');
    expect(inbox.images).toHaveLength(1);
  });

  it('holds at most a second of sound and eight texts', () => {
    const inbox = emptyInbox();
    expect(codeOf(admitAudio(inbox, audio(SAMPLE_RATE)))).toBe('in');
    expect(roomIn(inbox)).toBe(0);
    expect(codeOf(admitAudio(inbox, audio(1)))).toBe('too_much_audio');
    for (let i = 0; i < 8; i += 1) expect(codeOf(admitText(inbox, `text ${i}`))).toBe('in');
    expect(codeOf(admitText(inbox, 'one more'))).toBe('bad_text');
    expect(inbox.texts).toHaveLength(8);
    takeAudio(inbox, new Int16Array(TICK_SAMPLES));
    expect(roomIn(inbox)).toBe(TICK_SAMPLES);
    expect(codeOf(admitAudio(inbox, audio(TICK_SAMPLES)))).toBe('in');
  });

  it('leaves no hole in speech that comes in slices of 40 ms with up to 30 ms of jitter', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 150, maxLength: 150 }), fc.nat(199), (jitter, phase) => {
        const inbox = emptyInbox();
        const heard: number[] = [];
        const into = new Int16Array(TICK_SAMPLES);
        let sent = 0;
        // Slice n leaves at n * 40 ms and arrives up to 30 ms later; a tick comes every 200 ms. The wire keeps the order.
        const arrivals: number[] = [];
        for (const [n, late] of jitter.entries()) arrivals.push(Math.max(arrivals[n - 1] ?? 0, n * SLICE_MS + late));
        for (let tick = 0; phase + tick * 200 <= 150 * SLICE_MS; tick += 1) {
          while (sent < arrivals.length && (arrivals[sent] ?? 0) < phase + tick * 200) {
            const samples = Int16Array.from({ length: SLICE }, (_, i) => ((sent * SLICE + i) % 30_000) + 1);
            sent += 1;
            expect(codeOf(admitAudio(inbox, new Uint8Array(samples.buffer)))).toBe('in');
          }
          takeAudio(inbox, into);
          heard.push(...into);
        }
        const from = heard.findIndex((sample) => sample !== 0);
        expect(from).toBeLessThan(3 * TICK_SAMPLES);
        // One unbroken run of what was sent, from the first sample on.
        for (let i = from; i < heard.length; i += 1)
          if (heard[i] !== ((i - from) % 30_000) + 1) throw new Error(`a hole at sample ${i - from}`);
      }),
      { numRuns: 60 },
    );
  });

  it('lets the end of an utterance through, padded with silence', () => {
    const inbox = emptyInbox();
    const into = new Int16Array(TICK_SAMPLES);
    admitAudio(inbox, new Uint8Array(new Int16Array(100).fill(5).buffer));
    expect(takeAudio(inbox, into)).toBe(0);
    expect(takeAudio(inbox, into)).toBe(100);
    expect([...into.subarray(98, 102)]).toEqual([5, 5, 0, 0]);
    expect(takeAudio(inbox, into)).toBe(0);
    expect(into.every((sample) => sample === 0)).toBe(true);
  });
});
