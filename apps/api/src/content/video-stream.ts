import { jpegSize } from '@wheelhouse/content/jpeg-size';
import { matroskaCluster, matroskaHead } from '@wheelhouse/content/matroska';
import { unpackPictures } from '@wheelhouse/content/picture-pack';
import type { Picture } from '@wheelhouse/content/picture-track';
import { layOut } from '@wheelhouse/content/timeline';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import type { StoredPiece } from './content-store.ts';
import type { ReadPiece } from './recording-stream.ts';

/** What a file says of its size that holds no picture at all: a size of nothing is not allowed. */
const NO_SIZE = { width: 1, height: 1 };

/**
 * The pictures of stored pieces, a piece at a time, in the order of their ticks; where pieces overlap the first counts, and what lies beyond the end is left
 * off. A piece that can't be read any more has none.
 */
export async function* picturesOf(pieces: readonly StoredPiece[], lengthMs: number, read: ReadPiece): AsyncGenerator<readonly Picture[]> {
  for (const segment of layOut(pieces, lengthMs)) {
    if (segment.type === 'silence') continue;
    const packed = await read(segment.piece);
    if (packed === null) continue;
    const fromMs = segment.piece.fromMs + segment.skipMs;
    yield unpackPictures(packed).filter(({ tick }) => tick * TICK_MS >= fromMs && tick * TICK_MS < fromMs + segment.ms);
  }
}

/** A Matroska file with the pictures that were seen, each at its tick and as long as the tick. Its head says how large the first of them is. */
export async function* matroskaOf(pieces: readonly StoredPiece[], lengthMs: number, read: ReadPiece): AsyncGenerator<Uint8Array> {
  let begun = false;
  for await (const pictures of picturesOf(pieces, lengthMs, read)) {
    const seen = pictures.flatMap(({ tick, jpeg }) => (jpeg === null ? [] : [{ atMs: tick * TICK_MS, jpeg }]));
    const [first] = seen;
    if (first === undefined) continue;
    if (!begun) yield matroskaHead(lengthMs, jpegSize(first.jpeg) ?? NO_SIZE);
    begun = true;
    yield matroskaCluster(seen, TICK_MS);
  }
  if (begun) return;
  yield matroskaHead(lengthMs, NO_SIZE);
  // Players take a head alone for a file that was cut off.
  yield matroskaCluster([], TICK_MS);
}
