import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';

/** Frames of a session are told apart by a number that comes again after so many. */
export const MARKS = 256;
const STEP = 100;

/**
 * A frame of sound at 16 kHz that says whose it is and which: the first half has the session's number as its level, the second the frame's. Both
 * come through any resampling in the middle of their halves.
 */
export function markedSound(session: number, frame: number): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(TICK_SAMPLES).fill(session * STEP, 0, TICK_SAMPLES / 2);
  return samples.fill((frame % MARKS) * STEP, TICK_SAMPLES / 2);
}

/** What a frame says, by two samples in the middle of its halves; null for silence or anything else. */
export function markOf(bytes: Buffer): { readonly session: number; readonly frame: number } | null {
  const at = (share: number) => Math.round(bytes.readInt16LE(Math.floor((bytes.length * share) / 2) * 2) / STEP);
  if (bytes.length < 1000) return null;
  const [session, frame] = [at(0.25), at(0.75)];
  return session < 1 || frame < 0 || frame >= MARKS ? null : { session, frame };
}
