/** Words that are one digit. `o` and `oh` are so only among other digits. */
const UNITS: Readonly<Record<string, string>> = {
  zero: '0',
  nought: '0',
  naught: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  niner: '9',
};
const TEENS: Readonly<Record<string, string>> = {
  ten: '10',
  eleven: '11',
  twelve: '12',
  thirteen: '13',
  fourteen: '14',
  fifteen: '15',
  sixteen: '16',
  seventeen: '17',
  eighteen: '18',
  nineteen: '19',
};
const TENS: Readonly<Record<string, string>> = {
  twenty: '2',
  thirty: '3',
  forty: '4',
  fourty: '4',
  fifty: '5',
  sixty: '6',
  seventy: '7',
  eighty: '8',
  ninety: '9',
};
const TIMES: Readonly<Record<string, number>> = { double: 2, triple: 3, treble: 3, quadruple: 4 };

const own = <Value>(table: Readonly<Record<string, Value>>, word: string | undefined): Value | undefined =>
  word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;

/** Every word that may begin a number, for the first look at a text. */
export const NUMBER_WORDS: readonly string[] = [...Object.keys(UNITS), ...Object.keys(TEENS), ...Object.keys(TENS), ...Object.keys(TIMES)];

/** What some words say as digits, and how many words that took; null where they are no number. */
export type SpokenNumber = { readonly digits: string; readonly words: number };

const numberWords = new Set(NUMBER_WORDS);

const isOh = (word: string | undefined): boolean => word === 'oh' || word === 'o';

/** One digit, said or written. */
function unitOf(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  return own(UNITS, word) ?? (isOh(word) ? '0' : word.length === 1 && word >= '0' && word <= '9' ? word : undefined);
}

function belowHundred(words: readonly string[], at: number): SpokenNumber | null {
  const teens = own(TEENS, words[at]);
  if (teens !== undefined) return { digits: teens, words: 1 };
  const tens = own(TENS, words[at]);
  if (tens === undefined) return null;
  const unit = own(UNITS, words[at + 1]);
  return unit === undefined || unit === '0' ? { digits: `${tens}0`, words: 1 } : { digits: tens + unit, words: 2 };
}

/**
 * The number that begins with word `at`: digits one by one, teens and tens, hundreds (`one hundred and sixty eight`, `eight hundred`), and `double
 * four`. Words are in lower case.
 */
export function numberAt(words: readonly string[], at: number): SpokenNumber | null {
  const word = words[at];
  if (word === undefined || !numberWords.has(word)) return null;
  const times = own(TIMES, word);
  if (times !== undefined) {
    const digit = unitOf(words[at + 1]);
    return digit === undefined ? null : { digits: digit.repeat(times), words: 2 };
  }
  const small = belowHundred(words, at);
  if (small !== null) return small;
  const unit = own(UNITS, word);
  if (unit === undefined) return null;
  if (words[at + 1] !== 'hundred' || unit === '0') return { digits: unit, words: 1 };
  const and = words[at + 2] === 'and' ? 1 : 0;
  const rest = belowHundred(words, at + 2 + and);
  if (rest !== null) return { digits: unit + rest.digits, words: 2 + and + rest.words };
  const last = and === 1 ? own(UNITS, words[at + 3]) : undefined;
  return last === undefined ? { digits: `${unit}00`, words: 2 } : { digits: `${unit}0${last}`, words: 4 };
}

/** Whether the word may stand for a zero next to other digits. */
export const mayBeZero = isOh;
