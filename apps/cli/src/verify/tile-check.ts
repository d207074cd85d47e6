import { equalBytes, concatBytes } from '@wheelhouse/ledger/bytes';
import { TILE_HEIGHT, TILE_WIDTH, tilePath } from '@wheelhouse/ledger/tiles';
import { HASH_BYTES } from '@wheelhouse/ledger/tree-hash';
import type { NodeRef } from '@wheelhouse/ledger/tree-hash';
import type { FindingsBook } from './findings-book.ts';
import type { LogReader, TileRow } from './log-reader.ts';

type Computed = { readonly level: number; readonly index: number; readonly hashes: Uint8Array };

/** Computes each full tile from the entries and holds the stored one against it. */
export class TileCheck {
  readonly #reader: LogReader;
  readonly #book: FindingsBook;
  /** Of each tile level, the hashes of the tile that is not full yet. */
  readonly #edge: Uint8Array[][] = [];
  #full: Computed[] = [];
  #checked = 0;
  #found = 0;

  constructor(reader: LogReader, book: FindingsBook) {
    this.#reader = reader;
    this.#book = book;
  }

  get checked(): number {
    return this.#checked;
  }

  /** A node of the recomputed tree. Nodes of a level arrive from left to right. */
  readonly node = ({ level, index }: NodeRef, hash: Uint8Array): void => {
    if (level % TILE_HEIGHT !== 0) return;
    const tileLevel = level / TILE_HEIGHT;
    const edge = this.#edge[tileLevel] ?? [];
    edge.push(hash);
    if (edge.length === TILE_WIDTH) this.#full.push({ level: tileLevel, index: Math.floor(index / TILE_WIDTH), hashes: concatBytes(edge) });
    this.#edge[tileLevel] = edge.length === TILE_WIDTH ? [] : edge;
  };

  /** Compares the tiles that became full since the last call. */
  async settle(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    for (const level of new Set(full.map((tile) => tile.level))) {
      const tiles = full.filter((tile) => tile.level === level);
      const stored = await this.#reader.tiles(level, tiles[0]?.index ?? 0, tiles.at(-1)?.index ?? 0);
      const byIndex = new Map(stored.map((row) => [row.index, row]));
      for (const tile of tiles) this.#compare(tile, byIndex.get(tile.index));
    }
  }

  async finish(): Promise<void> {
    const stored = await this.#reader.tileCount();
    if (stored <= this.#found) return;
    const message = `${stored - this.#found} stored tiles belong to no part of the log.`;
    this.#book.add('tiles', { code: 'tile_unexpected', message });
  }

  #compare(tile: Computed, stored: TileRow | undefined): void {
    const path = tilePath({ level: tile.level, index: tile.index, width: TILE_WIDTH });
    this.#checked += 1;
    if (stored === undefined) {
      this.#book.add('tiles', { code: 'tile_missing', message: `The tile ${path} is missing: proofs through it can't be made.` });
      return;
    }
    this.#found += 1;
    if (equalBytes(stored.hashes, tile.hashes)) return;
    const at = firstDifference(stored.hashes, tile.hashes);
    const leaf = tile.level === 0 ? tile.index * TILE_WIDTH + at : undefined;
    const which = leaf === undefined ? `hash ${at} in it differs` : `it has another leaf hash for entry ${leaf} than the entry itself`;
    const message = `The stored tile ${path} is not that of the entries: ${which}. Either the tile or what it stands for was changed.`;
    this.#book.add('tiles', { code: 'tile_differs', ...(leaf === undefined ? {} : { index: leaf }), message });
  }
}

function firstDifference(stored: Uint8Array, computed: Uint8Array): number {
  const at = computed.findIndex((byte, i) => stored[i] !== byte);
  return Math.floor(Math.max(0, at) / HASH_BYTES);
}
