import type { PlaybackCounters } from './playback-ring.ts';

/** Page to playback worklet. Samples are of 16 kHz; `flush` is one word so that the audio thread has nothing to unpack. */
export type PlaybackRequest = Int16Array<ArrayBuffer> | 'flush';

/** Playback worklet to page, twenty times a second while anything changes: counters in samples, and the loudness of what was played. */
export type PlaybackReport = PlaybackCounters & { readonly waiting: number; readonly level: number };

export const SILENT: PlaybackReport = { rendered: 0, audible: 0, dropped: 0, trimmed: 0, gaps: 0, waiting: 0, level: 0 };
