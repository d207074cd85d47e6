import type { Picture, PictureSpan } from '@wheelhouse/content/picture-track';
import { describe, expect, it } from 'vitest';
import { VideoTap } from './video-tap.ts';

const image = (value: number) => Uint8Array.of(0xff, 0xd8, 0xff, value);

function taken(play: (tap: VideoTap) => void): readonly Picture[] {
  const spans: PictureSpan[] = [];
  const tap = new VideoTap(0, (some) => spans.push(...some));
  play(tap);
  tap.close();
  return spans.flatMap(({ pictures }) => pictures);
}

describe('what is taken down of what a client shows', () => {
  const [one, two] = [image(1), image(2)];

  it('is what the engine was given, with when it came, and that others were refused', () => {
    const pictures = taken((tap) => {
      tap.took(0, [], { image: undefined, reached: true });
      tap.took(
        1,
        [
          { since: 0, image: one },
          { since: 1, image: null },
        ],
        { image: one, reached: true },
      );
    });
    expect(pictures).toEqual([
      { tick: 1, arrived: 0, fate: 'seen', jpeg: one },
      { tick: 1, arrived: 1, fate: 'refused', jpeg: null },
    ]);
  });

  it('has nothing of a picture that was not given to the engine, though it might have been', () => {
    const shown = [
      { since: 0, image: one },
      { since: 0, image: two },
    ];
    expect(
      taken((tap) => {
        tap.took(0, shown, { image: two, reached: true });
      }).map(({ fate, jpeg }) => [fate, jpeg]),
    ).toEqual([
      ['missed', null],
      ['seen', two],
    ]);
    expect(
      taken((tap) => {
        tap.took(0, shown, { image: two, reached: false });
      }).map(({ fate, jpeg }) => [fate, jpeg]),
    ).toEqual([
      ['missed', null],
      ['missed', null],
    ]);
  });

  it('is a copy: what lies in the memory of the socket is not handed over', () => {
    const memory = new Uint8Array(100).fill(9);
    const view = memory.subarray(10, 20);
    const [picture] = taken((tap) => {
      tap.took(0, [{ since: 0, image: view }], { image: view, reached: true });
    });
    expect(picture?.jpeg?.buffer.byteLength).toBe(10);
    memory.fill(0);
    expect(picture?.jpeg).toEqual(new Uint8Array(10).fill(9));
  });

  it('is handed over every five seconds', () => {
    const sizes: number[] = [];
    const tap = new VideoTap(100, (spans) => sizes.push(...spans.map(({ fromTick, toTick }) => toTick - fromTick)));
    for (let tick = 100; tick < 151; tick += 1) tap.took(tick, [], { image: undefined, reached: true });
    expect(sizes).toEqual([25, 25]);
  });
});
