import { concatBytes } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed, Sha256 } from './primitives.ts';
import type { HashReader } from './proofs.ts';
import { HASH_BYTES, isCount, nodeHash } from './tree-hash.ts';
import type { NodeRef } from './tree-hash.ts';

/** Tree levels in a tile, and hashes in a full one: C2SP tlog-tiles, "Merkle Tree". */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;

/** Tile `index` of tile level `level` (level 0 holds leaf hashes, each level above one hash for each full tile below); 1 to 256 hashes wide. */
export type TileRef = { readonly level: number; readonly index: number; readonly width: number };

/** The bytes of a tile: its hashes one after the other, `width` * 32 bytes. Throws where the tile is not stored. */
export type TileSource = (tile: TileRef) => Uint8Array;

/** The full tiles that become complete when the tree grows from `from` to `to` leaves, lowest level first. */
export function completedTiles(from: number, to: number): TileRef[] {
  if (!isCount(from) || !isCount(to) || from > to)
    throw new LedgerError('out_of_range', `A tree cannot grow from ${from} to ${to} leaves.`);
  const tiles: TileRef[] = [];
  for (let level = 0, span = TILE_WIDTH; span <= to; level += 1, span *= TILE_WIDTH)
    for (let index = Math.floor(from / span); index < Math.floor(to / span); index += 1) tiles.push({ level, index, width: TILE_WIDTH });
  return tiles;
}

/** The partial tiles on the right edge of a tree of `size` leaves, lowest level first: what a published head needs beside the full ones. */
export function partialTiles(size: number): TileRef[] {
  if (!isCount(size)) throw new LedgerError('out_of_range', `A tree cannot have ${size} leaves.`);
  const tiles: TileRef[] = [];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return tiles;
}

/** The bytes of a tile, read node by node. */
export function tileBytes(tile: TileRef, read: HashReader): Uint8Array {
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < tile.width; i += 1) hashes.push(read(tile.level * TILE_HEIGHT, tile.index * TILE_WIDTH + i));
  return concatBytes(hashes);
}

/** The tile that holds or spans a node in the tree of `size` leaves. Throws `out_of_range` where the tree has no such node. */
export function tileOfNode(node: NodeRef, size: number): TileRef {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const perTile = 2 ** (TILE_HEIGHT - (node.level % TILE_HEIGHT));
  const index = Math.floor(node.index / perTile);
  const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
  const needed = ((node.index % perTile) + 1) * (TILE_WIDTH / perTile);
  if (width < needed) throw new LedgerError('out_of_range', `A tree of ${size} has no node ${node.index} at level ${node.level}.`);
  return { level, index, width };
}

/** The distinct tiles that some nodes need, so that they can be fetched together before a proof is read. */
export function tilesOfNodes(nodes: readonly NodeRef[], size: number): TileRef[] {
  const tiles = new Map<string, TileRef>();
  for (const node of nodes) {
    const tile = tileOfNode(node, size);
    tiles.set(`${tile.level}/${tile.index}`, tile);
  }
  return [...tiles.values()];
}

/** Reads any node of the tree of `size` leaves out of its tiles; the levels between two tile levels are hashed again (at most 255 hashes). */
export function tileReader(size: number, source: TileSource, sha256: Sha256): HashReader {
  return (level, index) => {
    const tile = tileOfNode({ level, index }, size);
    const bytes = source(tile);
    if (bytes.length !== tile.width * HASH_BYTES)
      throw new LedgerError('bad_tile', `Tile ${tilePath(tile)} has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}.`);
    const width = 2 ** (level % TILE_HEIGHT);
    const start = (index * width) % TILE_WIDTH;
    return hashOfSpan(bytes.subarray(start * HASH_BYTES, (start + width) * HASH_BYTES), sha256);
  };
}

/** Root of a full tile: the hash that stands for it in the tile level above. */
export function tileRoot(bytes: Uint8Array, sha256: Sha256): Uint8Array {
  if (bytes.length !== TILE_WIDTH * HASH_BYTES) throw new LedgerError('bad_tile', `A full tile has ${TILE_WIDTH * HASH_BYTES} bytes.`);
  return hashOfSpan(bytes, sha256);
}

function hashOfSpan(hashes: Uint8Array, sha256: Sha256): Uint8Array {
  if (hashes.length <= HASH_BYTES) return hashes.slice();
  const middle = hashes.length / 2;
  return nodeHash(hashOfSpan(hashes.subarray(0, middle), sha256), hashOfSpan(hashes.subarray(middle), sha256), sha256);
}

/** `tile/0/x001/067`, with `.p/112` for a partial one: C2SP tlog-tiles, "Merkle Tree". */
export function tilePath(tile: TileRef): string {
  return `tile/${tile.level}/${indexPath(tile)}`;
}

/** `tile/entries/x001/067`: where the entries of a level 0 tile are served, C2SP tlog-tiles, "Log entries". */
export function entriesPath(tile: Pick<TileRef, 'index' | 'width'>): string {
  return `tile/entries/${indexPath(tile)}`;
}

function indexPath({ index, width }: Pick<TileRef, 'index' | 'width'>): string {
  if (!isCount(index) || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new LedgerError('out_of_range', `There is no tile ${index} of width ${width}.`);
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  return groups.join('/') + (width === TILE_WIDTH ? '' : `.p/${width}`);
}

export type TilePath = { readonly kind: 'hashes'; readonly tile: TileRef } | { readonly kind: 'entries'; readonly tile: TileRef };

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads a tile's path. Refuses every spelling but the one that `tilePath` and `entriesPath` write. */
export function parseTilePath(path: string): Parsed<TilePath, 'bad_tile_path'> {
  const [, level, digits, partial] = PATH.exec(path) ?? [];
  if (level === undefined || digits === undefined) return refuse('bad_tile_path', 'This is not the path of a tile.');
  const tile = {
    level: level === 'entries' ? 0 : Number(level),
    index: Number(digits.replaceAll(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  const fits = tile.level < 64 && isCount(tile.index) && (partial === undefined || tile.width < TILE_WIDTH);
  const spelled = fits && path === (level === 'entries' ? entriesPath(tile) : tilePath(tile));
  if (!spelled) return refuse('bad_tile_path', 'This is not the path of a tile: a number is out of range or has leading zeros.');
  return { ok: true, value: { kind: level === 'entries' ? 'entries' : 'hashes', tile } };
}
