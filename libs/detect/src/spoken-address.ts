import { isSpelledLetter, isWritten, type Token } from './spoken-token.ts';
import { numberAt } from './spoken-numbers.ts';

/** An e-mail address that is said: the tokens `first` to `last`, both included, and how it is written. */
export type SpokenAddress = { readonly first: number; readonly last: number; readonly written: string };

const SIGNS: Readonly<Record<string, string>> = {
  dot: '.',
  point: '.',
  period: '.',
  dash: '-',
  hyphen: '-',
  minus: '-',
  underscore: '_',
  plus: '+',
};
/** Ends of domain names that are said. Others are too often plain words. */
const ENDS = new Set(
  'com org net edu gov io co uk de fr es it nl eu us ca au in br ch at be se no dk fi pl pt ie jp cn ru me info biz app dev ai tv xyz online shop'.split(
    ' ',
  ),
);
/** Words before `at` that make it a place: `look at example dot com`. With a word such as `email` before them they make no difference. */
const NOT_NAMES = new Set(
  'look looking me us it them here there you is are was be available online find found shop store order buy visit sold see go people working works work job that and or site website page found together up out also more information read team located back live arrive arrived meeting meet starting start'.split(
    ' ',
  ),
);
const MAIL = new Set(['mail', 'email', 'emails', 'address', 'contact', 'reach', 'write', 'send', 'inbox']);
const PROVIDERS = new Set([
  'gmail',
  'googlemail',
  'hotmail',
  'outlook',
  'yahoo',
  'icloud',
  'proton',
  'protonmail',
  'gmx',
  'aol',
  'live',
  'yandex',
  'fastmail',
]);
const MOST_LOCAL = 40;
const MOST_LABELS = 5;
const MOST_PIECES = 24;
const MAIL_WITHIN = 10;

/** Tokens that stand between two parts of an address, or the sign that is written between them. */
function gapSign(text: string, left: Token, right: Token): string | null {
  const gap = text.slice(left.to, Math.min(right.from, left.to + 5)).replace(/[\s[\](){}<>,]/g, '');
  if (right.from - left.to > 4) return null;
  return gap === '' || gap === '.' || gap === '-' || gap === '_' || gap === '+' ? gap : null;
}

const signOf = (token: Token | undefined): string | null =>
  token !== undefined && Object.hasOwn(SIGNS, token.word) ? (SIGNS[token.word] ?? null) : null;

/** Reads the domain that begins with token `at`. */
function domainFrom(
  text: string,
  tokens: readonly Token[],
  at: number,
): { last: number; written: string; said: boolean; label: string } | null {
  const words = tokens.slice(at, at + MOST_PIECES + 4).map(({ word }) => word);
  let written = '';
  let said = false;
  let found: { last: number; written: string; said: boolean; label: string } | null = null;
  let labels = 0;
  let label = '';
  let i = 0;
  while (i < Math.min(words.length, MOST_PIECES) && labels < MOST_LABELS) {
    const token = tokens[at + i];
    const before = tokens[at + i - 1];
    if (token === undefined || before === undefined) break;
    const gap = gapSign(text, before, token);
    if (gap === null || gap === '_' || gap === '+') break;
    const sign = signOf(token);
    const dot = gap === '.' || sign === '.';
    if (dot && label !== '') {
      labels += 1;
      label = '';
      written += '.';
    } else if (gap === '-') written += '-';
    if (sign !== null) {
      said ||= sign === '.';
      if (sign === '-') written += '-';
      i += 1;
      continue;
    }
    const number = numberAt(words, i);
    const joins = label === '' || gap === '-' || signOf(before) === '-' || isSpelledLetter(token) || number !== null || isWritten(token);
    if (!joins || token.word === '@') break;
    if (number === null) {
      label += token.word;
      written += token.word;
    } else {
      label += number.digits;
      written += number.digits;
    }
    i += number?.words ?? 1;
    if (labels > 0 && ENDS.has(label)) found = { last: at + i - 1, written, said, label: written.split('.')[0] ?? '' };
  }
  return found;
}

/** Reads the name before token `at`, from right to left: words with signs between them, spelled letters and digits. */
function nameBefore(
  text: string,
  tokens: readonly Token[],
  at: number,
): { first: number; written: string; name: string; joined: boolean } | null {
  const last = tokens[at - 1];
  if (last === undefined || signOf(last) !== null || last.word === '@') return null;
  let first = at - 1;
  let joined = false;
  while (first > 0 && at - first < MOST_LOCAL) {
    const token = tokens[first];
    const before = tokens[first - 1];
    if (token === undefined || before === undefined) break;
    const gap = gapSign(text, before, token);
    if (gap === null) break;
    const sign = signOf(before);
    const two = tokens[first - 2];
    if (sign !== null && gap === '' && two !== undefined && gapSign(text, two, before) === '') {
      first -= 2;
      joined = true;
    } else if (gap !== '') {
      first -= 1;
      joined = true;
    } else if (text.charAt(before.from - 1) === "'") break;
    else if (isPiece(before) && !(isSpelledLetter(before) && (before.word === 'a' || before.word === 'i') && !isPiece(token))) {
      first -= 1;
      joined = true;
    } else if (isPiece(token) && isNumber(token) && !isPiece(before) && !NOT_NAMES.has(before.word) && !MAIL.has(before.word)) first -= 1;
    else break;
  }
  let written = '';
  const words = tokens.slice(first, at).map(({ word }) => word);
  for (let i = 0; i < words.length;) {
    const token = tokens[first + i];
    const before = tokens[first + i - 1];
    if (token === undefined) break;
    if (i > 0 && before !== undefined) written += gapSign(text, before, token) ?? '';
    const number = numberAt(words, i);
    written += signOf(token) ?? number?.digits ?? (token.word === 'oh' ? '0' : token.word);
    i += number?.words ?? 1;
  }
  return { first, written, name: last.word, joined };
}

const isNumber = (token: Token): boolean => isWritten(token) || numberAt([token.word, 'one'], 0) !== null || token.word === 'oh';
const isPiece = (token: Token): boolean => isSpelledLetter(token) || isNumber(token);

/** All addresses with `at` or `dot` said as words. What is written out as usual is not among them. */
export function spokenAddresses(text: string, tokens: readonly Token[]): SpokenAddress[] {
  const found: SpokenAddress[] = [];
  let free = 0;
  for (let at = 1; at < tokens.length - 1; at += 1) {
    const word = tokens[at]?.word;
    if (word !== 'at' && word !== '@') continue;
    const domain = domainFrom(text, tokens, at + 1);
    if (domain === null || (word === '@' && !domain.said)) continue;
    const name = nameBefore(text, tokens, at);
    if (name === null || name.first < free) continue;
    const isMail =
      word === '@' ||
      tokens.slice(Math.max(0, name.first - MAIL_WITHIN), name.first).some((token) => MAIL.has(token.word)) ||
      PROVIDERS.has(domain.label) ||
      (domain.said && !NOT_NAMES.has(name.name)) ||
      name.joined;
    if (!isMail || (NOT_NAMES.has(name.name) && !name.joined && !PROVIDERS.has(domain.label))) continue;
    found.push({ first: name.first, last: domain.last, written: `${name.written}@${domain.written}` });
    free = domain.last + 1;
    at = domain.last;
  }
  return found;
}
