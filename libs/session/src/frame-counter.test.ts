import type { FrameHeader, FrameKind } from '@wheelhouse/protocol/frame';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { describe, expect, it } from 'vitest';
import { FrameCounter } from './frame-counter.ts';

const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';

function header(kind: FrameKind, sequence: number, change: Partial<FrameHeader> = {}): FrameHeader {
  const sampleRate = kind === 'audio' ? SAMPLE_RATE : 0;
  return { kind, source: 'client', sampleRate, tick: 0, sequence, timestamp: 0, session: SESSION, ...change };
}

describe('the frames of a connection', () => {
  it('come in their order and no other, events too', () => {
    const counter = new FrameCounter(SESSION);
    const code = (kind: FrameKind, sequence: number) => counter.check(header(kind, sequence))?.code ?? 'in';
    expect(code('audio', 1)).toBe('in');
    expect(code('audio', 1)).toBe('replayed');
    expect(code('audio', 0)).toBe('replayed');
    expect(code('audio', 3)).toBe('out_of_order');
    expect(code('event', 4)).toBe('out_of_order');
    expect(code('event', 1)).toBe('replayed');
    expect(code('event', 2)).toBe('in');
    expect(code('text', 3)).toBe('in');
  });

  it.each(['audio', 'text', 'video', 'event'] as const)('no %s frame of another session or under another flag', (kind) => {
    const counter = new FrameCounter(SESSION);
    expect(counter.check(header(kind, 1, { session: SESSION.replace('0', '1') }))?.code).toBe('wrong_session');
    for (const source of ['engine', 'human', 'gate'] as const)
      expect(counter.check(header(kind, 1, { source }))?.code).toBe('frame_source');
    expect(counter.check(header(kind, 1))).toBeNull();
  });
});
