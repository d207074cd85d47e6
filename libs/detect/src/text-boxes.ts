import type { Box } from './frame.ts';

/** A map of how likely each point is part of a line of text. */
export type TextMap = { readonly width: number; readonly height: number; readonly chances: Float32Array };

const PART_FROM = 0.3;
const BOX_FROM = 0.5;
const LEAST_SIDE = 3;
/** How far the detector's shrunken lines are grown again: area times this over circumference, as in DB (Liao et al. 2019, section 3.4). */
const GROW = 1.8;

/** Upright boxes around lines of text: joined points of the map, grown, sorted from top to bottom and left to right. At most `most`. */
export function textBoxes(map: TextMap, most: number): Box[] {
  const { width, height, chances } = map;
  const seen = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const boxes: Box[] = [];
  for (let start = 0; start < seen.length; start += 1) {
    if (seen[start] !== 0 || (chances[start] ?? 0) < PART_FROM) continue;
    const box = boxFrom(map, start, { seen, stack });
    if (box !== null) boxes.push(box);
  }
  return boxes
    .toSorted((a, b) => b.width * b.height - a.width * a.height)
    .slice(0, most)
    .toSorted((a, b) => (Math.abs(a.top - b.top) < Math.min(a.height, b.height) / 2 ? a.left - b.left : a.top - b.top));
}

/** Walks over the points that hang together with `start`, four ways. Null when they are too few or too doubtful. */
function boxFrom({ width, height, chances }: TextMap, start: number, { seen, stack }: { seen: Uint8Array; stack: Int32Array }): Box | null {
  let depth = 0;
  let count = 0;
  let sum = 0;
  let [left, right, top, bottom] = [width, 0, height, 0];
  const visit = (at: number): void => {
    if (seen[at] !== 0 || (chances[at] ?? 0) < PART_FROM) return;
    seen[at] = 1;
    stack[depth] = at;
    depth += 1;
  };
  visit(start);
  while (depth > 0) {
    depth -= 1;
    const at = stack[depth] ?? 0;
    const x = at % width;
    const y = (at - x) / width;
    count += 1;
    sum += chances[at] ?? 0;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (y > 0) visit(at - width);
    if (y < height - 1) visit(at + width);
  }
  const [across, down] = [right - left + 1, bottom - top + 1];
  if (Math.min(across, down) < LEAST_SIDE || sum / count < BOX_FROM) return null;
  const grow = (across * down * GROW) / (2 * (across + down));
  const from = { left: Math.max(0, left - grow), top: Math.max(0, top - grow) };
  return { ...from, width: Math.min(width, right + 1 + grow) - from.left, height: Math.min(height, bottom + 1 + grow) - from.top };
}
