import { PictureLine } from '@wheelhouse/protocol/content';
import type { Picture } from './picture-track.ts';

const LENGTH_BYTES = 4;

/**
 * Pictures as one run of bytes, to be sealed: the length of the list in 32 bits (big-endian), the list (`PictureLine`, as JSON), and the JPEGs one after
 * the other, as they came.
 */
export function packPictures(pictures: readonly Picture[]): Uint8Array<ArrayBuffer> {
  const lines = pictures.map(({ tick, arrived, fate, jpeg }): PictureLine => ({ tick, arrived, fate, bytes: jpeg?.length ?? 0 }));
  const list = new TextEncoder().encode(JSON.stringify(lines));
  const packed = new Uint8Array(LENGTH_BYTES + list.length + lines.reduce((sum, { bytes }) => sum + bytes, 0));
  new DataView(packed.buffer).setUint32(0, list.length);
  packed.set(list, LENGTH_BYTES);
  let at = LENGTH_BYTES + list.length;
  for (const { jpeg } of pictures) {
    if (jpeg === null) continue;
    packed.set(jpeg, at);
    at += jpeg.length;
  }
  return packed;
}

/** The pictures that were packed; their JPEGs are copies. Throws where the bytes are no such run. */
export function unpackPictures(packed: Uint8Array): Picture[] {
  const length = new DataView(packed.buffer, packed.byteOffset, packed.length).getUint32(0);
  let at = LENGTH_BYTES + length;
  const lines = PictureLine.array().parse(JSON.parse(new TextDecoder().decode(packed.subarray(LENGTH_BYTES, at))));
  return lines.map(({ bytes, ...picture }) => {
    // Not slice(): a Buffer's gives a view.
    const jpeg = picture.fate === 'seen' ? new Uint8Array(packed.subarray(at, at + bytes)) : null;
    if (jpeg !== null && jpeg.length !== bytes) throw new RangeError('a picture is shorter than its list says');
    at += bytes;
    return { ...picture, jpeg };
  });
}
