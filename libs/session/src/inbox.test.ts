import type { FrameHeader, FrameKind } from '@wheelhouse/protocol/frame';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, emptyInbox, type Inbox, takeAudio } from './inbox.ts';

const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';
const SLICE_MS = 40;
const SLICE = (SAMPLE_RATE * SLICE_MS) / 1000;

function header(kind: FrameKind, sequence: number, change: Partial<FrameHeader> = {}): FrameHeader {
  return {
    kind,
    source: 'client',
    sampleRate: kind === 'audio' ? SAMPLE_RATE : 0,
    tick: 0,
    sequence,
    timestamp: 0,
    session: SESSION,
    ...change,
  };
}
const codeOf = (inbox: Inbox, head: FrameHeader, payload: Uint8Array) => admit(inbox, SESSION, head, payload)?.code ?? 'in';
const audio = (samples: number) => new Uint8Array(samples * 2);

describe('the inbox', () => {
  it('takes frames in their order and no others, events too', () => {
    const inbox = emptyInbox();
    expect(codeOf(inbox, header('audio', 1), audio(10))).toBe('in');
    expect(codeOf(inbox, header('audio', 1), audio(10))).toBe('replayed');
    expect(codeOf(inbox, header('audio', 0), audio(10))).toBe('replayed');
    expect(codeOf(inbox, header('audio', 3), audio(10))).toBe('out_of_order');
    expect(codeOf(inbox, header('event', 4), Uint8Array.of(1))).toBe('out_of_order');
    expect(codeOf(inbox, header('event', 1), Uint8Array.of(1))).toBe('replayed');
    expect(codeOf(inbox, header('event', 2), Uint8Array.of(1))).toBe('in');
    expect(codeOf(inbox, header('text', 3), Buffer.from('hello'))).toBe('in');
    expect(inbox.samples).toBe(10);
  });

  it.each(['audio', 'text', 'video', 'event'] as const)('takes no %s frame of another session or under another flag', (kind) => {
    const inbox = emptyInbox();
    expect(codeOf(inbox, header(kind, 1, { session: SESSION.replace('0', '1') }), audio(2))).toBe('wrong_session');
    for (const source of ['engine', 'human', 'gate'] as const)
      expect(codeOf(inbox, header(kind, 1, { source }), audio(2))).toBe('frame_source');
    expect(inbox.sequence).toBe(0);
  });

  it('refuses by name what an engine could not use, and keeps nothing of it', () => {
    const inbox = emptyInbox();
    let sequence = 0;
    const next = (kind: FrameKind, payload: Uint8Array, change: Partial<FrameHeader> = {}) =>
      codeOf(inbox, header(kind, (sequence += 1), change), payload);
    for (const sampleRate of [0, 8000, 44_100, 48_000]) expect(next('audio', audio(10), { sampleRate })).toBe('sample_rate');
    expect(next('audio', new Uint8Array(0))).toBe('odd_audio');
    expect(next('audio', new Uint8Array(641))).toBe('odd_audio');
    expect(next('text', new Uint8Array(0))).toBe('bad_text');
    expect(next('text', new Uint8Array(4001).fill(65))).toBe('bad_text');
    expect(next('text', Uint8Array.of(0xc3, 0x28))).toBe('bad_text');
    expect(next('text', Uint8Array.of(0xed, 0xa0, 0x80))).toBe('bad_text');
    expect(next('video', Buffer.from('GIF89a'))).toBe('bad_image');
    expect(next('video', Uint8Array.of(0xff, 0xd8, 0xff))).toBe('bad_image');
    expect(inbox).toMatchObject({ samples: 0, chunks: [], texts: [], images: [] });
    expect(next('video', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0))).toBe('in');
    expect(next('video', Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0))).toBe('in');
    expect(inbox.images).toHaveLength(1);
  });

  it('holds at most a second of sound and eight texts', () => {
    const inbox = emptyInbox();
    let sequence = 0;
    const next = (kind: FrameKind, payload: Uint8Array) => codeOf(inbox, header(kind, (sequence += 1)), payload);
    expect(next('audio', audio(SAMPLE_RATE))).toBe('in');
    expect(next('audio', audio(1))).toBe('too_much_audio');
    for (let i = 0; i < 8; i += 1) expect(next('text', Buffer.from(`text ${i}`))).toBe('in');
    expect(next('text', Buffer.from('one more'))).toBe('bad_text');
    expect(inbox.texts).toHaveLength(8);
    takeAudio(inbox, new Int16Array(TICK_SAMPLES));
    expect(next('audio', audio(TICK_SAMPLES))).toBe('in');
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
            expect(codeOf(inbox, header('audio', (sent += 1)), new Uint8Array(samples.buffer))).toBe('in');
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
    admit(inbox, SESSION, header('audio', 1), new Uint8Array(new Int16Array(100).fill(5).buffer));
    expect(takeAudio(inbox, into)).toBe(0);
    expect(takeAudio(inbox, into)).toBe(100);
    expect([...into.subarray(98, 102)]).toEqual([5, 5, 0, 0]);
    expect(takeAudio(inbox, into)).toBe(0);
    expect(into.every((sample) => sample === 0)).toBe(true);
  });
});
