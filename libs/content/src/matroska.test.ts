import { encode } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { jpegSize } from './jpeg-size.ts';
import { LONGEST_CLUSTER_MS, matroskaCluster, matroskaHead } from './matroska.ts';

type Element = { readonly id: string; readonly body: Buffer };

/** Elements that hold others, of those that occur here. */
const MASTERS = new Set(['1a45dfa3', '18538067', '1549a966', '1654ae6b', 'ae', 'e0', '1f43b675', 'a0']);

/** All elements of a file in order, the holders before what they hold: read by the rules of RFC 8794, from nothing but the bytes. */
function elementsOf(file: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < file.length;) {
    const idLength = Math.clz32(file.readUInt8(at)) - 23;
    const id = file.toString('hex', at, at + idLength);
    at += idLength;
    const sizeLength = Math.clz32(file.readUInt8(at)) - 23;
    const bits = BigInt(`0x${file.toString('hex', at, at + sizeLength)}`) & ((1n << BigInt(7 * sizeLength)) - 1n);
    const isUnknown = bits === (1n << BigInt(7 * sizeLength)) - 1n;
    at += sizeLength;
    const end = isUnknown ? file.length : at + Number(bits);
    expect(end).toBeLessThanOrEqual(file.length);
    const body = file.subarray(at, end);
    found.push({ id, body }, ...(MASTERS.has(id) ? elementsOf(body) : []));
    at = end;
  }
  return found;
}

const valueOf = (elements: readonly Element[], id: string) => {
  const body = elements.find((one) => one.id === id)?.body;
  return body === undefined ? null : Number(`0x${body.toString('hex')}`);
};

const jpeg = (width: number, height: number) =>
  new Uint8Array(encode({ width, height, data: new Uint8Array(width * height * 4).fill(width) }, 50).data);

describe('a Matroska file', () => {
  const pictures = [
    { atMs: 200_000, jpeg: jpeg(64, 48) },
    { atMs: 200_200, jpeg: jpeg(32, 16) },
    { atMs: 204_800, jpeg: jpeg(64, 48) },
  ];
  const file = Buffer.concat([matroskaHead(261_000, { width: 64, height: 48 }), matroskaCluster(pictures, 200), matroskaCluster([], 200)]);
  const elements = elementsOf(file);

  it('says what it is: one track of JPEGs, of this size and length, in milliseconds', () => {
    const text = (id: string) => elements.find((one) => one.id === id)?.body.toString();
    expect([text('4282'), text('86')]).toEqual(['matroska', 'V_MJPEG']);
    expect([valueOf(elements, 'b0'), valueOf(elements, 'ba')]).toEqual([64, 48]);
    expect(valueOf(elements, '2ad7b1')).toBe(1_000_000);
    expect(elements.find(({ id }) => id === '4489')?.body.readDoubleBE()).toBe(261_000);
    // It is written as it comes: how long the file will be is not known.
    expect(file.includes(Buffer.from('1853806701ffffffffffffff', 'hex'))).toBe(true);
  });

  it('has each picture as it came, at its own time and for as long as was said', () => {
    const fromMs = valueOf(elements, 'e7') ?? -1;
    const blocks = elements.filter(({ id }) => id === 'a1').map(({ body }) => body);
    expect(blocks.map((block) => [block[0], fromMs + block.readInt16BE(1), block[3]])).toEqual(pictures.map(({ atMs }) => [0x81, atMs, 0]));
    expect(blocks.map((block) => new Uint8Array(block.subarray(4)))).toEqual(pictures.map((picture) => picture.jpeg));
    expect(elements.filter(({ id }) => id === '9b').map(({ body }) => Number(`0x${body.toString('hex')}`))).toEqual([200, 200, 200]);
  });

  it('holds no picture that lies too far from the first of its cluster, or before it', () => {
    const [first] = pictures;
    if (first === undefined) throw new Error('no picture');
    expect(() => matroskaCluster([first, { ...first, atMs: first.atMs + LONGEST_CLUSTER_MS + 1 }], 200)).toThrow(RangeError);
    expect(() => matroskaCluster([first, { ...first, atMs: first.atMs - 1 }], 200)).toThrow(RangeError);
    expect(matroskaCluster([first, { ...first, atMs: first.atMs + LONGEST_CLUSTER_MS }], 200).length).toBeGreaterThan(0);
  });
});

describe('the size of a JPEG', () => {
  it('is what its head says', () => {
    expect(jpegSize(jpeg(64, 48))).toEqual({ width: 64, height: 48 });
    expect(jpegSize(jpeg(1, 300))).toEqual({ width: 1, height: 300 });
  });

  it('is nothing where its head is cut off or none', () => {
    const whole = jpeg(64, 48);
    for (let length = 0; length < 160; length += 1) expect(jpegSize(whole.subarray(0, length))).toBeNull();
    expect(jpegSize(Uint8Array.of(0xff, 0xd8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toBeNull();
    expect(jpegSize(new Uint8Array(100))).toBeNull();
  });
});
