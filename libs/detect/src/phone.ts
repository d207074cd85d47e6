import type { ContextWords } from './context-words.ts';
import { isTied, type Run, shapeOf, type Window, windowOf } from './digit-runs.ts';
import type { Hit } from './hit.ts';

const GAP = /^(?:[ \-./]|\) ?| \(| ?\(0\) ?|\)-| - )$/;
const SPOKEN_GAP = /^[ ,.\-()\n]{1,3}$/;
const CONTEXT = 80;
const TOPICS = [
  'phone',
  'order',
  'card',
  'us-ssn',
  'nl-bsn',
  'ca-sin',
  'version',
  'bank',
  'in-aadhaar',
  'de-tax',
  'fr-nir',
  'es-dni',
  'br-cpf',
  'uk-nino',
] as const;

/** Country calling codes (ITU-T E.164, list of 2023). One of them begins every international number, and none begins another. */
const CODES =
  /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1234569]\d|3[578]\d|42\d|5[09]\d|6[789]\d|80[08]|85\d|87[0-48]|88[0-36-8]|9[679]\d)/;
/** Groupings of national numbers that begin with the trunk prefix 0: total digits and group sizes as they are written in Europe and beyond. */
const TRUNK = /^(?:[2-6]-){1,5}\d{1,8}$/;
/** A North American number: neither area nor exchange begins with 0 or 1. */
const NORTH_AMERICAN = /^1?[2-9]\d\d[2-9]\d{6}$/;
const DATE_LIKE = /^(?:4-2-2|2-2-4|2-2-2|1-2-4|2-1-4|1-1-4|4-1-2|4-2-1|8)$/;

/** Telephone numbers in a run of digits: international with a plus, national in usual groupings, and others after a word such as `call`. */
export function phonesIn(run: Run, spoken: boolean, context: ContextWords): Hit[] {
  if (run.tiedBefore && run.groups.length === 1) return [];
  const allowed = spoken ? SPOKEN_GAP : GAP;
  const hits: Hit[] = [];
  for (let first = 0; first < run.groups.length;) {
    let last = first;
    let count = run.groups[first]?.digits.length ?? 0;
    while (last + 1 < run.groups.length && allowed.test(run.gaps[last] ?? '')) {
      last += 1;
      count += run.groups[last]?.digits.length ?? 0;
    }
    if (count >= 7) {
      const hit = phoneIn(run, { first, last, spoken, context });
      if (hit !== null) hits.push(hit);
    }
    first = last + 1;
  }
  return hits;
}

type Stretch = { readonly first: number; readonly last: number; readonly spoken: boolean; readonly context: ContextWords };

/** The telephone number among the groups that hang together, if there is one. */
function phoneIn(run: Run, { first, last, spoken, context }: Stretch): Hit | null {
  const plus = first === 0 && run.plusAt >= 0;
  const longest = plus ? longestFrom(run, first, last) : null;
  if (longest !== null && isInternational(longest)) return { what: 'phone', from: run.plusAt, to: longest.to };
  const start = run.groups[first]?.from ?? 0;
  const topic = context.nearest(start, CONTEXT, TOPICS);
  if (topic !== null && topic !== 'phone') return null;
  const found = nationalAmong(run, { first, last, spoken, named: topic === 'phone' });
  return found === null ? null : { what: 'phone', from: openBracket(run, found), to: found.to };
}

/** All the groups together, in any usual grouping; or among others, three that are grouped as only North American numbers are. */
function nationalAmong(
  run: Run,
  { first, last, spoken, named }: { first: number; last: number; spoken: boolean; named: boolean },
): Window | null {
  if (last - first < 20) {
    const whole = windowOf(run, first, last);
    if (whole.digits.length <= 15 && !isTied(whole) && isNational(whole, { spoken, named })) return whole;
  }
  if (spoken || !named) return null;
  for (let from = first; from + 2 <= last; from += 1) {
    const window = windowOf(run, from, from + 2);
    if (!isTied(window) && shapeOf(window) === '3-3-4' && NORTH_AMERICAN.test(window.digits)) return window;
  }
  return null;
}

/** `(415) 555-0132`: the bracket belongs to it. */
const openBracket = (run: Run, { first, from }: Window): number =>
  (first === 0 ? run.bracketed : (run.gaps[first - 1] ?? '').endsWith('(')) ? from - 1 : from;

/** The longest number of at most 15 digits that begins with group `first`; more groups would make it none. */
function longestFrom(run: Run, first: number, last: number): Window | null {
  let to = first;
  let count = run.groups[first]?.digits.length ?? 0;
  while (to < last && count + (run.groups[to + 1]?.digits.length ?? 0) <= 15) {
    to += 1;
    count += run.groups[to]?.digits.length ?? 0;
  }
  const window = windowOf(run, first, to);
  return count <= 15 && !(to === run.groups.length - 1 && run.tiedAfter) ? window : null;
}

function isInternational({ digits }: Window): boolean {
  const code = CODES.exec(digits)?.[0];
  if (code === undefined || digits.length < 8) return false;
  return code === '1' ? digits.length >= 11 : digits.length - code.length >= 5;
}

/** Whether somebody counts up or down. */
const isCounting = (digits: string): boolean => /^1?(?:123456|234567|987654)/.test(digits) || digits.startsWith('109876');

/** Whether digits that stand for themselves make a national number. */
function isNational(window: Window, { spoken, named }: { spoken: boolean; named: boolean }): boolean {
  const { digits } = window;
  if (spoken) {
    if (NORTH_AMERICAN.test(digits) && (named || !isCounting(digits))) return true;
    if (/^0[1-9]\d{8,9}$/.test(digits)) return true;
    return named;
  }
  const shape = shapeOf(window);
  if (/^(?:1-)?3-3-4$/.test(shape)) return NORTH_AMERICAN.test(digits);
  if (named) return !DATE_LIKE.test(shape);
  if (!/^0[1-9]/.test(digits) || digits.length < 9 || digits.length > 12) return false;
  if (window.first === window.last || !TRUNK.test(shape) || DATE_LIKE.test(shape)) return false;
  // Dots are the French way; elsewhere they make section numbers and decimals.
  return shape === '2-2-2-2-2' || !window.run.gaps.slice(window.first, window.last).includes('.');
}
