import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { drawText } from './drawn-text.fixture.ts';
import { decodeFrame } from './frame.ts';
import { createImageText, decodeCtc } from './image-text.ts';
import { textBoxes } from './text-boxes.ts';

const model = (name: string) => readFile(fileURLToPath(new URL(`../../../.wheelhouse/models/${name}`, import.meta.url)));

test('a card number on a screen is read and found; other numbers are read and not found', async () => {
  const reader = await createImageText({
    det: await model('pp-ocr-v4-detector.onnx'),
    rec: await model('pp-ocr-v4-recogniser.onnx'),
    dictionary: (await model('pp-ocr-v4-characters.txt')).toString('utf8'),
  });
  const drawing = { width: 640, height: 360, point: 3 };
  const card = decodeFrame(drawText(['HELLO THERE', 'CARD 4111 1111 1111 1111'], drawing));
  const lines = await reader.linesOf(card);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe('HELLO THERE');
  expect(lines[1]?.replace(/\D/g, '')).toBe('4111111111111111');
  expect(await reader.findingsOf(card)).toEqual(['payment_card']);
  expect(await reader.findingsOf(decodeFrame(drawText(['ORDER 4111 1111 1111 1112'], { ...drawing, point: 4 })))).toEqual([]);
  const empty = decodeFrame(drawText([], drawing));
  expect(await reader.linesOf(empty)).toEqual([]);
});

test('steps are read as the likeliest characters: repeats are one, blanks separate', () => {
  const characters = ['', 'a', 'b', ' '];
  const steps = (...best: number[]) => Float32Array.from(best.flatMap((one) => characters.map((_, i) => (i === one ? 0.9 : 0.03))));
  expect(decodeCtc(steps(0, 1, 1, 0, 1, 2, 2, 0), 4, characters)).toBe('aab');
  expect(decodeCtc(steps(1, 3, 2), 4, characters)).toBe('a b');
  expect(decodeCtc(steps(0, 0), 4, characters)).toBe('');
  expect(decodeCtc(Float32Array.of(0.2, 0.4, 0.2, 0.2), 4, characters)).toBe('');
});

test('points that hang together make one box, grown, in reading order', () => {
  const width = 60;
  const height = 40;
  const chances = new Float32Array(width * height);
  const paint = (left: number, top: number, across: number, down: number) => {
    for (let y = top; y < top + down; y += 1) chances.fill(0.9, y * width + left, y * width + left + across);
  };
  paint(35, 5, 20, 6);
  paint(3, 6, 20, 6);
  paint(3, 25, 30, 6);
  paint(50, 36, 2, 2);
  const boxes = textBoxes({ width, height, chances }, 10);
  expect(boxes.map(({ left, top }) => [left < 30, top < 20])).toEqual([
    [true, true],
    [false, true],
    [true, false],
  ]);
  for (const box of boxes) {
    expect(box.height).toBeGreaterThan(6);
    expect(box.left).toBeGreaterThanOrEqual(0);
    expect(box.left + box.width).toBeLessThanOrEqual(width);
  }
  expect(textBoxes({ width, height, chances }, 1)).toHaveLength(1);
});
