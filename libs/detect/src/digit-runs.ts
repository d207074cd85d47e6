import { isDigit, isWord } from './character-class.ts';

/** Digits that stand together. */
export type Group = { readonly digits: string; readonly from: number; readonly to: number };

/**
 * Groups of digits with nothing but separators between them, such as `4111 1111-1111`. `gaps[i]` is what stands between group i and i + 1: one
 * to three of space, dash, dot, comma, slash, parenthesis.
 */
export type Run = {
  readonly groups: readonly Group[];
  readonly gaps: readonly string[];
  /** All its digits, and where each group's begin among them. */
  readonly digits: string;
  readonly starts: readonly number[];
  readonly from: number;
  readonly to: number;
  /** Where a plus sign stands before the first group; -1 where there is none. */
  readonly plusAt: number;
  /** Whether a bracket opens right before the first group. */
  readonly bracketed: boolean;
  /** Whether a word goes on into the first group, or out of the last: `A4111`. */
  readonly tiedBefore: boolean;
  readonly tiedAfter: boolean;
};

const MOST_GAP = 3;
/** Past so many groups a run goes on as another: what is looked for has fewer, and its search stays linear. */
const MOST_GROUPS = 400;

const isGap = (code: number): boolean =>
  code === 32 || (code >= 44 && code <= 47) || code === 40 || code === 41 || code === 10 || code === 13 || code === 9;

/** All runs of digits in a text, from left to right. */
export function digitRuns(text: string): Run[] {
  const runs: Run[] = [];
  let at = 0;
  while (at < text.length) {
    if (!isDigit(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const groups: Group[] = [];
    const gaps: string[] = [];
    let next = at;
    while (groups.length < MOST_GROUPS) {
      const from = next;
      while (isDigit(text.charCodeAt(next))) next += 1;
      groups.push({ digits: text.slice(from, next), from, to: next });
      const gap = gapAt(text, next);
      if (gap === 0 || groups.length === MOST_GROUPS) break;
      gaps.push(text.slice(next, next + gap));
      next += gap;
    }
    runs.push({
      groups,
      gaps,
      digits: groups.map(({ digits }) => digits).join(''),
      starts: startsOf(groups),
      from: at,
      to: next,
      plusAt: plusBefore(text, at),
      bracketed: text.charAt(at - 1) === '(',
      tiedBefore: isWord(text.charCodeAt(at - 1)),
      tiedAfter: isWord(text.charCodeAt(next)),
    });
    at = next;
  }
  return runs;
}

function startsOf(groups: readonly Group[]): number[] {
  let sum = 0;
  return groups.map(({ digits }) => {
    sum += digits.length;
    return sum - digits.length;
  });
}

/** The length of the gap that leads to more digits; 0 where none does. */
function gapAt(text: string, at: number): number {
  let length = 0;
  while (length <= MOST_GAP && isGap(text.charCodeAt(at + length))) length += 1;
  return length > 0 && length <= MOST_GAP && isDigit(text.charCodeAt(at + length)) ? length : 0;
}

function plusBefore(text: string, at: number): number {
  for (let i = at - 1; i >= Math.max(0, at - 2); i -= 1) {
    const code = text.charCodeAt(i);
    if (code === 43) return i;
    if (code !== 40 && code !== 32) return -1;
  }
  return -1;
}

/** A stretch of a run: groups `first` to `last`, both included. */
export type Window = {
  readonly run: Run;
  readonly first: number;
  readonly last: number;
  readonly digits: string;
  readonly from: number;
  readonly to: number;
};

/**
 * Calls `visit` with each stretch of whole groups that has `least` to `most` digits and no other gaps than `allowed` matches, longest first for
 * each start. Returns to the group after the stretch when `visit` says true: it took it.
 */
export function eachWindow(run: Run, sizes: { least: number; most: number; allowed: RegExp }, visit: (window: Window) => boolean): void {
  const { groups, gaps } = run;
  for (let first = 0; first < groups.length; first += 1) {
    let last = first;
    let count = groups[first]?.digits.length ?? 0;
    while (last + 1 < groups.length && sizes.allowed.test(gaps[last] ?? '')) {
      const more = groups[last + 1]?.digits.length ?? 0;
      if (count + more > sizes.most) break;
      count += more;
      last += 1;
    }
    for (; last >= first && count >= sizes.least; count -= groups[last]?.digits.length ?? 0, last -= 1) {
      if (count > sizes.most) continue;
      const window = windowOf(run, first, last);
      if (!visit(window)) continue;
      first = last;
      break;
    }
  }
}

export function windowOf(run: Run, first: number, last: number): Window {
  const digits = run.digits.slice(run.starts[first], run.starts[last + 1]);
  return { run, first, last, digits, from: run.groups[first]?.from ?? 0, to: run.groups[last]?.to ?? 0 };
}

/** Whether a word touches the stretch: then it is part of something else. */
export function isTied({ run, first, last }: Window): boolean {
  return (first === 0 && run.tiedBefore) || (last === run.groups.length - 1 && run.tiedAfter);
}

/** The lengths of its groups, such as `4-4-4-4`. */
export function shapeOf({ run, first, last }: Window): string {
  return run.groups
    .slice(first, last + 1)
    .map(({ digits }) => digits.length)
    .join('-');
}

/** Whether nothing that `allowed` would join stands to its left or right: it is all of what was said or written. */
export function isWhole({ run, first, last }: Window, allowed: RegExp): boolean {
  const before = first === 0 ? null : run.gaps[first - 1];
  const after = last === run.groups.length - 1 ? null : run.gaps[last];
  return (before == null || !allowed.test(before)) && (after == null || !allowed.test(after));
}
