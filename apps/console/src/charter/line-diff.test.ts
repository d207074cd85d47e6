import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countChanges, diffLines, type DiffLine, foldDiff } from './line-diff.ts';

const shown = (lines: readonly DiffLine[]) => lines.map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`);
const ofKind = (lines: readonly DiffLine[], not: DiffLine['kind']) => lines.filter(({ kind }) => kind !== not).map(({ text }) => text);

describe('diffLines', () => {
  it('names what was taken out and what came in, the old line before the new', () => {
    expect(shown(diffLines('a\nb\nc\n', 'a\nB\nc\nd\n'))).toEqual([' a', '-b', '+B', ' c', '+d']);
  });

  it('gives each line its number in either text', () => {
    expect(diffLines('a\nb\n', 'b\nc\n')).toEqual([
      { kind: 'removed', text: 'a', before: 1, after: null },
      { kind: 'same', text: 'b', before: 2, after: 1 },
      { kind: 'added', text: 'c', before: null, after: 2 },
    ]);
  });

  it.each([
    ['', ''],
    ['a\n', 'a\n'],
    ['a', 'a\n'],
    ['a\r\nb\r\n', 'a\nb\n'],
  ])('sees no difference between %j and %j', (before, after) => {
    expect(countChanges(diffLines(before, after))).toEqual({ added: 0, removed: 0 });
  });

  it('counts an empty line as a line', () => {
    expect(shown(diffLines('a\nb\n', 'a\n\nb\n'))).toEqual([' a', '+', ' b']);
    expect(shown(diffLines('', 'a\n'))).toEqual(['+a']);
    expect(shown(diffLines('a\n', ''))).toEqual(['-a']);
  });

  const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });

  it('holds both texts, whatever they are', () => {
    fc.assert(
      fc.property(texts, texts, (old, now) => {
        const lines = diffLines(old.map((line) => `${line}\n`).join(''), now.map((line) => `${line}\n`).join(''));
        expect(ofKind(lines, 'added')).toEqual(old);
        expect(ofKind(lines, 'removed')).toEqual(now);
        expect(lines.flatMap(({ before }) => before ?? [])).toEqual(old.map((_, i) => i + 1));
        expect(lines.flatMap(({ after }) => after ?? [])).toEqual(now.map((_, i) => i + 1));
      }),
    );
  });

  it('takes the fewest changes', () => {
    fc.assert(
      fc.property(texts, texts, (old, now) => {
        const lines = diffLines(old.map((line) => `${line}\n`).join(''), now.map((line) => `${line}\n`).join(''));
        const { added, removed } = countChanges(lines);
        expect(added + removed).toBe(fewest(old, now));
      }),
    );
  });

  it('gives up on the shortest way, not on the truth, where texts are long and share little', () => {
    const old = Array.from({ length: 3000 }, (_, i) => `old ${i % 7}`).join('\n');
    const now = Array.from({ length: 3000 }, (_, i) => `new ${i % 5}`).join('\n');
    expect(countChanges(diffLines(`first\n${old}\nlast`, `first\n${now}\nlast`))).toEqual({ added: 3000, removed: 3000 });
  });
});

/** The same by definition: try everything. */
function fewest(old: readonly string[], now: readonly string[]): number {
  const known = new Map<string, number>();
  const from = (i: number, j: number): number => {
    if (i === old.length) return now.length - j;
    if (j === now.length) return old.length - i;
    const key = `${i} ${j}`;
    const answer = known.get(key) ?? (old[i] === now[j] ? from(i + 1, j + 1) : 1 + Math.min(from(i + 1, j), from(i, j + 1)));
    known.set(key, answer);
    return answer;
  };
  return from(0, 0);
}

describe('foldDiff', () => {
  const text = (lines: number, changed: readonly number[]) =>
    Array.from({ length: lines }, (_, i) => (changed.includes(i + 1) ? `new ${i + 1}` : `line ${i + 1}`)).join('\n');
  const folded = (changed: readonly number[]) =>
    foldDiff(diffLines(text(20, []), text(20, changed)), 2).map((part) => (part.kind === 'folded' ? part.count : shown(part.lines).length));

  it('shows changes with what stands around them', () => {
    expect(folded([10])).toEqual([7, 6, 8]);
    expect(folded([1])).toEqual([4, 17]);
    expect(folded([])).toEqual([20]);
  });

  it('folds nothing that is not longer than the fold', () => {
    expect(folded([3])).toEqual([6, 15]);
    expect(folded([4])).toEqual([7, 14]);
    expect(folded([7, 12])).toEqual([4, 12, 6]);
    expect(folded([7, 13])).toEqual([4, 7 + 6, 5]);
  });

  it('loses no line', () => {
    const lines = diffLines(text(20, []), text(20, [2, 9, 20]));
    expect(foldDiff(lines).flatMap((part) => part.lines)).toEqual(lines);
  });
});
