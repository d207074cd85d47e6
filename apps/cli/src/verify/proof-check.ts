import { concatBytes } from '@wheelhouse/ledger/bytes';
import { nodesOf, planInclusion, readProof } from '@wheelhouse/ledger/proofs';
import type { HashReader } from '@wheelhouse/ledger/proofs';
import { TILE_WIDTH, tileReader, tileRoot, tilesOfNodes } from '@wheelhouse/ledger/tiles';
import type { TileRef } from '@wheelhouse/ledger/tiles';
import { HASH_BYTES } from '@wheelhouse/ledger/tree-hash';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { verifyInclusion } from '@wheelhouse/ledger/verify-proof';
import { LedgerError } from '@wheelhouse/ledger/ledger-error';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { FindingsBook } from './findings-book.ts';
import type { LogReader } from './log-reader.ts';

/**
 * Makes an inclusion proof for each leaf out of the stored tiles, as the server would, and verifies it against a signed head. Leaves beyond the
 * head are not sealed yet and left out.
 */
export async function proveLeaves(reader: LogReader, leaves: ReadonlyMap<number, Uint8Array>, head: TreeHead | null, book: FindingsBook) {
  if (head === null) return { checked: 0, good: 0, size: 0 };
  const sealed = [...leaves].filter(([index]) => index < head.size);
  const plans = sealed.map(([index, leafHash]) => ({ index, leafHash, plan: planInclusion(index, head.size) }));
  const tiles = await loadTiles(
    reader,
    tilesOfNodes(
      plans.flatMap(({ plan }) => nodesOf(plan)),
      head.size,
    ),
  );
  const read = remembered(tileReader(head.size, (ref) => tiles.get(nameOf(ref)) ?? new Uint8Array(0), sha256));
  let good = 0;
  for (const { index, leafHash, plan } of plans) {
    const fault = faultOf(() => verifyInclusion({ index, leafHash, proof: readProof(plan, read, sha256) }, head, sha256));
    if (fault === null) good += 1;
    else
      book.add('proofs', {
        code: 'not_included',
        index,
        message: `Entry ${index} can't be proved to be in the signed tree of ${head.size} entries: ${fault}`,
      });
  }
  return { checked: plans.length, good, size: head.size };
}

/** Stored tiles may be damaged, which is a finding and no end of the check. */
function faultOf(prove: () => ReturnType<typeof verifyInclusion>): string | null {
  try {
    const verdict = prove();
    return verdict.ok ? null : verdict.message;
  } catch (error) {
    if (error instanceof LedgerError) return error.message;
    throw error;
  }
}

async function loadTiles(reader: LogReader, refs: readonly TileRef[]): Promise<Map<string, Uint8Array>> {
  const tiles = new Map<string, Uint8Array>();
  for (const ref of refs) tiles.set(nameOf(ref), await loadTile(reader, ref));
  return tiles;
}

/** The bytes of one tile. One that is not full in the tree of the head may be full by now; else its hashes are those of what lies below. */
async function loadTile(reader: LogReader, { level, index, width }: TileRef): Promise<Uint8Array> {
  const [stored] = await reader.tiles(level, index, index);
  if (stored !== undefined) return stored.hashes.subarray(0, width * HASH_BYTES);
  const first = index * TILE_WIDTH;
  if (level === 0) return concatBytes(await reader.leafHashes(first, first + width));
  const below = await reader.tiles(level - 1, first, first + width - 1);
  return concatBytes(below.map((row) => tileRoot(row.hashes, sha256)));
}

/** Neighbouring proofs share most of their nodes. */
function remembered(read: HashReader): HashReader {
  const known = new Map<string, Uint8Array>();
  return (level, index) => {
    const name = `${level}/${index}`;
    const hash = known.get(name) ?? read(level, index);
    known.set(name, hash);
    return hash;
  };
}

function nameOf({ level, index }: Pick<TileRef, 'level' | 'index'>): string {
  return `${level}/${index}`;
}
