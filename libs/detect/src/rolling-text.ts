import type { Finding, FoundSpan } from '@wheelhouse/protocol/signals';
import { HINT, HINT_REACH, hintsIn } from './hints.ts';
import type { Hit } from './hit.ts';
import { KEY_BEGINS } from './private-key.ts';
import { findingsIn } from './text-findings.ts';

/** So many characters of earlier ticks are looked at together with a tick's own. */
export const TAIL = 600;
/** For as long as no plain word has come, more are kept: a number or a key is not to be cut in two. */
const MOST_TAIL = 4 * TAIL;
/** So far behind its word a password may end. What else is found has a hint in its last characters. */
const PASSWORD_REACH = 160;
/** The longest reach of a pattern to the left of what it finds: words that say what a number is. */
const LOOK_BACK = 100;
/** Earlier text is cut off once there is so much more of it: not on every tick. */
const SLACK = 200;

/** One tick's text in its place. `at` counts the characters of this direction from its first on, `offset` those of the tick before this text. */
type Piece = { readonly tick: number; readonly at: number; readonly offset: number; readonly text: string };

/** Characters `from` to `to`, in the count of `at`. */
type Stretch = { readonly what: Finding; readonly from: number; readonly to: number };

/** What a tick's text has come to. */
export type Heard = {
  /** Kinds of what reaches into this tick; sorted. */
  readonly found: readonly Finding[];
  /** What was not reported before, tick by tick; where something reported goes on, only the new part. */
  readonly spans: readonly FoundSpan[];
};

const NOTHING: Heard = { found: [], spans: [] };
const isSpace = (character: string): boolean => character === '' || /\s/.test(character);
/** A plain word, that is neither a digit nor a sign nor part of something longer: where it begins, earlier text may be cut off. */
const PLAIN_WORD =
  /(?!(?:dot|dash|hyphen|underscore|point|minus|plus|double|triple|treble|hundred|and|at|zero|one|two|three|four|five|six|seven|eight|nine|oh)\b)[A-Za-z][a-z]{2,14}(?=[\s,.;])/y;

/** The last place up to `limit` where a text may be cut without cutting anything that could be found; 0 where there is none. */
function safeCut(text: string, limit: number): number {
  for (let at = Math.min(limit, text.length - 1); at > 0; at -= 1) {
    if (!isSpace(text.charAt(at - 1))) continue;
    PLAIN_WORD.lastIndex = at;
    if (PLAIN_WORD.test(text)) return at;
  }
  return 0;
}

/** Kept pieces put together, from piece `first` on. `starts[i]` is where piece `first + i` begins in `text`; less than 0 where it is cut. */
type Join = { readonly text: string; readonly starts: readonly number[]; readonly first: number };

/**
 * One session's text in one direction, as it grows tick by tick. Said words come without the space between one tick's and the next, and typed text
 * may be cut in the middle of a word: where neither side of a seam has a space, the text is read in both ways, and what either finds is found.
 */
export class RollingText {
  #pieces: Piece[] = [];
  #length = 0;
  /** The end of what came last, joined in both ways. */
  #recent = '';
  #recentSpaced = '';
  /** Up to where there may be a word such as `password`. */
  #passwordAt = Number.NEGATIVE_INFINITY;
  #reported: Stretch[] = [];
  /** Whether a private key has begun that has not ended: what follows belongs to it, however long. */
  #keyIsOpen = false;

  /** What was said last, for a classifier: at most `TAIL` characters. */
  get tail(): string {
    return this.#join(' ', 0).text.slice(-TAIL);
  }

