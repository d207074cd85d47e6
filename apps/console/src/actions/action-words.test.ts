import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestHere, grouped, inOrder, isUrgent, isWhatItSays, readArguments } from './action-words.ts';

const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
const one = (id: string, asked: number, left: number, session: string | null = null) => ({
  id,
  session,
  askedAt: at(asked),
  expiresAt: at(100 + left),
});
const NOW = 100 * 60_000;
const TOOL = { kind: 'tool', tool: 'tool' } as const;

describe('the order of what waits', () => {
  it('puts those first for whom somebody waits or time runs out, newest first', () => {
    const rows = [one('old', 1, 60), one('new', 9, 60), one('soon', 2, 4), one('live', 3, 60, 'a session')];
    expect(inOrder(rows, NOW).map(({ id }) => id)).toEqual(['live', 'soon', 'new', 'old']);
    expect(rows.map((row) => isUrgent(row, NOW))).toEqual([false, false, true, true]);
  });
});

describe('typed arguments', () => {
  it('are bound to a digest that does not depend on how they are spelled', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value, null, 3);
        const read = readArguments(TOOL, text);
        fc.pre(read.ok);
        expect(read.digest).toMatch(/^[0-9a-f]{64}$/);
        expect(readArguments(TOOL, JSON.stringify(value))).toEqual(read);
        expect(isWhatItSays({ ...TOOL, arguments: read.value, digest: read.digest })).toBe(true);
        expect(isWhatItSays({ ...TOOL, tool: 'other', arguments: read.value, digest: read.digest })).toBe(false);
        // A promotion of the same name, with the same arguments, is another thing.
        const promotion = { ...TOOL, kind: 'deployment.promote' } as const;
        expect(isWhatItSays({ ...promotion, arguments: read.value, digest: read.digest })).toBe(false);
        expect(isWhatItSays({ ...promotion, arguments: read.value, digest: digestHere(promotion, read.value) ?? '' })).toBe(true);
      }),
    );
  });

  it('say what is wrong and where', () => {
    for (const [text, why] of [
      ['{"a":1,"a":2}', /occurs twice.*Line 1/],
      ['{\n"a": 1e400\n}', /loses precision.*Line 2/],
      ['"\\ud800"', /half a character/],
      ['{"a":', /Line 1/],
      [`[${'"x",'.repeat(5000)}"x"]`, /Longer than/],
    ] as const) {
      const read = readArguments(TOOL, text);
      expect(read.ok ? 'fine' : read.message).toMatch(why);
    }
  });
});

it('groups a digest without losing any of it', () => {
  const digest = 'a'.repeat(60) + 'bcde';
  expect(grouped(digest).replaceAll(' ', '')).toBe(digest);
  expect(grouped(digest).split(' ')).toHaveLength(8);
});
