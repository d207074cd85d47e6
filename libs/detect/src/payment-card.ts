import { passesLuhn } from './check-digits.ts';
import type { ContextWords } from './context-words.ts';
import { eachWindow, isTied, isWhole, type Run, shapeOf, type Window } from './digit-runs.ts';
import type { Hit } from './hit.ts';

const WRITTEN_GAP = /^[ .-]$/;
const SPOKEN_GAP = /^[ ,.\-\n]{1,3}$/;
const SHAPES = new Set(['4-4-4-4', '4-4-4-4-3', '4-4-4-4-2', '4-4-4-1', '4-6-5', '4-6-4', '6-13', '6-10', '8-8', '4-4-4-2']);
const CONTEXT = 60;
/** A run of single digits that is longer than a card and an expiry date is a list of some kind. */
const MOST_LOOSE = 26;

/**
 * Networks by their first digits, as ranges of the first four, with the lengths that they issue. Source: the networks' public IIN ranges under
 * ISO/IEC 7812.
 */
const NETWORKS: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [4000, 4999, [13, 16, 19]],
  [5100, 5599, [16]],
  [2221, 2720, [16]],
  [3400, 3499, [15]],
  [3700, 3799, [15]],
  [3000, 3059, [14, 16]],
  [3090, 3099, [14, 16]],
  [3600, 3699, [14, 16]],
  [3800, 3999, [14, 16]],
  [6011, 6011, [16, 19]],
  [6440, 6599, [16, 19]],
  [6200, 6299, [16, 17, 18, 19]],
  [3528, 3589, [16, 19]],
  [5018, 5038, [16, 18, 19]],
  [5893, 5893, [16, 18, 19]],
  [6304, 6304, [16, 18, 19]],
  [6759, 6763, [16, 18, 19]],
  [2200, 2204, [16, 19]],
];

/** Whether a network issues numbers like this one, and its check digit is right. */
export function isCardNumber(digits: string): boolean {
  const first = Number(digits.slice(0, 4));
  return NETWORKS.some(([from, to, lengths]) => first >= from && first <= to && lengths.includes(digits.length)) && passesLuhn(digits);
}

/** Payment card numbers in a run of digits. Grouped as cards are, or all that was said, or with a word such as `card` before. */
export function cardsIn(run: Run, spoken: boolean, context: ContextWords): Hit[] {
  const hits: Hit[] = [];
  const allowed = spoken ? SPOKEN_GAP : WRITTEN_GAP;
  eachWindow(run, { least: 13, most: 19, allowed }, (window) => {
    if (!isCardNumber(window.digits) || isTied(window)) return false;
    if (!isPlausible(window, spoken) && !(isAtAnEnd(window) && context.mentions(window.from, CONTEXT, 'card'))) return false;
    hits.push({ what: 'payment_card', from: window.from, to: window.to });
    return true;
  });
  return hits;
}

/** Whether the digits stand as a card's do: in one piece, grouped as cards are, all that was said, or with a date or code before or after. */
function isPlausible(window: Window, spoken: boolean): boolean {
  if (window.first === window.last || SHAPES.has(shapeOf(window)) || isWhole(window, spoken ? SPOKEN_GAP : WRITTEN_GAP)) return true;
  return spoken && window.run.groups.length <= MOST_LOOSE && isAtAnEnd(window);
}

/** Whether nothing stands before, or nothing after: in the middle of longer digits a right check digit is chance. Numbers of 13 are too. */
const isAtAnEnd = ({ run, first, last, digits }: Window): boolean => digits.length > 13 && (first === 0 || last === run.groups.length - 1);
