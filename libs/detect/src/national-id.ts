import { modulo97, passesLuhn, passesMod11And10, passesVerhoeff, weightedSum } from './check-digits.ts';
import type { ContextWords, Topic } from './context-words.ts';
import { eachWindow, isTied, isWhole, type Run, shapeOf, type Window } from './digit-runs.ts';
import type { Hit } from './hit.ts';

const GAP = /^[ \-.,/]{1,2}$/;
const CONTEXT = 80;

/** US social security number: areas 000, 666 and 900 up, group 00 and serial 0000 are never given out (SSA, since 2011). */
export function isSsn(digits: string): boolean {
  const area = digits.slice(0, 3);
  return (
    digits.length === 9 && area !== '000' && area !== '666' && area < '900' && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000'
  );
}

/** Dutch BSN: the eleven test, the last digit counted down. */
export function isBsn(digits: string): boolean {
  return digits.length === 9 && digits !== '000000000' && weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}

/** French NIR: sex, year, month, department (2A and 2B for Corsica), commune, order, and a key of 97 less the rest. 15 characters. */
export function isNir(characters: string): boolean {
  const shape = /^[12]\d\d(?:0[1-9]|1[0-2]|[2-3]\d|4[0-2]|[5-9]\d)(?:\d\d|2[AB])\d{3}(?!000)\d{3}\d\d$/;
  if (!shape.test(characters)) return false;
  const number = characters.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - modulo97(number) === Number(characters.slice(13));
}

/** German tax identification number: no leading zero, one digit of the first ten there twice or thrice, ISO 7064 MOD 11,10. */
export function isGermanTaxId(digits: string): boolean {
  if (digits.length !== 11 || digits.startsWith('0')) return false;
  const counts = new Uint8Array(10);
  for (let i = 0; i < 10; i += 1) counts[digits.charCodeAt(i) - 48] = (counts[digits.charCodeAt(i) - 48] ?? 0) + 1;
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3 && passesMod11And10(digits);
}

