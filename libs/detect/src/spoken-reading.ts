import { type Reading, ReadingBuilder, sourceOf } from './reading.ts';
import { type SpokenAddress, spokenAddresses } from './spoken-address.ts';
import { mayBeZero, numberAt, type SpokenNumber } from './spoken-numbers.ts';
import { isLooseGap, isSpelledLetter, isWritten, type Token, tokensOf } from './spoken-token.ts';

const SIGNS: Readonly<Record<string, string>> = { dash: '-', hyphen: '-', minus: '-', dot: '.', point: '.', period: '.', slash: '/' };

/** What was written last: it decides how the next word joins on. */
type Last = 'number' | 'sign' | 'letters' | 'other';

/**
 * The text with spoken digits, signs and spelled letters as written ones: `four one one one` as `4 1 1 1`, `jane dot roe at example dot com` as
 * `jane.roe@example.com`, `d e eight nine` as `de 8 9`. Null where nothing in it is spoken in that way.
 */
export function spokenReading(plain: Reading): Reading | null {
  const spoken = new Speaker(plain.text).read();
  if (spoken === null || plain.segments === null) return spoken;
  const whole = new ReadingBuilder();
  for (let i = 0; i < spoken.text.length; i += 1) {
    const middle = sourceOf(spoken, i, i + 1);
    const { from, to } = sourceOf(plain, middle.from, middle.to);
    whole.put(spoken.text.charAt(i), from, to);
  }
  return whole.build(true);
}

class Speaker {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #words: readonly string[];
  readonly #addresses: Map<number, SpokenAddress>;
  readonly #builder = new ReadingBuilder();
  #last: Last = 'other';
  /** Whether anything was read otherwise than it is written. */
  #changed = false;
  /** Up to where the text has been read. */
  #done = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
    this.#words = this.#tokens.map(({ word }) => word);
    this.#addresses = new Map(spokenAddresses(text, this.#tokens).map((address) => [address.first, address]));
  }

  read(): Reading | null {
    for (let at = 0; at < this.#tokens.length;) at += this.#take(at);
    this.#builder.copy(this.#text, this.#done, this.#text.length);
    return this.#changed ? this.#builder.build(true) : null;
  }

  /** Reads what begins with token `at`; returns how many tokens that took. */
  #take(at: number): number {
    const token = this.#tokens[at];
    if (token === undefined) return 1;
    const address = this.#addresses.get(at);
    if (address !== undefined) return this.#putAddress(address);
    if (isWritten(token)) return this.#copy(token, 'number');
    const number = this.#numberAt(at);
    if (number !== null) return this.#put(number.digits, at, { words: number.words, kind: 'number' });
    const sign = this.#signAt(at);
    if (sign !== null) return this.#put(sign, at, { words: 1, kind: 'sign' });
    const letters = this.#lettersFrom(at);
    if (letters > 1) {
      const spelled = this.#words.slice(at, at + letters).join('');
      return this.#put(spelled, at, { words: letters, kind: 'letters' });
    }
    return this.#copy(token, 'other');
  }

  #copy(token: Token, kind: Last): number {
    const joins = this.#last === 'sign' && kind === 'number';
    this.#builder.copy(this.#text, joins ? token.from : this.#done, token.to);
    this.#done = token.to;
    this.#last = kind;
    return 1;
  }

  #put(written: string, at: number, { words, kind }: { words: number; kind: Last }): number {
    const from = this.#tokens[at]?.from ?? 0;
    const to = this.#tokens[at + words - 1]?.to ?? from;
    const together = this.#last !== 'other' && isLooseGap(this.#text, this.#done, from);
    if (!together) this.#builder.copy(this.#text, this.#done, from);
    else if (this.#last !== 'sign' && kind !== 'sign') this.#builder.put(' ', this.#done, from);
    this.#builder.put(written, from, to);
    this.#done = to;
    this.#last = kind;
    this.#changed = true;
    return words;
  }

  #putAddress({ first, last, written }: SpokenAddress): number {
    const from = this.#tokens[first]?.from ?? 0;
    const to = this.#tokens[last]?.to ?? from;
    this.#builder.copy(this.#text, this.#done, from);
    this.#builder.put(written, from, to);
    this.#done = to;
    this.#last = 'other';
    this.#changed = true;
    return last - first + 1;
  }

  #numberAt(at: number): SpokenNumber | null {
    const number = numberAt(this.#words, at);
    if (number !== null) return number;
    if (!mayBeZero(this.#words[at])) return null;
    const next = this.#words[at + 1];
    const beforeNumber = next !== undefined && (numberAt(this.#words, at + 1) !== null || mayBeZero(next) || (next >= '0' && next <= '9:'));
    return (this.#last === 'number' && this.#isNear(at)) || beforeNumber ? { digits: '0', words: 1 } : null;
  }

  /** Whether the token follows on what was read last. */
  #isNear(at: number): boolean {
    return isLooseGap(this.#text, this.#done, this.#tokens[at]?.from ?? 0);
  }

  /** A sign is one only between two numbers; `plus` before one. */
  #signAt(at: number): string | null {
    const word = this.#words[at] ?? '';
    const next = this.#words[at + 1];
    if (next === undefined || (numberAt(this.#words, at + 1) === null && !(next >= '0' && next <= '9:') && !mayBeZero(next))) return null;
    if (word === 'plus') return this.#last === 'number' ? null : '+';
    return this.#last === 'number' && this.#isNear(at) && Object.hasOwn(SIGNS, word) ? (SIGNS[word] ?? null) : null;
  }

  /** How many single letters follow each other from here on. */
  #lettersFrom(at: number): number {
    let count = 0;
    for (let token = this.#tokens[at]; token !== undefined && isSpelledLetter(token); token = this.#tokens[at + count]) {
      const before = this.#tokens[at + count - 1];
      if (count > 0 && before !== undefined && !isLooseGap(this.#text, before.to, token.from)) break;
      // The `s` of `it's` is not spelled, and an address reads its own letters.
      if (this.#text.charAt(token.from - 1) === "'" || (count > 0 && this.#addresses.has(at + count))) break;
      count += 1;
    }
    return count;
  }
}
