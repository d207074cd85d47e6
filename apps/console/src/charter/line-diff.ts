/** A line of two texts laid beside each other. `before` and `after` are its numbers in them, counted from 1; null where it is not in that one. */
export type DiffLine = {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  readonly before: number | null;
  readonly after: number | null;
};

/** Lines that are shown, or that many equal ones that are not. */
export type DiffPart =
  | { readonly kind: 'lines'; readonly lines: readonly DiffLine[] }
  | { readonly kind: 'folded'; readonly count: number; readonly lines: readonly DiffLine[] };

/** Cells of the table of common subsequences. Above, the middle of the texts is shown as rewritten: true, if not the shortest way to say it. */
const MOST_CELLS = 4_000_000;

/** What was removed and added to get from one text to the other, line by line, in the fewest changes. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < most - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const kinds: DiffLine['kind'][] = [
    ...Array.from({ length: start }, () => 'same' as const),
    ...changes(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...Array.from({ length: end }, () => 'same' as const),
  ];
  return numbered(kinds, old, now);
}

/** A last line break ends the last line; it begins no other. An empty text has no lines. */
function linesOf(text: string): readonly string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The longest common subsequence keeps its lines; of the others, the removed come before the added. */
function changes(old: readonly string[], now: readonly string[]): readonly DiffLine['kind'][] {
  const rewritten = [...old.map(() => 'removed' as const), ...now.map(() => 'added' as const)];
  if (old.length === 0 || now.length === 0 || (old.length + 1) * (now.length + 1) > MOST_CELLS) return rewritten;
  const width = now.length + 1;
  // common[i * width + j]: how many lines the two rests from i and from j on have in common.
  const common = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      common[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const kinds: DiffLine['kind'][] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [left, right] = [old.length - i, now.length - j];
    const kind =
      left > 0 && right > 0 && old[i] === now[j] ? 'same' : left > 0 && (right === 0 || at(i + 1, j) >= at(i, j + 1)) ? 'removed' : 'added';
    kinds.push(kind);
    if (kind !== 'added') i += 1;
    if (kind !== 'removed') j += 1;
  }
  return kinds;
}

function numbered(kinds: readonly DiffLine['kind'][], old: readonly string[], now: readonly string[]): readonly DiffLine[] {
  let [i, j] = [0, 0];
  return kinds.map((kind) => {
    const text = (kind === 'added' ? now[j] : old[i]) ?? '';
    if (kind !== 'added') i += 1;
    if (kind !== 'removed') j += 1;
    return { kind, text, before: kind === 'added' ? null : i, after: kind === 'removed' ? null : j };
  });
}

/** The changes with `around` equal lines on each side; longer runs of equal lines are folded. A fold of one line would hide nothing. */
export function foldDiff(lines: readonly DiffLine[], around = 3): readonly DiffPart[] {
  const near = new Set<number>();
  for (const [i, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let k = i - around; k <= i + around; k += 1) near.add(k);
  }
  const isNear = (i: number) => i < 0 || i >= lines.length || near.has(i);
  const parts: { isShown: boolean; lines: DiffLine[] }[] = [];
  for (const [i, line] of lines.entries()) {
    const isShown = near.has(i) || (isNear(i - 1) && isNear(i + 1));
    const last = parts.at(-1);
    if (last?.isShown === isShown) last.lines.push(line);
    else parts.push({ isShown, lines: [line] });
  }
  return parts.map(({ isShown, lines: own }) =>
    isShown ? { kind: 'lines', lines: own } : { kind: 'folded', count: own.length, lines: own },
  );
}

export function countChanges(lines: readonly DiffLine[]): { readonly added: number; readonly removed: number } {
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  return { added: count('added'), removed: count('removed') };
}