/** Brazilian CPF: two check digits modulo 11; eleven equal digits pass the sums, and are not given out. */
export function isCpf(digits: string): boolean {
  if (digits.length !== 11 || digits === (digits[0] ?? '').repeat(11)) return false;
  const check = (length: number): number =>
    ((weightedSum(
      digits,
      Array.from({ length }, (_, i) => length + 1 - i),
    ) *
      10) %
      11) %
    10;
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

/** Indian Aadhaar: twelve digits, the first of them 2 to 9, Verhoeff's check. */
export const isAadhaar = (digits: string): boolean => /^[2-9]\d{11}$/.test(digits) && passesVerhoeff(digits);

type Numeric = {
  readonly length: number;
  readonly isValid: (digits: string) => boolean;
  readonly topic: Topic;
  /** Groupings that say enough by themselves; with a word before, any will do. */
  readonly shapes: ReadonlySet<string>;
  readonly dashed?: boolean;
};

const NUMERIC: readonly Numeric[] = [
  { length: 9, isValid: isSsn, topic: 'us-ssn', shapes: new Set(['3-2-4']), dashed: true },
  { length: 9, isValid: isBsn, topic: 'nl-bsn', shapes: new Set() },
  { length: 9, isValid: (digits) => !digits.startsWith('0') && passesLuhn(digits), topic: 'ca-sin', shapes: new Set() },
  { length: 11, isValid: isGermanTaxId, topic: 'de-tax', shapes: new Set(['2-3-3-3', '11']) },
  { length: 11, isValid: isCpf, topic: 'br-cpf', shapes: new Set(['3-3-3-2']) },
  { length: 12, isValid: isAadhaar, topic: 'in-aadhaar', shapes: new Set(['4-4-4']) },
  { length: 15, isValid: isNir, topic: 'fr-nir', shapes: new Set(['15', '13-2', '1-2-2-2-3-3-2', '1-2-2-2-3-3-2', '1-14']) },
];
const OTHERS = ['order', 'version', 'phone', 'card', 'bank'] as const;

/** National numbers of digits only, in a run of digits. */
export function nationalNumbersIn(run: Run, spoken: boolean, context: ContextWords): Hit[] {
  const hits: Hit[] = [];
  eachWindow(run, { least: 9, most: 15, allowed: GAP }, (window) => {
    if (isTied(window) || run.plusAt >= 0) return false;
    const found = NUMERIC.some(
      (kind) => window.digits.length === kind.length && kind.isValid(window.digits) && isMeant(kind, window, { spoken, context }),
    );
    if (found) hits.push({ what: 'national_id', from: window.from, to: window.to });
    return found;
  });
  return hits;
}

function isMeant(kind: Numeric, window: Window, { spoken, context }: { spoken: boolean; context: ContextWords }): boolean {
  if (context.nearest(window.from, CONTEXT, [kind.topic, ...OTHERS]) === kind.topic) return true;
  if (spoken || !kind.shapes.has(shapeOf(window)) || !isWhole(window, GAP)) return false;
  const gaps = window.run.gaps.slice(window.first, window.last);
  if (kind.dashed === true) return gaps.every((gap) => gap === '-') && !context.mentions(window.from, 30, 'order');
  return !context.mentions(window.from, 30, 'order');
}

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const SP = '[ .\\-]{0,2}';
/** With letters in them: British NINO, Spanish DNI and NIE, Italian codice fiscale, French NIR of Corsica. Every repetition is bounded. */
const LETTERED = new RegExp(
  '(?<![A-Za-z0-9])(?:' +
    `(?<nino>[A-CEGHJ-PR-TW-Z]${SP}[A-CEGHJ-NPR-TW-Z](?:${SP}\\d){6}${SP}[A-D])` +
    `|(?<dni>(?:[XYZ]${SP}\\d|\\d${SP}\\d)(?:${SP}\\d){6}(?<gap>${SP})[A-HJ-NP-TV-Z])` +
    `|(?<fiscal>[A-Z]{6}${SP}\\d\\d${SP}[A-EHLMPRST]${SP}\\d\\d${SP}[A-Z]\\d{3}${SP}[A-Z])` +
    `|(?<corsica>[12]${SP}\\d\\d${SP}\\d\\d${SP}2[AB]${SP}\\d{3}${SP}\\d{3}${SP}\\d\\d)` +
    ')(?![A-Za-z0-9])',
  'gi',
);
/** Prefixes that HMRC does not give out. */
const NO_NINO = new Set(['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ']);

/** National numbers with letters in them. */
export function letteredIdsIn(text: string, spoken: boolean, context: ContextWords): Hit[] {
  const hits: Hit[] = [];
  for (const match of text.matchAll(LETTERED)) {
    const { nino, dni, fiscal, corsica, gap } = match.groups ?? {};
    const id = match[0].replace(/[^A-Za-z0-9]/g, '').toUpperCase();
    const isId =
      (nino !== undefined &&
        !NO_NINO.has(id.slice(0, 2)) &&
        isMeantAsNino(match[0], spoken, context.nearest(match.index, CONTEXT, ['uk-nino', 'order']))) ||
      (dni !== undefined && isDni(id) && (gap === '' || gap === '-' || context.mentions(match.index, CONTEXT, 'es-dni'))) ||
      (fiscal !== undefined && isCodiceFiscale(id)) ||
      (corsica !== undefined && isNir(id));
    if (isId) hits.push({ what: 'national_id', from: match.index, to: match.index + match[0].length });
  }
  return hits;
}

/** In lower case and in speech, words around digits look like a NINO by chance: `so 12 34 56 a`. */
function isMeantAsNino(text: string, spoken: boolean, topic: Topic | null): boolean {
  return topic === 'uk-nino' || (topic === null && !spoken && text === text.toUpperCase());
}

/** Spanish DNI or NIE: the letter is the number modulo 23; X, Y and Z stand for 0, 1 and 2. */
export function isDni(id: string): boolean {
  const number = Number(id.slice(0, -1).replace('X', '0').replace('Y', '1').replace('Z', '2'));
  return DNI_LETTERS[number % 23] === id.at(-1);
}

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italian codice fiscale: its last letter is a sum over the others, odd and even places apart (DM 12 March 1974). */
export function isCodiceFiscale(code: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i += 1) {
    const unit = code.charCodeAt(i);
    const value = unit >= 65 ? unit - 65 : unit - 48;
    sum += i % 2 === 0 ? (ODD[value] ?? 0) : value;
  }
  return code.length === 16 && String.fromCharCode(65 + (sum % 26)) === code[15];
}
