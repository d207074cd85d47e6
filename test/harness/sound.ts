/** Whether a tenth of a second of `part`, from where it gets loud, is somewhere in `whole`, sample by sample: frames are cut at ticks. */
export function holds(whole: Int16Array, part: Int16Array): boolean {
  const loud = part.findIndex((sample) => Math.abs(sample) > 500);
  const stretch = part.subarray(loud, loud + 1600);
  for (let at = 0; at + stretch.length <= whole.length; at += 1)
    if (whole[at] === stretch[0] && stretch.every((sample, i) => whole[at + i] === sample)) return true;
  return false;
}

/** Pieces of sound, one after the other. */
export function together(pieces: readonly Int16Array[]): Int16Array<ArrayBuffer> {
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** PCM16 as it is on the wire. */
export function samplesIn(payload: Uint8Array): Int16Array<ArrayBuffer> {
  return new Int16Array(payload.slice().buffer);
}
