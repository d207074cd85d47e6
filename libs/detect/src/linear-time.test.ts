import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findingsIn } from './text-findings.ts';

/** The sources of the regular expressions in the patterns' files. */
const PATTERNS = [
  'secrets',
  'private-key',
  'password',
  'national-id',
  'payment-card',
  'phone',
  'context-words',
  'digit-runs',
  'rolling-text',
  'ip-address',
  'email',
];

/**
 * A regular expression whose repetitions are all bounded looks at a bounded stretch from each place. Those that may repeat without bound are only ones that are
 * tied to the start of a string that is cut out first, which is read once.
 */
test('no pattern that is searched for in a text repeats without bound', () => {
  for (const name of PATTERNS) {
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8').replace(/^ *(?:\/\*\*.*|\*.*|\/\/.*)$/gm, '');
    const literals = [...source.matchAll(/(?<=[=(,&|?:[\s])\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[a-z]*(?=[.,;)\s])/g)].map(
      ([, body]) => body ?? '',
    );
    for (const body of literals) {
      const bare = body.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_');
      if (bare.startsWith('^')) continue;
      expect([name, body, /[*+]|\{\d+,\}/.test(bare)]).toEqual([name, body, false]);
    }
  }
  expect(readdirSync(new URL('.', import.meta.url)).filter((file) => PATTERNS.some((name) => file === `${name}.ts`))).toHaveLength(
    PATTERNS.length,
  );
});

const HOSTILE: readonly (readonly [string, string])[] = [
  ['digits', '4'],
  ['single digits', '4 '],
  ['card pieces', '4111 1111 '],
  ['number words', 'four '],
  ['doubles', 'double '],
  ['letters', 'a '],
  ['at signs', '@'],
  ['addresses', 'a@a.'],
  ['said addresses', 'a at a dot '],
  ['dots', 'dot '],
  ['ats', 'at '],
  ['token marks', 'eyJ.'],
  ['token marks with dashes', '-eyJ-'],
  ['keys', 'sk-'],
  ['names of secrets', 'secret='],
  ['names of passwords', 'password is '],
  ['key blocks', '-----BEGIN PRIVATE KEY-----'],
  ['key ends', '-----END PRIVATE KEY-----'],
  ['key blocks and material', '-----BEGIN PRIVATE KEY-----abcd1234'],
  ['colons', '::'],
  ['hex', 'ab:'],
  ['octets', '1.'],
  ['IBAN starts', 'DE8'],
  ['plus signs', '+1 '],
  ['slashes', '://a:'],
  ['topics', 'card phone order '],
  ['capitals', 'password is capital a '],
  ['zero-width', '4\u200b'],
  ['base64', 'aB3/'],
];

/** The least CPU time, in microseconds, that scanning a text took in some tries. */
function costOf(text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3; tries += 1) {
    const from = process.cpuUsage();
    findingsIn(text);
    const { user, system } = process.cpuUsage(from);
    least = Math.min(least, user + system);
  }
  return least;
}

test('hostile text of sixteen times the length takes no more than some sixteen times as long', () => {
  const grew: string[] = [];
  for (const [name, piece] of HOSTILE) {
    const text = (length: number) => piece.repeat(Math.ceil(length / piece.length));
    // Were it the square, it would be 256 times; what the machine adds stays far below that.
    const ratio = costOf(text(48_000)) / Math.max(300, costOf(text(3_000)));
    if (ratio > 80) grew.push(`${name}: ${ratio.toFixed(0)} times`);
  }
  expect(grew).toEqual([]);
});
