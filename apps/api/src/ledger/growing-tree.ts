import { concatBytes } from '@wheelhouse/ledger/bytes';
import { append, emptyRange, rootOf, type CompactRange } from '@wheelhouse/ledger/compact-range';
import type { HashReader } from '@wheelhouse/ledger/proofs';
import { completedTiles, TILE_HEIGHT, TILE_WIDTH, tileBytes } from '@wheelhouse/ledger/tiles';
import type { NodeRef, TreeHead } from '@wheelhouse/ledger/tree-hash';
import type { FullTile } from './ledger-store.ts';
import { sha256 } from '@wheelhouse/installation/node-crypto';

/** The tree as the writer holds it: its right edge, and of each tile level the hashes of the tile that is not full yet. Immutable. */
export type GrowingTree = { readonly range: CompactRange; readonly edge: readonly (readonly Uint8Array[])[] };

export const emptyTree: GrowingTree = { range: emptyRange(), edge: [] };

export function headOf(tree: GrowingTree): TreeHead {
  return { size: tree.range.size, root: rootOf(tree.range, sha256) };
}

/** The tree with more leaves, and the tiles that they completed. */
export function grow(
  tree: GrowingTree,
  leafHashes: readonly Uint8Array[],
): { readonly tree: GrowingTree; readonly tiles: readonly FullTile[] } {
  let range = tree.range;
  const nodes = new Map<string, Uint8Array>();
  const keep = (node: NodeRef, hash: Uint8Array) => {
    if (node.level % TILE_HEIGHT === 0) nodes.set(`${node.level}/${node.index}`, hash);
  };
  for (const leaf of leafHashes) range = append(range, leaf, sha256, keep);
  const read = readerOf(tree, nodes);
  const tiles = completedTiles(tree.range.size, range.size).map((ref) => ({
    level: ref.level,
    index: ref.index,
    hashes: tileBytes(ref, read),
  }));
  return { tree: { range, edge: edgeOf(range.size, read) }, tiles };
}

function readerOf(tree: GrowingTree, fresh: ReadonlyMap<string, Uint8Array>): HashReader {
  return (level, index) => {
    const hash = fresh.get(`${level}/${index}`) ?? tree.edge[level / TILE_HEIGHT]?.[index % TILE_WIDTH];
    if (hash === undefined) throw new Error(`tree node ${index} at level ${level} is not at hand`);
    return hash;
  };
}

function edgeOf(size: number, read: HashReader): Uint8Array[][] {
  const edge: Uint8Array[][] = [];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const first = Math.floor(hashes / TILE_WIDTH) * TILE_WIDTH;
    edge.push(Array.from({ length: hashes - first }, (_, i) => read(level * TILE_HEIGHT, first + i)));
  }
  return edge;
}

/** The bytes of the partial tile at `level`, as wide as it is now. */
export function partialTile(tree: GrowingTree, level: number, width: number): Uint8Array {
  return concatBytes((tree.edge[level] ?? []).slice(0, width));
}
