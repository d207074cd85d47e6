/** A stretch of time, in milliseconds of the session: from `fromMs` up to, and without, `toMs`. */
export type Stretch = { readonly fromMs: number; readonly toMs: number };

/** What lies at a place of a track: part of a piece (from `skipMs` of it on, `ms` long), or silence. */
export type Segment<P> =
  | { readonly type: 'sound'; readonly piece: P; readonly skipMs: number; readonly ms: number }
  | { readonly type: 'silence'; readonly ms: number };

/**
 * Lays pieces out on a track of exactly `lengthMs`: what no piece covers is silence, where pieces overlap the first counts, and what lies
 * beyond the end is left off.
 */
export function layOut<P extends Stretch>(pieces: readonly P[], lengthMs: number): Segment<P>[] {
  const segments: Segment<P>[] = [];
  let at = 0;
  for (const piece of [...pieces].sort((a, b) => a.fromMs - b.fromMs)) {
    const from = Math.max(at, piece.fromMs);
    const to = Math.min(piece.toMs, lengthMs);
    if (to <= from) continue;
    if (from > at) segments.push({ type: 'silence', ms: from - at });
    segments.push({ type: 'sound', piece, skipMs: from - piece.fromMs, ms: to - from });
    at = to;
  }
  if (at < lengthMs) segments.push({ type: 'silence', ms: lengthMs - at });
  return segments;
}

/** The stretches of a track of `lengthMs` that no piece covers. */
export function holesIn(pieces: readonly Stretch[], lengthMs: number): Stretch[] {
  const holes: Stretch[] = [];
  let at = 0;
  for (const segment of layOut(pieces, lengthMs)) {
    if (segment.type === 'silence') holes.push({ fromMs: at, toMs: at + segment.ms });
    at += segment.ms;
  }
  return holes;
}
