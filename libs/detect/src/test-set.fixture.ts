import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Finding, FINDINGS } from '@wheelhouse/protocol/signals';
import { parseJson } from './json-field.ts';
import type { Hit } from './hit.ts';

/** One line of the test set: a text, and what is in it. */
export type TestLine = { readonly file: string; readonly text: string; readonly found: readonly { what: Finding; value: string }[] };

const folder = fileURLToPath(new URL('../test-set', import.meta.url));
/** Stands in keys and tokens of the test set, so that nobody takes the files for a leak; it is left out on reading. */
const BREAK = '·';

/** Reads libs/detect/test-set: how it is written is in its README. */
export function readTestSet(): TestLine[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) =>
      readFileSync(`${folder}/${file}`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => readLine(file, line.replaceAll(BREAK, ''))),
    );
}

function readLine(file: string, line: string): TestLine {
  const { text, found } = parseJson(line, file);
  if (typeof text !== 'string' || !Array.isArray(found))
    throw new Error(`${file}: a line has no text or no list of what is in it: ${line}`);
  const wanted = found.map((one: unknown) => {
    const pair: readonly unknown[] = Array.isArray(one) ? one : [];
    const [what, value] = pair;
    if (typeof value !== 'string' || !text.includes(value)) throw new Error(`${file}: not in the text: ${String(value)}`);
    return { what: Finding.parse(what), value };
  });
  return { file, text, found: wanted };
}

/** How often a kind was found where it is, found where it is not, and missed. */
export type Score = { readonly what: Finding; right: number; wrong: number; missed: number };

/** Scores what a detector finds. Something found counts as right only when kind and span are exactly those of the test set. */
export function score(lines: readonly TestLine[], detect: (text: string) => readonly Hit[]): { scores: Score[]; misses: string[] } {
  const scores = new Map(FINDINGS.map((what): [Finding, Score] => [what, { what, right: 0, wrong: 0, missed: 0 }]));
  const misses: string[] = [];
  for (const { text, found } of lines) {
    const left = [...found];
    for (const { what, from, to } of detect(text)) {
      const at = left.findIndex((one) => one.what === what && one.value === text.slice(from, to));
      const entry = scores.get(what);
      if (entry === undefined) continue;
      if (at >= 0) {
        left.splice(at, 1);
        entry.right += 1;
      } else {
        entry.wrong += 1;
        misses.push(`wrong ${what} "${text.slice(from, to)}" in "${text}"`);
      }
    }
    for (const { what, value } of left) {
      const entry = scores.get(what);
      if (entry !== undefined) entry.missed += 1;
      misses.push(`missed ${what} "${value}" in "${text}"`);
    }
  }
  return { scores: [...scores.values()], misses };
}

export const precisionOf = ({ right, wrong }: Score): number => (right + wrong === 0 ? 1 : right / (right + wrong));
export const recallOf = ({ right, missed }: Score): number => (right + missed === 0 ? 1 : right / (right + missed));
