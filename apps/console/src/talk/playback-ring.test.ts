import { describe, expect, it } from 'vitest';
import { PlaybackRing } from './playback-ring.ts';

const BLOCK = 128;

function tone(length: number, value = 8192): Int16Array {
  return new Int16Array(length).fill(value);
}

function pull(ring: PlaybackRing, blocks: number): number[] {
  return Array.from({ length: blocks }, () => {
    const out = new Float32Array(BLOCK);
    ring.pull(out);
    return [...out];
  }).flat();
}

describe('the playback ring', () => {
  it('plays silence while nothing has arrived', () => {
    const ring = new PlaybackRing(1024, 0);
    expect(pull(ring, 2).every((sample) => sample === 0)).toBe(true);
    expect(ring.counters).toEqual({ rendered: 0, audible: 0, dropped: 0, trimmed: 0, gaps: 0 });
  });

  it('waits for its head start, then plays everything in order', () => {
    const ring = new PlaybackRing(4096, 2 * BLOCK);
    ring.push(Int16Array.from({ length: 256 }, (_, i) => (i + 1) * 64));
    const out = pull(ring, 4);
    expect(out.slice(0, 256).every((sample) => sample === 0)).toBe(true);
    expect(out.slice(256)).toEqual(Array.from({ length: 256 }, (_, i) => ((i + 1) * 64) / 32768));
  });

  it('leaves no gap when the next frame comes later than due by less than the head start', () => {
    const ring = new PlaybackRing(16_384, 960);
    ring.push(tone(3200));
    const before = pull(ring, 32);
    ring.push(tone(3200));
    const after = pull(ring, 24);
    expect([...before, ...after].slice(1024).every((sample) => sample === 0.25)).toBe(true);
  });

  it('waits anew after it ran dry', () => {
    const ring = new PlaybackRing(1024, BLOCK);
    ring.push(tone(BLOCK));
    pull(ring, 2);
    expect(ring.counters.gaps).toBe(1);
    ring.push(tone(BLOCK));
    expect(pull(ring, 1).every((sample) => sample === 0)).toBe(true);
    expect(pull(ring, 1).every((sample) => sample === 0.25)).toBe(true);
  });

  it('drops everything unplayed at a flush, at once, and plays what comes after it', () => {
    const ring = new PlaybackRing(8192, 0);
    ring.push(tone(3200));
    pull(ring, 2);
    ring.flush();
    expect(ring.waiting).toBe(0);
    expect(ring.counters).toMatchObject({ rendered: 256, dropped: 3200 - 256 });
    expect(pull(ring, 10).every((sample) => sample === 0)).toBe(true);
    ring.push(tone(BLOCK, -16384));
    expect(pull(ring, 1).every((sample) => sample === -0.5)).toBe(true);
  });

  it('counts silent audio as rendered but not as audible', () => {
    const ring = new PlaybackRing(8192, 0);
    ring.push(new Int16Array(512));
    ring.push(tone(512));
    pull(ring, 8);
    expect(ring.counters).toMatchObject({ rendered: 1024, audible: 512 });
  });

  it('loses the oldest when too much waits, and counts it', () => {
    const ring = new PlaybackRing(256, 0);
    ring.push(tone(256, 1000));
    ring.push(tone(128, 2000));
    expect(ring.counters.dropped).toBe(128);
    expect(pull(ring, 2)).toEqual([...tone(128, 1000), ...tone(128, 2000)].map((sample) => sample / 32768));
    ring.push(tone(1000, 3000));
    expect(ring.waiting).toBe(256);
    expect(ring.counters.dropped).toBe(128 + 744);
  });

  it('leaves out silence, and only silence, while more than its slack waits', () => {
    const ring = new PlaybackRing(8192, 0, 512);
    ring.push(tone(512));
    ring.push(new Int16Array(1024));
    ring.push(tone(512, 4096));
    const out = pull(ring, 10);
    expect(out.slice(0, 512).every((sample) => sample === 0.25)).toBe(true);
    expect(out.slice(512, 640).every((sample) => sample === 0)).toBe(true);
    expect(out.slice(640, 1152).every((sample) => sample === 0.125)).toBe(true);
    expect(ring.counters).toMatchObject({ trimmed: 896, rendered: 1152, audible: 1024 });
  });

  it('keeps its order over many turns of the ring', () => {
    const ring = new PlaybackRing(1000, 0);
    const heard: number[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      ring.push(Int16Array.from({ length: 384 }, (_, i) => turn * 384 + i));
      heard.push(...pull(ring, 3).map((sample) => Math.round(sample * 32768)));
    }
    expect(heard).toEqual(Array.from({ length: 50 * 384 }, (_, i) => i));
  });
});
