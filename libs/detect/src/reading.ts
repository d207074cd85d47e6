/** A stretch of a reading, from `at` on, and what it was read off: character by character where `same`, as a whole elsewhere. */
type Segment = { readonly at: number; readonly from: number; readonly to: number; readonly same: boolean };

/** A text as the patterns read it, with the way back to what was given. */
export type Reading = {
  readonly text: string;
  /** Null where it was read as it is. */
  readonly segments: readonly Segment[] | null;
  /** Whether words were read as digits and signs: then groups of digits mean little. */
  readonly spoken: boolean;
};

/** A text read as it is. */
export const asIs = (text: string): Reading => ({ text, segments: null, spoken: false });

/** A reading in the making. */
export class ReadingBuilder {
  readonly #segments: Segment[] = [];
  #text = '';

  /** All of `text` stands for characters `from` to `to`. */
  put(text: string, from: number, to: number): void {
    if (text === '') return;
    this.#segments.push({ at: this.#text.length, from, to, same: false });
    this.#text += text;
  }

  /** Characters of the source as they are. */
  copy(source: string, from: number, to: number): void {
    if (from >= to) return;
    const last = this.#segments.at(-1);
    if (last?.same === true && last.to === from) this.#segments[this.#segments.length - 1] = { ...last, to };
    else this.#segments.push({ at: this.#text.length, from, to, same: true });
    this.#text += source.slice(from, to);
  }

  build(spoken: boolean): Reading {
    return { text: this.#text, segments: this.#segments, spoken };
  }
}

/** Where characters `from` to `to` of a reading come from. */
export function sourceOf({ segments }: Reading, from: number, to: number): { readonly from: number; readonly to: number } {
  if (segments === null) return { from, to };
  const first = segments[segmentAt(segments, from)];
  const last = segments[segmentAt(segments, to - 1)];
  return {
    from: first === undefined ? 0 : first.same ? first.from + from - first.at : first.from,
    to: last === undefined ? 0 : last.same ? last.from + to - last.at : last.to,
  };
}

/** Whether any of characters `from` to `to` was read off something that is written otherwise. */
export function isSpoken({ segments }: Reading, from: number, to: number): boolean {
  if (segments === null) return false;
  for (let i = segmentAt(segments, from); i < segments.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined || segment.at >= to) return false;
    if (!segment.same) return true;
  }
  return false;
}

/** The index of the segment that holds a character. */
function segmentAt(segments: readonly Segment[], index: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle]?.at ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D\u00AD]/;
const SPACES = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/;
/** Ranges of characters that show nothing: joiners, direction marks, variation selectors, the byte order mark. */
const NOTHING = [
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
] as const;
/** First digits of scripts whose digits people write numbers with: Arabic-Indic, its eastern form, Devanagari, Bengali, fullwidth. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xff10];

/**
 * The text with foreign digits, dashes, spaces and fullwidth letters as their plain forms, and invisible characters left out: so that a card
 * number is not hidden by a zero-width space in it.
 */
export function plainReading(text: string): Reading {
  const builder = new ReadingBuilder();
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character < '\x80') builder.copy(text, i, i + 1);
    else if (!isNothing(character.charCodeAt(0))) builder.put(plain(character), i, i + 1);
  }
  return builder.build(false);
}

const isNothing = (code: number): boolean => NOTHING.some(([from, to]) => code >= from && code <= to);

function plain(character: string): string {
  if (DASHES.test(character)) return '-';
  if (SPACES.test(character)) return ' ';
  const code = character.charCodeAt(0);
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  if (zero !== undefined) return String(code - zero);
  return code > 0xff00 && code < 0xff5f ? String.fromCharCode(code - 0xfee0) : character;
}
