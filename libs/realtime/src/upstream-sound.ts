import { addText, endText, noText, type SpokenText, wordsUntil } from './upstream-words.ts';

/** Samples at 24 kHz that one tick takes: 200 ms. */
export const UPSTREAM_TICK_SAMPLES = 4_800;

/** One item that an upstream says: its sound on the way out at the speed of speech, and its words. Times are samples at 24 kHz. */
export type SpokenItem = {
  readonly id: string;
  /** Numbers items: sound of one must not run into another's when it is converted. */
  readonly voice: number;
  readonly chunks: readonly Int16Array[];
  readonly buffered: number;
  readonly received: number;
  /** Handed out so far. */
  readonly played: number;
  readonly isAudioDone: boolean;
  readonly text: SpokenText;
  /** What of the words was handed out. */
  readonly told: string;
  /** Whether sound came since the last tick: if not, waiting for a whole tick of it would only delay what is there. */
  readonly isFlowing: boolean;
};

export function newItem(id: string, voice: number): SpokenItem {
  return { id, voice, chunks: [], buffered: 0, received: 0, played: 0, isAudioDone: false, text: noText, told: '', isFlowing: false };
}

/** `samples` is kept. */
export function addSound(item: SpokenItem, samples: Int16Array): SpokenItem {
  if (samples.length === 0) return item;
  return {
    ...item,
    chunks: [...item.chunks, samples],
    buffered: item.buffered + samples.length,
    received: item.received + samples.length,
    isFlowing: true,
  };
}

export const addWords = (item: SpokenItem, delta: string): SpokenItem => ({ ...item, text: addText(item.text, delta, item.received) });
export const endSound = (item: SpokenItem): SpokenItem => ({ ...item, isAudioDone: true });
export const endWords = (item: SpokenItem): SpokenItem => ({ ...item, text: endText(item.text) });
/** No more of it comes. */
export const endItem = (item: SpokenItem): SpokenItem => endWords(endSound(item));
/** Everything of it was handed out, and no more comes. */
export const isOver = (item: SpokenItem): boolean =>
  item.isAudioDone && item.text.isDone && item.buffered === 0 && item.text.words.length === 0;
/** Whether anything of it was handed out. */
export const wasHeard = (item: SpokenItem): boolean => item.played > 0 || item.told !== '';

/** One tick's share: at most 200 ms of sound, and the words that begin in it. */
export type Share = { readonly item: SpokenItem; readonly samples: Int16Array | null; readonly said: string };

/** A whole tick of sound, or what is left of it once no more is to be waited for. */
export function takeShare(item: SpokenItem): Share {
  const isLast = item.isAudioDone || !item.isFlowing;
  const count = item.buffered >= UPSTREAM_TICK_SAMPLES ? UPSTREAM_TICK_SAMPLES : isLast ? item.buffered : 0;
  const cut = count === 0 ? { samples: null, chunks: item.chunks } : takeSamples(item.chunks, count);
  const played = item.played + count;
  const whole = item.isAudioDone ? item.received : null;
  const words = wordsUntil(item.text, { until: played, total: whole, isOver: item.isAudioDone && item.buffered === count });
  return {
    item: {
      ...item,
      chunks: cut.chunks,
      buffered: item.buffered - count,
      played,
      text: words.text,
      told: words.said === '' ? item.told : item.told === '' ? words.said : `${item.told} ${words.said}`,
      isFlowing: false,
    },
    samples: cut.samples,
    said: words.said,
  };
}

function takeSamples(
  chunks: readonly Int16Array[],
  count: number,
): { readonly samples: Int16Array; readonly chunks: readonly Int16Array[] } {
  const samples = new Int16Array(count);
  let at = 0;
  let used = 0;
  let rest: Int16Array | null = null;
  for (const chunk of chunks) {
    if (at === count) break;
    const part = chunk.subarray(0, count - at);
    samples.set(part, at);
    at += part.length;
    used += 1;
    if (part.length < chunk.length) rest = chunk.subarray(part.length);
  }
  const left = chunks.slice(used);
  return { samples, chunks: rest === null ? left : [rest, ...left] };
}
