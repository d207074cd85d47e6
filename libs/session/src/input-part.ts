import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import { joinExtra } from './tick-extra.ts';

/** What words from outside are to the engine. All of them pass the checkpoint `tick.input` first, whoever wrote them. */
export type InputPart =
  | { readonly as: 'typed' }
  /** What a tool brought: the words of strangers, more often than not. */
  | { readonly as: 'result'; readonly call: string }
  /** The instructions of a configuration, which stands or falls with them. */
  | { readonly as: 'instructions'; readonly config: EngineConfig }
  /** What the client says was said before. */
  | { readonly as: 'said'; readonly who: TickExtra['said'][number]['who'] }
  /** No words: the wish for an answer, which must not overtake the words before it. */
  | { readonly as: 'respond' };

export type InputWords = { readonly part: InputPart; readonly text: string };

/** What a tick's input has room for beside typed words; what exceeds it comes with the next tick. */
export const MOST_PARTS = 16;

/** A client's extra as words in the order in which they count, and the rest of it, which no policy is asked about. */
export function wordsOf({ config, said, results, respond, ...rest }: Partial<TickExtra>): {
  readonly words: InputWords[];
  readonly rest: Partial<TickExtra>;
} {
  const words: InputWords[] = [];
  if (config !== undefined) words.push({ part: { as: 'instructions', config }, text: config.instructions });
  for (const { who, text } of said ?? []) words.push({ part: { as: 'said', who }, text });
  for (const { call, output } of results ?? []) words.push({ part: { as: 'result', call }, text: output });
  if (respond === true) words.push({ part: { as: 'respond' }, text: '' });
  return { words, rest };
}

/** What a tick's input gains by words that passed their checkpoint. */
export type EnteredInput = { readonly texts: string[]; extra: Partial<TickExtra> | null };

export function enterWords(entered: EnteredInput, { part, text }: InputWords): void {
  if (part.as === 'typed') entered.texts.push(text);
  else entered.extra = joinExtra(entered.extra, extraOf(part, text));
}

function extraOf(part: Exclude<InputPart, { as: 'typed' }>, text: string): Partial<TickExtra> {
  switch (part.as) {
    case 'result':
      return { results: [{ call: part.call, output: text }] };
    case 'instructions':
      return { config: { ...part.config, instructions: text } };
    case 'said':
      return { said: [{ who: part.who, text }] };
    case 'respond':
      return { respond: true };
  }
}

/** What enters in the place of words that may not: an engine that waits for a tool's result has to be told that it does not come. Null: nothing. */
export function inPlaceOf({ part }: InputWords, why: { readonly [name: string]: unknown }): InputWords | null {
  return part.as === 'result' ? { part, text: JSON.stringify(why) } : null;
}