  /** Takes a tick's text. Ticks come in order; where a tick comes in several texts, its characters are counted on. */
  push(tick: number, text: string): Heard {
    if (text === '') return NOTHING;
    const fresh = this.#length;
    const typed = this.#recent + text;
    const said = isSpace(this.#recent.slice(-1)) || isSpace(text.charAt(0)) ? this.#recentSpaced + text : `${this.#recentSpaced} ${text}`;
    this.#recent = typed.slice(-HINT_REACH);
    this.#recentSpaced = said.slice(-HINT_REACH);
    const last = this.#pieces.at(-1);
    const offset = last?.tick === tick ? last.offset + last.text.length : 0;
    this.#pieces.push({ tick, at: fresh, offset, text });
    this.#length += text.length;
    const hints = hintsIn(typed) | (typed === said ? 0 : hintsIn(said));
    if ((hints & HINT.password) !== 0) this.#passwordAt = this.#length;
    const heard = hints !== 0 || this.#keyIsOpen || fresh - this.#passwordAt <= PASSWORD_REACH ? this.#look(fresh) : NOTHING;
    if (this.#length - (this.#pieces[0]?.at ?? 0) > TAIL + SLACK) this.#trim();
    return heard;
  }

  /** What reaches into the characters from `fresh` on. What ends before them was found when it came: nothing is found for what follows it. */
  #look(fresh: number): Heard {
    const found = new Set<Finding>();
    const spans: FoundSpan[] = [];
    const prefix = this.#keyIsOpen ? KEY_BEGINS : '';
    this.#keyIsOpen = false;
    const joins = this.#joinsFor(fresh);
    for (const join of joins)
      for (const hit of findingsIn(prefix + join.text)) {
        const to = this.#placeOf(join, hit.to - prefix.length - 1) + 1;
        if (hit.to <= prefix.length || to <= fresh) continue;
        found.add(hit.what);
        if (isOpenKey(hit, prefix + join.text)) this.#keyIsOpen = true;
        this.#report({ what: hit.what, from: this.#placeOf(join, Math.max(0, hit.from - prefix.length)), to }, spans);
      }
    return { found: [...found].sort(), spans };
  }

  /** The text that has to be looked at for what reaches beyond `fresh`, joined in each way that differs. */
  #joinsFor(fresh: number): Join[] {
    const said = this.#safeJoin(fresh);
    const typed = this.#join('', said.first);
    const skipped = this.#placeOf(said, 0) - (this.#pieces[said.first]?.at ?? 0);
    const cut = { text: typed.text.slice(skipped), starts: typed.starts.map((start) => start - skipped), first: typed.first };
    return said.text === cut.text ? [said] : [cut, said];
  }

  /** The said text from a safe place on, so far before what may reach into `fresh` that all the words that say what it is are in it. */
  #safeJoin(fresh: number): Join {
    const reach = fresh - this.#passwordAt <= PASSWORD_REACH ? PASSWORD_REACH : LOOK_BACK;
    for (let back = reach + SLACK / 4; ; back *= 2) {
      let first = this.#pieces.length - 1;
      while (first > 0 && (this.#pieces[first]?.at ?? 0) > fresh - back) first -= 1;
      const join = this.#join(' ', first);
      // Nothing that is found has a plain word in its middle but passwords and names that are said, and those are shorter than the reach.
      const plain = safeCut(join.text, join.starts.at(-1) ?? 0);
      const cut = safeCut(join.text, plain - reach);
      if (cut > 0) return { text: join.text.slice(cut), starts: join.starts.map((start) => start - cut), first };
      if (first === 0) return join;
    }
  }

  /** The kept text from piece `first` on, with `between` at each seam that has no space. */
  #join(between: '' | ' ', first: number): Join {
    const starts: number[] = [];
    let text = '';
    for (let i = first; i < this.#pieces.length; i += 1) {
      const piece = this.#pieces[i]?.text ?? '';
      if (between !== '' && !isSpace(text.slice(-1)) && !isSpace(piece.charAt(0))) text += between;
      starts.push(text.length);
      text += piece;
    }
    return { text, starts, first };
  }

  /** Where a character of the joined text stands in the count of this direction. */
  #placeOf({ starts, first }: Join, index: number): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[first + low];
    return piece === undefined ? 0 : piece.at + Math.min(piece.text.length, index - (starts[low] ?? 0));
  }

  /** Tells what of a stretch was not told before. */
  #report({ what, from, to }: Stretch, spans: FoundSpan[]): void {
    let at = from;
    for (const told of this.#reported.filter((one) => one.what === what).toSorted((a, b) => a.from - b.from)) {
      if (told.to <= at || told.from >= to) continue;
      if (told.from > at) this.#tell({ what, from: at, to: told.from }, spans);
      at = told.to;
    }
    if (at < to) this.#tell({ what, from: at, to }, spans);
  }

  #tell(stretch: Stretch, spans: FoundSpan[]): void {
    this.#reported.push(stretch);
    for (const { tick, at, offset, text } of this.#pieces) {
      const from = Math.max(stretch.from, at);
      const to = Math.min(stretch.to, at + text.length);
      if (from < to) spans.push({ tick, from: from - at + offset, to: to - at + offset, what: stretch.what });
    }
  }

  /** Lets go of what is too far back. */
  #trim(): void {
    const join = this.#join(' ', 0);
    const limit = join.text.length - TAIL;
    const cut = safeCut(join.text, limit) || (join.text.length > MOST_TAIL ? limit : 0);
    if (cut === 0) return;
    const first = this.#placeOf(join, cut);
    this.#pieces = this.#pieces
      .filter(({ at, text }) => at + text.length > first)
      .map((piece) => {
        const gone = Math.max(0, first - piece.at);
        return gone === 0 ? piece : { tick: piece.tick, at: first, offset: piece.offset + gone, text: piece.text.slice(gone) };
      });
    this.#reported = this.#reported.filter(({ to }) => to > first);
  }
}

/** Whether a private key goes on to the end of the text, and no end line has come. */
function isOpenKey({ what, from, to }: Hit, text: string): boolean {
  return what === 'private_key' && to >= text.trimEnd().length && !text.slice(from, to).includes('-----END');
}
