import { NUMBER_WORDS } from './spoken-numbers.ts';

/** What a text has that some pattern needs. A text without hints holds nothing that any pattern could find. */
export const HINT = {
  digit: 1,
  at: 2,
  /** Sixteen characters in a row that a key may consist of. */
  long: 4,
  /** A word such as `password`. */
  password: 8,
  /** Two numbers in words next to each other, or a said address. */
  spoken: 16,
  /** `::`, which shortens an IPv6 address, or `://`, which an address with a password in it has. */
  colons: 32,
  /** Five dashes, which armour of keys has. */
  dashes: 64,
  /** Characters that are to be read as others first, or not at all. */
  foreign: 128,
} as const;

/** A hint that crosses a seam lies within so many characters of it. */
export const HINT_REACH = 32;

const LETTER = 1;
const DIGIT = 2;
const KEY = 4;
const LONG_RUN = 16;
const DASHES = 5;
const MOST_GAP = 3;

const classes = new Uint8Array(128);
for (let code = 97; code <= 122; code += 1) classes[code] = classes[code - 32] = LETTER;
for (let code = 48; code <= 57; code += 1) classes[code] = DIGIT;
for (const sign of '_-+/=.') classes[sign.charCodeAt(0)] = KEY;

const NUMBER_WORD = 1;
const PASSWORD_WORD = 2;
const SIGN_WORD = 3;
const AT_WORD = 4;

/** Sum over a word's letters in lower case. Two words of one sum are taken for each other here, which costs a look and hides nothing. */
const grow = (sum: number, code: number): number => (Math.imul(sum, 31) + (code | 32)) | 0;

function sumOf(word: string): number {
  let sum = 0;
  for (let i = 0; i < word.length; i += 1) sum = grow(sum, word.charCodeAt(i));
  return sum;
}

const words = new Map<number, number>();
const PASSWORDS =
  'password passwords pass passwort passcode passcodes passphrase passwd pwd pin contraseña contrasena passe wachtwoord senha word words';
for (const word of PASSWORDS.split(' ')) words.set(sumOf(word), PASSWORD_WORD);
for (const word of NUMBER_WORDS) words.set(sumOf(word), NUMBER_WORD);
for (const word of ['oh', 'o', 'hundred']) words.set(sumOf(word), NUMBER_WORD);
for (const word of ['dot', 'underscore']) words.set(sumOf(word), SIGN_WORD);
words.set(sumOf('at'), AT_WORD);

/** Fullwidth forms, digits of other scripts, and characters that show nothing. */
function isForeign(code: number): boolean {
  if (code < 0x660) return code === 0xa0 || code === 0xad;
  return code < 0xa00 || (code >= 0x1680 && code <= 0x206f) || code === 0x3000 || code >= 0xfe00;
}

/** The hints in a text, as bits. One look at each character: all that a clean text costs. */
export function hintsIn(text: string): number {
  let hints = 0;
  let run = 0;
  let dashes = 0;
  let sum = 0;
  let wordFrom = -1;
  let numberTo = -MOST_GAP - 1;
  let hasNumberWord = false;
  let atTo = -MOST_GAP - 1;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    const kind = code < 128 ? (classes[code] ?? 0) : code > 0xbf ? LETTER : 0;
    run = kind === 0 ? 0 : run + 1;
    if (run >= LONG_RUN) hints |= HINT.long;
    if (code >= 128 && isForeign(code)) hints |= HINT.foreign;
    if (kind === LETTER) {
      if (wordFrom < 0) {
        wordFrom = i;
        sum = 0;
      }
      sum = grow(sum, code);
      continue;
    }
    if (wordFrom >= 0) {
      const word = words.get(sum);
      if (word === PASSWORD_WORD) hints |= HINT.password;
      else if (word === SIGN_WORD) hints |= HINT.spoken;
      else if (word === AT_WORD) atTo = i;
      else if (word === NUMBER_WORD) {
        if (wordFrom - numberTo <= MOST_GAP) hints |= HINT.spoken;
        numberTo = i;
        hasNumberWord = true;
      }
      // `at gmail.com`: a host right after the word.
      if (code === 46 && word !== AT_WORD && wordFrom - atTo <= MOST_GAP) hints |= HINT.spoken;
      wordFrom = -1;
    }
    dashes = code === 45 ? dashes + 1 : 0;
    if (kind === DIGIT) {
      hints |= HINT.digit;
      numberTo = i + 1;
    } else if (code === 64) hints |= HINT.at;
    else if (code === 58 && (text.charCodeAt(i + 1) === 58 || text.charCodeAt(i + 1) === 47)) hints |= HINT.colons;
    else if (dashes >= DASHES) hints |= HINT.dashes;
  }
  // One number in words is enough where a password is said.
  return hasNumberWord && (hints & HINT.password) !== 0 ? hints | HINT.spoken : hints;
}
