import { sha256 } from '@wheelhouse/installation/node-crypto';
import { concatBytes, equalBytes, utf8 } from '@wheelhouse/ledger/bytes';
import { append, appendSubtree, emptyRange, rootOf, type CompactRange } from '@wheelhouse/ledger/compact-range';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { TILE_HEIGHT, TILE_WIDTH, tileRoot } from '@wheelhouse/ledger/tiles';
import { HASH_BYTES, type TreeHead } from '@wheelhouse/ledger/tree-hash';
import type { GrowingTree } from './growing-tree.ts';
import type { LedgerStore } from './ledger-store.ts';

/** Where the database is not what was signed. `index`: the first entry that differs, null where that is not one entry's doing. */
export type Difference = { readonly index: number | null; readonly message: string };

/** Either the tree that the tiles hold, agreeing with every head, or the first thing that is wrong. */
export type TreeReading = { readonly tree: GrowingTree } | { readonly difference: Difference };

const TILES_A_PAGE = 256;

/**
 * Rebuilds the tree from its stored tiles and holds it against signed heads: 255 hashes for 256 entries, and no entry is read but those that no
 * full tile covers yet. That the entries are those of the tiles is `row-check.ts`'s to say.
 */
export async function readTree(store: LedgerStore, heads: readonly TreeHead[]): Promise<TreeReading> {
  const { size, count } = await store.extent();
  if (count !== size) return differs(null, `The database holds ${count} entries, but they are numbered up to ${size - 1}: some are gone.`);
  const beyond = heads.find((head) => head.size > size);
  if (beyond !== undefined)
    return differs(size, `The database holds ${size} entries, but a head over ${beyond.size} was signed: entries are gone.`);
  const reading = new Reading(store, heads, size);
  return (await reading.run()) ?? { tree: reading.tree() };
}

class Reading {
  readonly #store: LedgerStore;
  readonly #heads: readonly TreeHead[];
  readonly #size: number;
  #range: CompactRange = emptyRange();
  /** At `level`: the roots of the full tiles of that level, which are the hashes of the level above. */
  readonly #roots: Uint8Array[][] = [];
  #last: Uint8Array[] = [];

  constructor(store: LedgerStore, heads: readonly TreeHead[], size: number) {
    this.#store = store;
    this.#heads = heads;
    this.#size = size;
  }

  async run(): Promise<{ difference: Difference } | null> {
    return (await this.#fullTiles()) ?? (await this.#rightEdge()) ?? (await this.#upperTiles());
  }

  tree(): GrowingTree {
    const edge: Uint8Array[][] = [];
    for (let level = 0, hashes = this.#size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
      const below = level === 0 ? this.#last : (this.#roots[level - 1] ?? []).slice(Math.floor(hashes / TILE_WIDTH) * TILE_WIDTH);
      edge.push(below);
    }
    return { range: this.#range, edge };
  }

  async #fullTiles(): Promise<{ difference: Difference } | null> {
    const full = Math.floor(this.#size / TILE_WIDTH);
    const roots: Uint8Array[] = [];
    for (let from = 0; from < full; from += TILES_A_PAGE) {
      const page = await this.#store.tilesFrom(0, from, Math.min(TILES_A_PAGE, full - from));
      for (let i = 0; i < Math.min(TILES_A_PAGE, full - from); i += 1) {
        const hashes = page[i];
        if (hashes?.index !== from + i || hashes.hashes.length !== TILE_WIDTH * HASH_BYTES) return tileGone(0, from + i);
        const fault = this.#headsWithin(hashes.hashes);
        if (fault !== null) return fault;
        const hash = tileRoot(hashes.hashes, sha256);
        roots.push(hash);
        this.#range = appendSubtree(this.#range, { level: TILE_HEIGHT, hash }, sha256);
      }
    }
    this.#roots.push(roots);
    // A head that ends with the last full tile, where no entry follows.
    return this.#checkHeads(this.#range);
  }

  /** Heads whose last entry is within the tile that comes next: the tree up to there, leaf by leaf. */
  #headsWithin(hashes: Uint8Array): { difference: Difference } | null {
    const from = this.#range.size;
    if (!this.#heads.some(({ size }) => size >= from && size < from + TILE_WIDTH)) return null;
    let range = this.#range;
    for (let i = 0; i < TILE_WIDTH; i += 1) {
      const fault = this.#checkHeads(range);
      if (fault !== null) return fault;
      range = append(range, hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), sha256);
    }
    return null;
  }

  async #rightEdge(): Promise<{ difference: Difference } | null> {
    const from = Math.floor(this.#size / TILE_WIDTH) * TILE_WIDTH;
    const bodies = await this.#store.bodies(from, this.#size - from);
    if (bodies.length !== this.#size - from) return differs(null, `Some of the entries from ${from} to ${this.#size - 1} are gone.`);
    this.#last = bodies.map((body) => entryLeafHash(utf8(body), sha256));
    for (const leaf of this.#last) {
      this.#range = append(this.#range, leaf, sha256);
      const fault = this.#checkHeads(this.#range);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** The tiles above hold what those below add up to; the proofs are made from them. */
  async #upperTiles(): Promise<{ difference: Difference } | null> {
    for (let level = 1; ; level += 1) {
      const below = this.#roots[level - 1] ?? [];
      const full = Math.floor(below.length / TILE_WIDTH);
      if (full === 0) return null;
      const roots: Uint8Array[] = [];
      const stored = await this.#store.tilesFrom(level, 0, full);
      for (let index = 0; index < full; index += 1) {
        const hashes = concatBytes(below.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH));
        const tile = stored[index];
        if (tile?.index !== index || !equalBytes(tile.hashes, hashes)) return tileGone(level, index);
        roots.push(tileRoot(hashes, sha256));
      }
      this.#roots.push(roots);
    }
  }

  #checkHeads(range: CompactRange): { difference: Difference } | null {
    const head = this.#heads.find(({ size }) => size === range.size);
    if (head === undefined || equalBytes(head.root, rootOf(range, sha256))) return null;
    return differs(null, `The first ${head.size} entries in the database are not those whose head was signed.`);
  }
}

function differs(index: number | null, message: string): { readonly difference: Difference } {
  return { difference: { index, message } };
}

function tileGone(level: number, index: number): { readonly difference: Difference } {
  return differs(null, `Tile ${index} of level ${level} of the tree is missing, or is not what the tiles below it add up to.`);
}
