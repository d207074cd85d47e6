import { layOut, type Segment } from '@wheelhouse/content/timeline';
import { interleave, pcmBytes, wavHeader } from '@wheelhouse/content/wav';
import type { StoredPiece } from './content-store.ts';

const BLOCK_MS = 1000;

/** Reads a piece's content; null where it can't be read any more. */
export type ReadPiece = (piece: StoredPiece) => Promise<Uint8Array | null>;

/** A WAV file of exactly `lengthMs`, block by block: one track, or the two as left and right. */
export async function* wavOf(tracks: readonly (readonly StoredPiece[])[], lengthMs: number, read: ReadPiece): AsyncGenerator<Uint8Array> {
  const [left, right] = tracks.map((pieces) => blocksOf(pieces, lengthMs, read));
  if (left === undefined) return;
  yield wavHeader(lengthMs, right === undefined ? 1 : 2);
  for await (const block of left) {
    if (right === undefined) yield block;
    else {
      const other = await right.next();
      yield interleave(block, other.done === true ? new Uint8Array(block.length) : other.value);
    }
  }
}

/** One track in blocks of a second, the last one shorter; silence where nothing is stored. */
async function* blocksOf(pieces: readonly StoredPiece[], lengthMs: number, read: ReadPiece): AsyncGenerator<Uint8Array, void, undefined> {
  let block = Buffer.alloc(pcmBytes(Math.min(BLOCK_MS, lengthMs)));
  let filled = 0;
  let left = pcmBytes(lengthMs) - block.length;
  for (const segment of layOut(pieces, lengthMs)) {
    const sound = await soundOf(segment, read);
    for (let at = 0; at < pcmBytes(segment.ms);) {
      const count = Math.min(block.length - filled, pcmBytes(segment.ms) - at);
      if (sound !== null) block.set(sound.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < block.length) continue;
      yield block;
      block = Buffer.alloc(Math.min(pcmBytes(BLOCK_MS), left));
      left -= block.length;
      filled = 0;
    }
  }
}

/** What sounds in a segment; null is silence. A piece that turns out shorter than it says is silent where it ends. */
async function soundOf(segment: Segment<StoredPiece>, read: ReadPiece): Promise<Uint8Array | null> {
  if (segment.type === 'silence') return null;
  const bytes = await read(segment.piece);
  return bytes?.subarray(pcmBytes(segment.skipMs), pcmBytes(segment.skipMs + segment.ms)) ?? null;
}
