import { sha256 } from '@wheelhouse/installation/node-crypto';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { formatEntryBundle } from '@wheelhouse/ledger/entry-bundle';
import { type HashReader, nodesOf, planConsistency, planInclusion, readProof, type ProofPlan } from '@wheelhouse/ledger/proofs';
import { TILE_WIDTH, tileReader, tilesOfNodes, type TileRef } from '@wheelhouse/ledger/tiles';
import { HASH_BYTES, type NodeRef } from '@wheelhouse/ledger/tree-hash';
import { type GrowingTree, partialTile } from './growing-tree.ts';
import type { LedgerStore } from './ledger-store.ts';

/** Proofs and tiles out of what is stored: full tiles from the database, the tree's right edge from memory. */
export class TreeReader {
  readonly #store: Pick<LedgerStore, 'tile' | 'fullTiles' | 'bodies'>;
  readonly #tree: () => GrowingTree;

  constructor(store: Pick<LedgerStore, 'tile' | 'fullTiles' | 'bodies'>, tree: () => GrowingTree) {
    this.#store = store;
    this.#tree = tree;
  }

  /** Audit path of `index` in the tree of `size` leaves, RFC 9162 section 2.1.3. */
  inclusion(index: number, size: number): Promise<Uint8Array[]> {
    return this.#prove(planInclusion(index, size));
  }

  /** Proof that the first `from` leaves are a prefix of the first `to`, RFC 9162 section 2.1.4. */
  consistency(from: number, to: number): Promise<Uint8Array[]> {
    return this.#prove(planConsistency(from, to));
  }

  /** The bytes of a tile that the tree has: stored ones from the database, those on the right edge from memory. */
  async tile(ref: TileRef): Promise<Uint8Array> {
    const tree = this.#tree();
    const full = ref.index < Math.floor(tree.range.size / TILE_WIDTH ** (ref.level + 1));
    const bytes = full ? await this.#store.tile({ ...ref, width: TILE_WIDTH }) : partialTile(tree, ref.level, ref.width);
    if (bytes === null || bytes.length < ref.width * HASH_BYTES)
      throw new Error(`tile ${ref.index} of level ${ref.level} is not stored in full`);
    return bytes.subarray(0, ref.width * HASH_BYTES);
  }

  /** The entries under the level 0 tile `ref`, C2SP tlog-tiles "Log entries". */
  async entryBundle(ref: Pick<TileRef, 'index' | 'width'>): Promise<Uint8Array> {
    const bodies = await this.#store.bodies(ref.index * TILE_WIDTH, ref.width);
    if (bodies.length !== ref.width) throw new Error(`${bodies.length} of ${ref.width} entries of bundle ${ref.index} are stored`);
    return formatEntryBundle(bodies.map(utf8));
  }

  /** The hashes of perfect subtrees, in their order. */
  async nodes(refs: readonly NodeRef[]): Promise<Uint8Array[]> {
    const read = await this.#reader(refs);
    return refs.map(({ level, index }) => read(level, index));
  }

  async #prove(plan: ProofPlan): Promise<Uint8Array[]> {
    return readProof(plan, await this.#reader(nodesOf(plan)), sha256);
  }

  /** Reads the tiles that these subtrees are in, and answers from them. */
  async #reader(refs: readonly NodeRef[]): Promise<HashReader> {
    const tree = this.#tree();
    const wanted = tilesOfNodes(refs, tree.range.size);
    const full = await this.#store.fullTiles(wanted.filter(({ width }) => width === TILE_WIDTH));
    const tiles = new Map(full.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
    for (const { level, index, width } of wanted) if (width < TILE_WIDTH) tiles.set(`${level}/${index}`, partialTile(tree, level, width));
    return tileReader(tree.range.size, (ref) => tiles.get(`${ref.level}/${ref.index}`) ?? new Uint8Array(0), sha256);
  }
}
