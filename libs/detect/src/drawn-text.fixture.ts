import { encode } from 'jpeg-js';

/** Five columns by seven rows for each character, a row a number whose bits are its points. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  A: [14, 17, 17, 31, 17, 17, 17],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  H: [17, 17, 17, 31, 17, 17, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  O: [14, 17, 17, 17, 17, 17, 14],
  R: [30, 17, 17, 30, 20, 18, 17],
  T: [31, 4, 4, 4, 4, 4, 4],
  ' ': [0, 0, 0, 0, 0, 0, 0],
};
const COLUMNS = 5;
const ROWS = 7;

/** How large the letters are, in pixels a point, and the frame around them. */
export type Drawing = { readonly width: number; readonly height: number; readonly point: number };

/** A JPEG with lines of dark text on light ground, in letters that are made of round points run together. */
export function drawText(lines: readonly string[], { width, height, point }: Drawing): Uint8Array {
  const data = new Uint8Array(width * height * 4).fill(238);
  const ink = (x: number, y: number): void => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    data.fill(24, (y * width + x) * 4, (y * width + x) * 4 + 3);
  };
  for (const [line, text] of lines.entries()) {
    for (const [place, character] of text.split('').entries()) {
      const glyph = GLYPHS[character];
      if (glyph === undefined) throw new Error(`there is no drawing of ${character}`);
      for (let row = 0; row < ROWS; row += 1)
        for (let column = 0; column < COLUMNS; column += 1) {
          if (((glyph[row] ?? 0) & (1 << (COLUMNS - 1 - column))) === 0) continue;
          const left = 24 + (place * (COLUMNS + 1) + column) * point;
          const top = 24 + (line * (ROWS + 6) + row) * point;
          for (let y = 0; y < point; y += 1) for (let x = 0; x < point; x += 1) ink(left + x, top + y);
        }
    }
  }
  return new Uint8Array(encode({ width, height, data }, 85).data);
}
