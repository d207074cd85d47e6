import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  FRAME_HEADER_BYTES,
  FRAME_KINDS,
  FRAME_MAX_BYTES,
  FRAME_SOURCES,
  type FrameHeader,
  isRefusal,
  uuidBytes,
  uuidText,
} from './frame.ts';

const u32 = fc.nat(0xffffffff);
const anyHeader: fc.Arbitrary<FrameHeader> = fc.record({
  kind: fc.constantFrom(...FRAME_KINDS),
  source: fc.constantFrom(...FRAME_SOURCES),
  sampleRate: u32,
  tick: u32,
  sequence: u32,
  timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }),
  session: fc.uuid(),
});
const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';
const GOOD: FrameHeader = { kind: 'audio', source: 'client', sampleRate: 16_000, tick: 1, sequence: 2, timestamp: 3.5, session: SESSION };

/** A good frame with some bytes changed. */
function spoilt(change: (bytes: Uint8Array, view: DataView) => void): Uint8Array {
  const bytes = encodeFrame(GOOD, Uint8Array.of(1, 2));
  change(bytes, new DataView(bytes.buffer));
  return bytes;
}
const codeOf = (bytes: Uint8Array) => {
  const decoded = decodeFrame(bytes);
  return isRefusal(decoded) ? decoded.code : 'a frame';
};

describe('the tick frame', () => {
  it('comes back as it was sent, wherever it lies in memory', () => {
    fc.assert(
      fc.property(anyHeader, fc.uint8Array({ maxLength: 2000 }), fc.nat(9), (header, payload, offset) => {
        const encoded = encodeFrame(header, payload);
        const moved = new Uint8Array(encoded.length + offset + 3);
        moved.set(encoded, offset);
        expect(decodeFrame(moved.subarray(offset, offset + encoded.length))).toEqual({ header, payload });
      }),
    );
  });

  it('has the layout that the table in its source says', () => {
    const bytes = encodeFrame({ ...GOOD, kind: 'video', source: 'human' }, Uint8Array.of(9));
    const view = new DataView(bytes.buffer);
    expect([bytes[0], bytes[1], bytes[2], bytes[3]]).toEqual([1, 3, 2, 0]);
    expect([view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true), view.getFloat64(16, true)]).toEqual([
      16_000, 1, 2, 3.5,
    ]);
    expect(Buffer.from(bytes.subarray(24, 40)).toString('hex')).toBe(SESSION.replaceAll('-', ''));
    expect([...bytes.subarray(FRAME_HEADER_BYTES)]).toEqual([9]);
  });

  it('never throws on garbage, and never takes it for a frame unless its header says version 1, a kind and a source', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeFrame(bytes);
        if (isRefusal(decoded)) return;
        expect(bytes[0]).toBe(1);
        expect(encodeFrame(decoded.header, decoded.payload).length).toBe(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused by name', () => {
    expect(codeOf(new Uint8Array(0))).toBe('frame_too_short');
    expect(codeOf(new Uint8Array(FRAME_HEADER_BYTES - 1))).toBe('frame_too_short');
    expect(codeOf(new Uint8Array(FRAME_MAX_BYTES + 1))).toBe('frame_too_large');
    expect(codeOf(spoilt((bytes) => bytes.fill(2, 0, 1)))).toBe('frame_version');
    for (const kind of [0, 5, 255]) expect(codeOf(spoilt((bytes) => bytes.fill(kind, 1, 2)))).toBe('frame_kind');
    for (const source of [4, 255]) expect(codeOf(spoilt((bytes) => bytes.fill(source, 2, 3)))).toBe('frame_source');
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(
        codeOf(
          spoilt((_, view) => {
            view.setFloat64(16, time, true);
          }),
        ),
      ).toBe('frame_timestamp');
    }
    expect(codeOf(spoilt(() => undefined))).toBe('a frame');
  });

  it('carries any UUID, and nothing else as one', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(uuidText(uuidBytes(uuid))).toBe(uuid);
        expect(uuidText(uuidBytes(uuid.toUpperCase()))).toBe(uuid);
      }),
    );
    for (const wrong of [
      '',
      'x',
      SESSION.slice(1),
      `${SESSION}0`,
      SESSION.replaceAll('-', ''),
      `{${SESSION}}`,
      SESSION.replace('f', 'g'),
    ]) {
      expect(() => uuidBytes(wrong)).toThrow(RangeError);
    }
  });
});
