import { NO_SIGNALS } from '@wheelhouse/protocol/signals';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { HeldOutput } from './held-output.ts';

/** Silence that ends a draft, in ticks. */
const SILENT_TICKS = 5;
/** The longest draft, in ticks with something in them: thirty seconds. */
const MOST_TICKS = 150;
/** Drafts of one session that wait for a human at the same time; the oldest is given up for another. */
const MOST_DRAFTS = 5;

/** Output that policy wants a human to decide on: gathered until the engine is done, then asked about as a whole. Owned by this file. */
export type Drafts = {
  growing: { readonly outputs: HeldOutput[]; silent: number } | null;
  readonly waiting: Map<number, readonly HeldOutput[]>;
  /** What may be played now, one output a tick. */
  readonly playing: HeldOutput[];
  last: number;
};

/** A draft that a human is to decide on. */
export type AskedDraft = { readonly draft: number; readonly text: string };

export function noDrafts(): Drafts {
  return { growing: null, waiting: new Map(), playing: [], last: 0 };
}

/** Adds an output that is held for a human. */
export function addToDraft(drafts: Drafts, output: HeldOutput): void {
  drafts.growing ??= { outputs: [], silent: 0 };
  drafts.growing.outputs.push(output);
  drafts.growing.silent = 0;
}

/** A tick is over: a draft that is whole now is asked about. `ended`: nothing more comes of what the engine was saying. */
export function tendDraft(drafts: Drafts, ended: boolean): AskedDraft | null {
  const { growing } = drafts;
  if (growing === null) return null;
  growing.silent += 1;
  const done =
    ended || growing.outputs.some(({ turnEnded }) => turnEnded) || growing.silent > SILENT_TICKS || growing.outputs.length >= MOST_TICKS;
  if (!done) return null;
  drafts.growing = null;
  const text = growing.outputs
    .map(({ said }) => said)
    .filter((said) => said !== '')
    .join(' ');
  drafts.last += 1;
  drafts.waiting.set(drafts.last, growing.outputs);
  const [oldest] = drafts.waiting.keys();
  if (drafts.waiting.size > MOST_DRAFTS && oldest !== undefined) drafts.waiting.delete(oldest);
  return { draft: drafts.last, text };
}

/** A human decided: an approved draft plays from the next tick on. False when it is no more. */
export function decideDraft(drafts: Drafts, draft: number, approved: boolean): boolean {
  const outputs = drafts.waiting.get(draft);
  drafts.waiting.delete(draft);
  if (outputs !== undefined && approved) drafts.playing.push(...outputs);
  return outputs !== undefined;
}

/** Words that a human put in the place of a draft, and their sound: they play from the next tick on, as an approved draft does. */
export function playWords(drafts: Drafts, text: string, audio: Int16Array): void {
  const unjudged = { scans: 0, signals: NO_SIGNALS, watermark: false, saidSpans: [], heardSpans: [], frames: null };
  const blank = { ...unjudged, tick: 0, cuts: 0, heard: [], words: null };
  const ticks = Math.max(1, Math.ceil(audio.length / TICK_SAMPLES));
  for (let at = 0; at < ticks; at += 1) {
    const slice = audio.subarray(at * TICK_SAMPLES, (at + 1) * TICK_SAMPLES);
    const last = at === ticks - 1;
    drafts.playing.push({ ...blank, said: at === 0 ? text : '', audio: slice.length === 0 ? null : slice, turnEnded: last });
  }
}
