import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { parseTilePath, TILE_WIDTH, type TileRef } from '@wheelhouse/ledger/tiles';
import { Refusal } from '../problem/refusal.ts';
import type { Ledger } from './ledger.ts';
import type { PublishedHead } from './published-head.ts';

/**
 * Reads of the public log at the same time. Anybody may ask, and the connections to the database are the ledger writer's: at most one of its
 * four is taken by strangers, or they could hold the evidence back until the lease ends (law 4).
 */
const AT_ONCE = 1;
const MOST_WAITING = 128;

const compress = promisify(gzip);

/** The log as C2SP tlog-tiles serves it, as far as the published checkpoint reaches: nothing that nobody has vouched for yet. */
export class PublicLog {
  readonly #ledger: Ledger;
  readonly #published: PublishedHead;
  #reading = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(ledger: Ledger, published: PublishedHead) {
    this.#ledger = ledger;
    this.#published = published;
  }

  checkpoint(): string {
    const { head } = this.#published;
    if (head === null)
      throw new Refusal(
        'not_found',
        'No tree head has been published yet: the ledger is empty, or the quorum of witnesses has cosigned none.',
      );
    return head.checkpoint;
  }

  /** The published checkpoint where it is of this size: it may have cosignatures that the one in the database has not. */
  checkpointOf(size: number): string | null {
    const { head } = this.#published;
    return head?.size === size ? head.checkpoint : null;
  }

  /** The tile or entry bundle at a path of C2SP tlog-tiles, such as `tile/0/x001/067.p/3`. */
  async resource(path: string, gzipped: boolean): Promise<{ readonly bytes: Uint8Array; readonly encoding: 'gzip' | null }> {
    const parsed = parseTilePath(path);
    const size = this.#published.head?.size ?? 0;
    if (!parsed.ok || !isWithin(parsed.value.tile, size)) {
      throw new Refusal(
        'not_found',
        `The log has no ${path}: the checkpoint at /log/checkpoint covers ${size} entries. Paths are those of c2sp.org/tlog-tiles.`,
      );
    }
    const { kind, tile } = parsed.value;
    if (kind === 'hashes') return { bytes: await this.#inTurn(() => this.#ledger.proofs.tile(tile)), encoding: null };
    const bundle = await this.#inTurn(() => this.#ledger.proofs.entryBundle(tile));
    return gzipped ? { bytes: await compress(bundle), encoding: 'gzip' } : { bytes: bundle, encoding: null };
  }

  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= MOST_WAITING)
      throw new Refusal('rate_limited', 'Too many read the log at this moment. Try again in a second.');
    if (this.#reading >= AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else {
      this.#reading += 1;
    }
    try {
      return await read();
    } finally {
      // Whoever waits takes over the place of this one.
      const next = this.#waiting.shift();
      if (next === undefined) this.#reading -= 1;
      else next();
    }
  }
}

/** Whether a tree of `size` leaves has all hashes of the tile. */
function isWithin(tile: TileRef, size: number): boolean {
  return tile.index * TILE_WIDTH + tile.width <= Math.floor(size / TILE_WIDTH ** tile.level);
}
