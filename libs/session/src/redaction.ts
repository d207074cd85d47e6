import type { FoundSpan } from '@wheelhouse/protocol/signals';
import type { SpokenWord } from '@wheelhouse/protocol/engine-tick';

/** What stands in the place of every masked character: one for one, so that nothing else moves. */
const MASK = '█';

/** The text with the spans masked, by UTF-16 unit as they count. Spans beyond its end are cut. */
export function maskText(text: string, spans: readonly FoundSpan[]): string {
  if (spans.length === 0) return text;
  const masked = text.split('');
  for (const { from, to } of spans) for (let at = Math.max(0, from); at < Math.min(to, masked.length); at += 1) masked[at] = MASK;
  return masked.join('').toWellFormed();
}

/**
 * Samples of a tick's sound to be silenced so that masked words are not heard: exactly theirs, where the engine said when each is spoken. `over`:
 * how far into the next tick the last of them reaches. Where it did not say, the whole tick and the next: a word may go on.
 */
export function mutedSamples(
  said: { readonly words: readonly SpokenWord[] | null; readonly samples: number },
  spans: readonly FoundSpan[],
): { readonly stretches: readonly (readonly [from: number, to: number])[]; readonly over: number } {
  if (spans.length === 0) return { stretches: [], over: 0 };
  if (said.words === null) return { stretches: [[0, said.samples]], over: said.samples };
  const hit = said.words.filter((word) => spans.some(({ from, to }) => word.from < to && from < word.to));
  const stretches = hit.map(({ start, end }) => [start, Math.min(end, said.samples)] as const);
  const over = hit.reduce((most, { end }) => Math.max(most, end - said.samples), 0);
  return { stretches, over };
}

/** A copy of the sound in which the stretches are silent. */
export function silenced(audio: Int16Array, stretches: readonly (readonly [from: number, to: number])[]): Int16Array {
  const copy = audio.slice();
  for (const [from, to] of stretches) copy.fill(0, Math.max(0, from), Math.min(to, copy.length));
  return copy;
}
