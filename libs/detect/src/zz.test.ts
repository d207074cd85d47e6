import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FoundSpan } from '@wheelhouse/protocol/signals';
import { RollingText, TAIL } from './rolling-text.ts';
import { readTestSet } from './test-set.fixture.ts';
import { findingsIn } from './text-findings.ts';

const PLAIN = 'so we went to the market then bought apples pears some bread for everyone who came along with music until late'.split(' ');
const things = readTestSet().flatMap(({ found, text }) => (found.length === 0 ? [] : [{ text, length: text.length }]));

/** Marks of the characters that spans cover, by kind and tick. */
function cover(spans: readonly FoundSpan[]): string[] {
  const marks = new Set<string>();
  for (const { tick, from, to, what } of spans) for (let at = from; at < to; at += 1) marks.add(`${what} ${tick} ${at}`);
  return [...marks].sort();
}

/** Where each character of the whole text lies, when it is cut into pieces. `gap` characters between them are in none. */
function placesOf(pieces: readonly string[], gap: number): { tick: number; at: number }[] {
  return pieces.flatMap((piece, tick) => [
    ...(tick > 0 ? Array.from({ length: gap }, () => ({ tick: -1, at: 0 })) : []),
    ...Array.from({ length: piece.length }, (_, at) => ({ tick, at })),
  ]);
}

/** What scanning the whole up to the end of each piece finds: what can be known then. */
function knowable(pieces: readonly string[], gap: '' | ' '): string[] {
  const places = placesOf(pieces, gap.length);
  const marks = new Set<string>();
  let text = '';
  for (const [tick, piece] of pieces.entries()) {
    text += tick > 0 ? gap + piece : piece;
    for (const { what, from, to } of findingsIn(text))
      for (const place of places.slice(from, to)) if (place.tick >= 0) marks.add(`${what} ${place.tick} ${place.at}`);
  }
  return [...marks].sort();
}

/** The pieces' spans; each character is told once for each kind. */
function heard(pieces: readonly string[]): string[] {
  const rolling = new RollingText();
  const spans = pieces.flatMap((piece, tick) => [...rolling.push(tick, piece).spans]);
  const marks = cover(spans);
  expect(spans.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(marks.length);
  for (const { tick, from, to } of spans) {
    expect(from).toBeLessThan(to);
    expect(to).toBeLessThanOrEqual(pieces[tick]?.length ?? 0);
  }
  return marks;
}

const words = fc.array(fc.constantFrom(...PLAIN), { minLength: 2, maxLength: 30 }).map((some) => some.join(' '));
const thing = fc.constantFrom(...things.filter(({ length }) => length < TAIL / 2).map(({ text }) => text));
const story = fc
  .array(fc.tuple(words, thing), { minLength: 1, maxLength: 6 })
  .chain((parts) => words.map((end) => [...parts.flat(), end].join(' ')));

/** Cuts at the given shares of the text. */
function cutAt(text: string, shares: readonly number[]): string[] {
  const cuts = [...new Set([0, ...shares.map((share) => Math.floor(share * text.length)), text.length])].sort((a, b) => a - b);
  return cuts.slice(1).map((to, i) => text.slice(cuts[i], to));
}

test('said words: cut between any two words, what scanning the whole finds is found, where it lies', () => {
  fc.assert(
    fc.property(story, fc.array(fc.nat(6), { minLength: 1, maxLength: 200 }), (text, sizes) => {
      const all = text.split(' ');
      const pieces: string[] = [];
      for (let at = 0, i = 0; at < all.length; i += 1) {
        const size = 1 + (sizes[i % sizes.length] ?? 0);
        pieces.push(all.slice(at, at + size).join(' '));
        at += size;
      }
      const marks = heard(pieces);
      expect(marks).toEqual(expect.arrayContaining(knowable(pieces, ' ')));
    }),
    { numRuns: 600 },
  );
});

test('typed text: cut anywhere, what scanning the whole finds is found, where it lies', () => {
  fc.assert(
    fc.property(story, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }), (text, shares) => {
      const pieces = cutAt(text, shares);
      expect(heard(pieces)).toEqual(expect.arrayContaining(knowable(pieces, '')));
    }),
    { numRuns: 600 },
  );
});

test('cut so that each seam has its space, exactly what scanning the whole finds is found, and nothing else', () => {
  fc.assert(
    fc.property(story, fc.array(fc.nat(40), { minLength: 1, maxLength: 200 }), (text, sizes) => {
      const pieces: string[] = [];
      for (let at = 0, i = 0; at < text.length; i += 1) {
        const space = text.indexOf(' ', at + (sizes[i % sizes.length] ?? 0));
        const to = space < 0 ? text.length : space + 1;
        pieces.push(text.slice(at, to));
        at = to;
      }
      expect(heard(pieces)).toEqual(knowable(pieces, ''));
    }),
    { numRuns: 6000 },
  );
});

test('a private key that is longer than any tail is followed to its end, and no further', () => {
  const body = Array.from({ length: 200 }, (_, i) => `MIIEpAIBAAKCAQEA${String(i).padStart(8, '0')}xyzXYZ\n`);
  const pieces = ['here it comes -----BEGIN RSA PRIVATE KEY-----\n', ...body, '-----END RSA PRIVATE KEY-----', ' and so on', ' we went'];
  const rolling = new RollingText();
  const found = pieces.map((piece, tick) => rolling.push(tick, piece));
  for (const [tick, { found: kinds }] of found.slice(0, 202).entries()) expect([tick, kinds]).toEqual([tick, ['private_key']]);
  expect(found.slice(202).flatMap(({ spans }) => spans)).toEqual([]);
  const told = cover(found.flatMap(({ spans }) => spans));
  expect(told.length).toBe(pieces.slice(0, 202).join('').length - 'here it comes '.length);
});

test('memory stays bounded, and so does what a classifier gets', () => {
  const rolling = new RollingText();
  for (let tick = 0; tick < 5000; tick += 1) rolling.push(tick, tick % 3 === 0 ? '4'.repeat(50) : 'word');
  expect(rolling.tail.length).toBe(TAIL);
  rolling.push(5000, 'z'.repeat(100_000));
  rolling.push(5001, 'end');
  expect(rolling.tail.length).toBe(TAIL);
  expect(rolling.push(5002, '').spans).toEqual([]);
});

test('where something found goes on, only the new part is told', () => {
  const rolling = new RollingText();
  rolling.push(0, 'ping 10.0.0');
  expect(rolling.push(1, '.1')).toEqual({
    found: ['ip_address'],
    spans: [
      { tick: 0, from: 5, to: 11, what: 'ip_address' },
      { tick: 1, from: 0, to: 2, what: 'ip_address' },
    ],
  });
  expect(rolling.push(2, '7 now')).toEqual({ found: ['ip_address'], spans: [{ tick: 2, from: 0, to: 1, what: 'ip_address' }] });
  expect(rolling.push(3, ' or never')).toEqual({ found: [], spans: [] });
});
