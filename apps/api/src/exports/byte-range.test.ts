import { describe, expect, it } from 'vitest';
import { rangeOf } from './byte-range.ts';

describe('a Range header', () => {
  it.each([
    ['bytes=0-9', { from: 0, to: 9 }],
    ['bytes=90-', { from: 90, to: 99 }],
    ['bytes=90-1000', { from: 90, to: 99 }],
    ['bytes=-5', { from: 95, to: 99 }],
    ['bytes=-500', { from: 0, to: 99 }],
    ['bytes=99-99', { from: 99, to: 99 }],
  ])('%s of 100 bytes is those', (header, range) => {
    expect(rangeOf(header, 100)).toEqual(range);
  });

  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=9-3', 'bytes=0-1,5-6', 'lines=0-1', 'bytes=a-b', 'bytes=0x1-2'])(
    '%s is passed over, so that the whole file comes',
    (header) => {
      expect(rangeOf(header, 100)).toBe('whole');
    },
  );

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', 'bytes=99999999999999999999-'])('%s is beyond the end of 100 bytes', (header) => {
    expect(rangeOf(header, 100)).toBe('beyond');
  });

  it('of an empty file is always beyond its end', () => {
    expect(rangeOf('bytes=0-', 0)).toBe('beyond');
    expect(rangeOf('bytes=-1', 0)).toBe('beyond');
  });
});
