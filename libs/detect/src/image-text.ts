import type { Finding } from '@wheelhouse/protocol/signals';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { type Box, type Frame, planesOf } from './frame.ts';
import { floatsOf, openModel } from './model-session.ts';
import { textBoxes } from './text-boxes.ts';
import { findingsIn } from './text-findings.ts';

/** PP-OCRv4's files (docs/detectors.md): detector, recogniser, and the recogniser's characters, one a line. */
export type ImageTextFiles = { readonly det: Uint8Array; readonly rec: Uint8Array; readonly dictionary: string };

/** Reads the text in a picture. */
export type ImageText = {
  /** Lines of text from top to bottom. */
  linesOf(frame: Frame): Promise<string[]>;
  /** What the patterns find in them; sorted. Lines are read together: a card number may be on four of them. */
  findingsOf(frame: Frame): Promise<Finding[]>;
};

const LONGEST_SIDE = 736;
const STRIDE = 32;
const LINE_HEIGHT = 48;
const LEAST_WIDTH = 48;
const MOST_WIDTH = 1280;
const MOST_LINES = 48;
const LEAST_CERTAINTY = 0.5;
const BLANK = 0;

/** ImageNet's mean and spread, on which the detector was trained; PaddleOCR feeds blue, green, red to both models. */
const MEAN = [0.485, 0.456, 0.406];
const SPREAD = [0.229, 0.224, 0.225];
const DETECTOR_SCALE = SPREAD.map((spread) => 1 / 255 / spread);
const DETECTOR_SHIFT = MEAN.map((mean, i) => -mean / (SPREAD[i] ?? 1));
const BGR = [2, 1, 0] as const;

/** Opens both models. Source of the preparation and of the decoding: PaddleOCR 2.7, PP-OCRv4 inference settings. */
export async function createImageText(files: ImageTextFiles): Promise<ImageText> {
  const det = await openModel(files.det);
  const rec = await openModel(files.rec);
  const characters = ['', ...files.dictionary.replace(/\r/g, '').replace(/\n$/, '').split('\n'), ' '];
  const linesOf = async (frame: Frame): Promise<string[]> => {
    const lines: string[] = [];
    for (const box of await boxesOf(det, frame)) {
      const line = await readLine(rec, { frame, box, characters });
      if (line !== '') lines.push(line);
    }
    return lines;
  };
  return {
    linesOf,
    findingsOf: async (frame) => {
      const lines = await linesOf(frame);
      const together = [lines.join('\n'), lines.join(' ')];
      const texts = [...together, ...together.map(apart)];
      return [...new Set(texts.flatMap((text) => findingsIn(text).map(({ what }) => what)))].sort();
    },
  };
}

/** With a space between letters and digits: recognisers lose the narrow ones. */
const apart = (text: string): string => text.replace(/[A-Za-z:](?=\d)|\d(?=[A-Za-z])/g, '$& ');

/** Runs the detector on the frame, scaled so that its sides are multiples of 32 and no longer than the models were made for. */
async function boxesOf(det: InferenceSession, frame: Frame): Promise<Box[]> {
  const shrink = Math.min(1, LONGEST_SIDE / Math.max(frame.width, frame.height));
  const width = Math.max(STRIDE, Math.round((frame.width * shrink) / STRIDE) * STRIDE);
  const height = Math.max(STRIDE, Math.round((frame.height * shrink) / STRIDE) * STRIDE);
  const whole = { left: 0, top: 0, width: frame.width, height: frame.height };
  const pixels = planesOf(frame, whole, { width, height, scale: DETECTOR_SCALE, shift: DETECTOR_SHIFT, order: BGR });
  const chances = floatsOf(await det.run({ x: new Tensor('float32', pixels, [1, 3, height, width]) })).data;
  const across = frame.width / width;
  const down = frame.height / height;
  return textBoxes({ width, height, chances }, MOST_LINES).map((box) => ({
    left: box.left * across,
    top: box.top * down,
    width: box.width * across,
    height: box.height * down,
  }));
}

/** Runs the recogniser on one line; an empty string when it is not sure. */
async function readLine(
  rec: InferenceSession,
  { frame, box, characters }: { frame: Frame; box: Box; characters: readonly string[] },
): Promise<string> {
  const wanted = Math.round((box.width / box.height) * LINE_HEIGHT);
  const width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, wanted));
  const half = [1 / 127.5, 1 / 127.5, 1 / 127.5];
  const pixels = planesOf(frame, box, { width, height: LINE_HEIGHT, scale: half, shift: [-1, -1, -1], order: BGR });
  const { data, dims } = floatsOf(await rec.run({ x: new Tensor('float32', pixels, [1, 3, LINE_HEIGHT, width]) }));
  return decodeCtc(data, dims[2] ?? characters.length, characters);
}

/**
 * Reads a line off the recogniser's chances, step by step the likeliest character: repeats are one, blanks separate (Graves et al. 2006, best path). An empty
 * string when the characters are less than half certain on average.
 */
export function decodeCtc(chances: Float32Array, classes: number, characters: readonly string[]): string {
  let text = '';
  let sum = 0;
  let count = 0;
  let before = BLANK;
  for (let step = 0; step < chances.length / classes; step += 1) {
    let best = 0;
    for (let i = 1; i < classes; i += 1) if ((chances[step * classes + i] ?? 0) > (chances[step * classes + best] ?? 0)) best = i;
    if (best !== BLANK && best !== before) {
      text += characters[best] ?? '';
      sum += chances[step * classes + best] ?? 0;
      count += 1;
    }
    before = best;
  }
  return count === 0 || sum / count < LEAST_CERTAINTY ? '' : text.trim();
}
