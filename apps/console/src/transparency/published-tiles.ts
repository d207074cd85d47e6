import { consistencyProof, nodesOf, planConsistency } from '@wheelhouse/ledger/proofs';
import { tilePath, tileReader, tilesOfNodes, type TileRef } from '@wheelhouse/ledger/tiles';
import { sha256 } from '../ledger/browser-crypto.ts';

/** The bytes of a tile of the public log; null where there is none to be had. */
export type TileFetch = (tile: TileRef) => Promise<Uint8Array | null>;

export const publicTiles: TileFetch = async (tile) => {
  const response = await fetch(`/log/${tilePath(tile)}`, { credentials: 'omit' });
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
};

/**
 * The hashes that prove that the tree of `second` entries grew out of that of `first`, read from the public log's tiles (C2SP tlog-tiles). Null where
 * the log is not public.
 */
export async function consistencyFromTiles(sizes: { first: number; second: number }, fetchTile: TileFetch): Promise<Uint8Array[] | null> {
  const tiles = new Map<string, Uint8Array>();
  for (const tile of tilesOfNodes(nodesOf(planConsistency(sizes.first, sizes.second)), sizes.second)) {
    const bytes = await fetchTile(tile);
    if (bytes === null) return null;
    tiles.set(tilePath(tile), bytes);
  }
  const source = (tile: TileRef) => tiles.get(tilePath(tile)) ?? new Uint8Array(0);
  return consistencyProof(sizes, tileReader(sizes.second, source, sha256), sha256);
}
