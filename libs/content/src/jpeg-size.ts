/** How large a picture is, in pixels. */
export type PixelSize = { readonly width: number; readonly height: number };

/** Markers of a frame's head: SOF0 to SOF15, without DHT, JPG and DAC, which lie among them (ITU-T T.81, table B.1). */
const FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

/** What a JPEG says of its size; null where it says nothing that can be read. */
export function jpegSize(jpeg: Uint8Array): PixelSize | null {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.length);
  for (let at = 2; at + 9 <= jpeg.length;) {
    if (jpeg[at] !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    // Any number of fill bytes may stand before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (FRAMES.has(marker)) {
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      return size.width === 0 || size.height === 0 ? null : size;
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
