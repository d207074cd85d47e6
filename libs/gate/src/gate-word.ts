import type { FrameKind, FrameSource } from '@wheelhouse/protocol/frame';
import type { Level } from '@wheelhouse/protocol/level';
import { LATCH_KINDS, type LatchKind } from '@wheelhouse/protocol/order';

/**
 * The gate word: everything that the gate asks about a session, in one 32-bit integer, so that a frame costs one atomic load.
 * Bits 0 to 3: a latch of that kind is in force. Bit 4: level 1, drafts only. Bit 5: the session is over. Bit 6: a level order
 * is in force. Bits 8 to 10: effective level.
 */
export const HOLD = 1;
export const MUTE = 2;
export const STOP = 4;
export const TAKE_OVER = 8;
export const DRAFT = 16;
export const ENDED = 32;
export const LEVELLED = 64;
const LEVEL_SHIFT = 8;
const LEVEL_MASK = 7 << LEVEL_SHIFT;

const BIT: Readonly<Record<LatchKind, number>> = { hold: HOLD, mute: MUTE, stop: STOP, take_over: TAKE_OVER, level: LEVELLED };

export function gateWord(latched: Iterable<LatchKind>, level: Level): number {
  let word = level << LEVEL_SHIFT;
  if (level === 1) word |= DRAFT;
  for (const kind of latched) word |= BIT[kind];
  return word;
}

/** The word with one more latch in force: the fast path of an order, equal to computing the word anew. `level` is a level order's. */
export function withLatch(word: number, kind: LatchKind, level: Level | null): number {
  if (kind !== 'level' || level === null || levelOf(word) <= level) return word | BIT[kind];
  return (word & ~LEVEL_MASK) | (level << LEVEL_SHIFT) | LEVELLED | (level === 1 ? DRAFT : 0);
}

/** The effective level in a word; 1, the lowest, where a word was never written. */
export function levelOf(word: number): Level {
  const level = (word & LEVEL_MASK) >> LEVEL_SHIFT;
  return level === 2 || level === 3 || level === 4 || level === 5 ? level : 1;
}

/** Latch kinds that a gate word shows, for notices and meters. */
export function latchesOf(word: number): LatchKind[] {
  return LATCH_KINDS.filter((kind) => (word & BIT[kind]) !== 0);
}

/** Why the gate withheld a frame. */
export type Withheld = 'hold' | 'mute' | 'stop' | 'take_over' | 'draft' | 'ended' | 'lease';

/**
 * The gate's whole question: may this frame leave? Null: it passes. `approved` is a frame of the engine's that a human sent on: it needs no level. `leased` is whether the right to emit is held now (law 4); it binds
 * the engine, not the human who took over.
 */
export function withheldBy(word: number, source: FrameSource | 'approved', kind: FrameKind, leased: boolean): Withheld | null {
  switch (source) {
    case 'gate':
      return null;
    case 'client':
      return 'ended';
    case 'human':
      return (word & ENDED) !== 0 ? 'ended' : null;
    case 'approved':
    case 'engine':
      if ((word & ENDED) !== 0) return 'ended';
      if ((word & STOP) !== 0) return 'stop';
      if ((word & HOLD) !== 0) return 'hold';
      if ((word & TAKE_OVER) !== 0) return 'take_over';
      if ((word & DRAFT) !== 0 && source === 'engine') return 'draft';
      if ((word & MUTE) !== 0 && (kind === 'audio' || kind === 'video')) return 'mute';
      return leased ? null : 'lease';
  }
}
