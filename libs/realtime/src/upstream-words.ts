/**
 * Words of one spoken item and where in its audio they begin. An upstream does not say when it speaks which word, and sends its transcript
 * ahead of the sound, beside it or behind it. So a word is placed
 * - never before the audio that was there when it arrived: an upstream that sends words and sound in step is followed exactly;
 * - at its share of the whole audio once both are complete, counted in characters;
 * - until then, as if twenty characters were spoken each second, which is fast: rather a little early in the transcript than behind the voice.
 * Words that are left when the audio has ended are handed out with its end.
 */
export type SpokenText = {
  /** Words that were not handed out yet. `at`: characters before it. `after`: samples of audio that had arrived when it did. */
  readonly words: readonly { readonly text: string; readonly at: number; readonly after: number }[];
  /** The last word, which may not be complete. */
  readonly open: string;
  readonly openAfter: number;
  readonly characters: number;
  readonly isDone: boolean;
};

export const noText: SpokenText = { words: [], open: '', openAfter: 0, characters: 0, isDone: false };

const SAMPLES_PER_CHARACTER = 24_000 / 20;
/** Writing without spaces is cut here. */
const LONGEST_WORD = 24;
/** Characters of words that one tick tells. */
const MOST_IN_A_TICK = 1_200;

/** The next piece of the transcript, when `received` samples of audio have come. */
export function addText(before: SpokenText, delta: string, received: number): SpokenText {
  let { open, openAfter } = before;
  const words = [...before.words];
  let at = before.characters - open.length;
  const close = (): void => {
    if (open.trim() !== '') words.push({ text: open.trim(), at, after: openAfter });
    at += open.length;
    open = '';
  };
  for (const character of delta) {
    if (open === '') openAfter = received;
    open += character;
    if (/\s/.test(character) || open.length >= LONGEST_WORD) close();
  }
  return { ...before, words, open, openAfter, characters: before.characters + delta.length };
}

/** The transcript is complete. */
export function endText(before: SpokenText): SpokenText {
  if (before.isDone) return before;
  const closed = before.open === '' ? before : addText(before, ' ', before.openAfter);
  return { ...closed, isDone: true };
}

/**
 * The words that begin before sample `until` of the item's audio. `total`: samples of the whole item, null while it is not complete.
 * `isOver`: no more audio comes, so all words are told.
 */
export function wordsUntil(
  text: SpokenText,
  { until, total, isOver }: { readonly until: number; readonly total: number | null; readonly isOver: boolean },
): { readonly text: SpokenText; readonly said: string } {
  const isWhole = text.isDone && total !== null && text.characters > 0;
  const perCharacter = isWhole ? total / text.characters : SAMPLES_PER_CHARACTER;
  let length = 0;
  let count = 0;
  for (const word of text.words) {
    const begins = Math.max(word.after, word.at * perCharacter);
    if (!isOver && begins >= until) break;
    length += word.text.length + 1;
    if (length > MOST_IN_A_TICK) break;
    count += 1;
  }
  const said = text.words.slice(0, count).map((word) => word.text);
  return { text: count === 0 ? text : { ...text, words: text.words.slice(count) }, said: said.join(' ') };
}
