import type { SpokenWord } from '@wheelhouse/protocol/engine-tick';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import type { Speech } from './speaking.ts';

/** When words begin is estimated: so much is added on either side, that a word which has to be silent is silent whole. */
const MARGIN = SAMPLE_RATE / 10;

/** The words that begin in the samples `at` to `to` of a speech, as a tick says them, and when each is spoken. */
export function wordsBetween({ audio, words }: Speech, at: number, to: number): { readonly said: string; readonly words: SpokenWord[] } {
  const spoken: SpokenWord[] = [];
  let said = '';
  for (const [index, { text, start }] of words.entries()) {
    if (start < at || start >= to) continue;
    const from = said === '' ? 0 : said.length + 1;
    said = said === '' ? text : `${said} ${text}`;
    const end = words[index + 1]?.start ?? audio.length;
    spoken.push({ from, to: said.length, start: Math.max(0, start - at - MARGIN), end: end - at + MARGIN });
  }
  return { said, words: spoken };
}
