import { LEVEL_NAMES, type Level } from '@wheelhouse/protocol/level';
import type { Latch, LatchKind } from '@wheelhouse/protocol/order';

/** A latch's kind as a state of what it covers. */
export const LATCHED_WORDS: Readonly<Record<LatchKind, string>> = {
  hold: 'held',
  mute: 'muted',
  stop: 'stopped',
  take_over: 'taken over',
  level: 'lowered',
};

/** An order's kind as an act. */
export const ORDER_WORDS: Readonly<Record<LatchKind | 'whisper', string>> = {
  hold: 'Hold',
  mute: 'Mute',
  stop: 'Stop',
  take_over: 'Take over',
  level: 'Level',
  whisper: 'Whisper',
};

export function levelInWords(level: Level): string {
  return `${level} ${LEVEL_NAMES[level]}`;
}

export function latchInWords(latch: Latch): string {
  const level = latch.level === null ? '' : ` ${levelInWords(latch.level)}`;
  return `${ORDER_WORDS[latch.kind]}${level}, order ${latch.number}`;
}

export function timeOf(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { hourCycle: 'h23' });
}
