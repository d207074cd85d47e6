import { isDigit, isLetter } from './character-class.ts';

/** A word in lower case, a string of digits, or `@`; and where it stands. */
export type Token = { readonly word: string; readonly from: number; readonly to: number };

const MOST_WORD = 64;

/** The tokens of a text, from left to right. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const is = isLetter(code) ? isLetter : isDigit(code) ? isDigit : null;
    let to = at + 1;
    if (is !== null) while (is(text.charCodeAt(to)) && to - at < MOST_WORD) to += 1;
    if (is !== null || code === 64)
      tokens.push({ word: is === isLetter ? text.slice(at, to).toLowerCase() : text.slice(at, to), from: at, to });
    at = to;
  }
  return tokens;
}

/** Whether the token is one letter: said so when something is spelled. */
export const isSpelledLetter = ({ word }: Token): boolean => word.length === 1 && word >= 'a' && word <= 'z';

export const isWritten = ({ word }: Token): boolean => word >= '0' && word <= '9:';

/** What may stand between two words that are said together: spaces, and the punctuation that transcribers put in. */
export function isLooseGap(text: string, from: number, to: number): boolean {
  if (to - from > 3) return false;
  for (let i = from; i < to; i += 1) if (!' \t\n\r,.;-'.includes(text.charAt(i))) return false;
  return true;
}
