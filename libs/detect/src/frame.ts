import { decode } from 'jpeg-js';

/** A picture: red, green, blue, alpha for each pixel, row by row. */
export type Frame = { readonly width: number; readonly height: number; readonly data: Uint8Array };

const MOST_MEGAPIXELS = 8;
const MOST_MEGABYTES = 192;

/** Decodes a JPEG. Throws Error when it is none, is damaged, or would unpack to more than eight megapixels. */
export function decodeFrame(jpeg: Uint8Array): Frame {
  const { width, height, data } = decode(jpeg, {
    useTArray: true,
    formatAsRGBA: true,
    maxResolutionInMP: MOST_MEGAPIXELS,
    maxMemoryUsageInMB: MOST_MEGABYTES,
    tolerantDecoding: false,
  });
  if (width < 1 || height < 1 || data.length < width * height * 4) throw new Error('The frame has no pixels.');
  return { width, height, data };
}

/** A stretch of a frame, in pixels. */
export type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** How pixels become the numbers that a model takes. */
export type Planes = {
  readonly width: number;
  readonly height: number;
  /** By channel, in the model's own order. */
  readonly scale: readonly number[];
  readonly shift: readonly number[];
  /** Which of red, green and blue is first, second and third. */
  readonly order: readonly [number, number, number];
};

/**
 * Scales a box of a frame to `width` by `height` (each pixel by its four neighbours, or all that fall into it when it shrinks) and writes value * scale +
 * shift, channel after channel. Values run from 0 to 255.
 */
export function planesOf(frame: Frame, box: Box, { width, height, scale, shift, order }: Planes): Float32Array {
  const planes = new Float32Array(3 * width * height);
  const columns = spansOf(box.left, box.width, width, frame.width);
  const rows = spansOf(box.top, box.height, height, frame.height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const value = meanOf(frame, { columns, rows, x, y, channel: order[channel] ?? 0 });
        planes[channel * width * height + y * width + x] = value * (scale[channel] ?? 0) + (shift[channel] ?? 0);
      }
    }
  }
  return planes;
}

/** For each target pixel: the first and last source pixel, and how much the last weighs. */
type Spans = { readonly first: Int32Array; readonly last: Int32Array; readonly weight: Float32Array; readonly average: boolean };

function spansOf(start: number, length: number, size: number, most: number): Spans {
  const first = new Int32Array(size);
  const last = new Int32Array(size);
  const weight = new Float32Array(size);
  const step = length / size;
  for (let i = 0; i < size; i += 1) {
    if (step > 1) {
      first[i] = Math.min(most - 1, Math.floor(start + i * step));
      last[i] = Math.min(most - 1, Math.max(first[i] ?? 0, Math.ceil(start + (i + 1) * step) - 1));
    } else {
      const middle = Math.max(0, start + (i + 0.5) * step - 0.5);
      first[i] = Math.min(most - 1, Math.floor(middle));
      last[i] = Math.min(most - 1, (first[i] ?? 0) + 1);
      weight[i] = middle - Math.floor(middle);
    }
  }
  return { first, last, weight, average: step > 1 };
}

type Spot = { readonly columns: Spans; readonly rows: Spans; readonly x: number; readonly y: number; readonly channel: number };

function meanOf({ width, data }: Frame, { columns, rows, x, y, channel }: Spot): number {
  const left = columns.first[x] ?? 0;
  const right = columns.last[x] ?? 0;
  const top = rows.first[y] ?? 0;
  const bottom = rows.last[y] ?? 0;
  const across = (row: number): number => {
    const at = row * width * 4 + channel;
    if (!columns.average) {
      const share = columns.weight[x] ?? 0;
      return (data[at + left * 4] ?? 0) * (1 - share) + (data[at + right * 4] ?? 0) * share;
    }
    let sum = 0;
    for (let column = left; column <= right; column += 1) sum += data[at + column * 4] ?? 0;
    return sum / (right - left + 1);
  };
  if (!rows.average) {
    const share = rows.weight[y] ?? 0;
    return share === 0 ? across(top) : across(top) * (1 - share) + across(bottom) * share;
  }
  let sum = 0;
  for (let row = top; row <= bottom; row += 1) sum += across(row);
  return sum / (bottom - top + 1);
}
