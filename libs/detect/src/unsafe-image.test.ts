import { encode } from 'jpeg-js';
import { expect, test } from 'vitest';
import { imageFiles } from './classifiers.fixture.ts';
import { decodeFrame, planesOf } from './frame.ts';
import { createUnsafeImage } from './unsafe-image.ts';

const plain = (red: number, green: number, blue: number) => {
  const data = Uint8Array.from({ length: 64 * 48 * 4 }, (_, i) => [red, green, blue, 255][i % 4] ?? 0);
  return decodeFrame(new Uint8Array(encode({ width: 64, height: 48, data }, 95).data));
};

test('a real model tells a risk, with channels first or last', async () => {
  for (const channelsLast of [false, true]) {
    const classifier = await createUnsafeImage(imageFiles(channelsLast));
    expect(await classifier.riskOf(plain(250, 10, 10))).toBe('high');
    expect(await classifier.riskOf(plain(10, 250, 250))).toBe('none');
  }
});

test('what is no picture, or too large a one, is refused', () => {
  expect(() => decodeFrame(new Uint8Array(0))).toThrow();
  expect(() => decodeFrame(new TextEncoder().encode('GIF89a...'))).toThrow();
  const jpeg = new Uint8Array(encode({ width: 64, height: 48, data: new Uint8Array(64 * 48 * 4) }, 80).data);
  for (let cut = 2; cut < jpeg.length; cut += 37) {
    try {
      const { width, height } = decodeFrame(jpeg.subarray(0, cut));
      expect([width, height]).toEqual([64, 48]);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }
  // The header of a picture of 65,500 by 65,500 pixels.
  const huge = Uint8Array.from(jpeg);
  const at = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0);
  huge.set([0xff, 0xdc, 0xff, 0xdc], at + 5);
  expect(() => decodeFrame(huge)).toThrow(/MP|resolution|memory/i);
});

test('scaling keeps the mean of a picture', () => {
  const width = 31;
  const height = 17;
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * 7919) % 256);
  const frame = { width, height, data };
  const box = { left: 0, top: 0, width, height };
  const usual = { scale: [1, 1, 1], shift: [0, 0, 0], order: [0, 1, 2] as const };
  const same = planesOf(frame, box, { ...usual, width, height });
  for (let i = 0; i < width * height; i += 1) expect(same[i]).toBe(data[i * 4]);
  for (const [w, h] of [
    [8, 8],
    [62, 51],
  ] as const) {
    const scaled = planesOf(frame, box, { ...usual, width: w, height: h });
    const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(Math.abs(mean(scaled) - mean(same))).toBeLessThan(8);
  }
});

test('files that are not what they should be are refused in words', async () => {
  const files = imageFiles();
  await expect(createUnsafeImage({ ...files, preprocessor: '{"size":{"height":0,"width":8}}' })).rejects.toThrow(/0 is none|8 by 0/);
  await expect(createUnsafeImage({ ...files, preprocessor: '{"image_std":[0,1,1]}' })).rejects.toThrow(/image_std/);
  await expect(createUnsafeImage({ ...files, preprocessor: 'x' })).rejects.toThrow(/preprocessor_config\.json is not JSON/);
});
