import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import type { TileRef } from '@wheelhouse/ledger/tiles';
import { TILE_WIDTH } from '@wheelhouse/ledger/tiles';
import type pg from 'pg';

/** An entry ready to be stored. `body` is the leaf; `kind`, `subject`, `at` and `person` repeat what the entry says, for searching. */
export type Leaf = {
  readonly id: string;
  readonly kind: string;
  readonly subject: string | null;
  readonly body: string;
  readonly leafHash: Uint8Array;
  readonly opening: string;
  readonly words: string | null;
  readonly at: string;
  readonly person: string | null;
};
/** An entry as it is stored: its leaf, and what is kept of its fields. */
export type StoredRow = { readonly index: number; readonly body: string; readonly opening: string; readonly words: string | null };
/** A leaf as it is stored, with its place. */
export type FullRow = Leaf & { readonly index: number };
/** A head as it is stored. */
export type StoredHead = TreeHead & { readonly checkpoint: string; readonly signedAt: Date };
/** Where an entry stands. */
export type EntryPlace = { readonly index: number; readonly id: string; readonly kind: string };
type Row = { index: string; body: string; opening: string; words: string | null };
type PlaceRow = { index: string; id: string; kind: string };
export type FullTile = { readonly level: number; readonly index: number; readonly hashes: Uint8Array };

/** The database holds another number of entries than the writer thought: a commit whose answer was lost, or another writer. */
export class LedgerSizeError extends Error {
  override readonly name = 'LedgerSizeError';
  readonly stored: number;
  constructor(expected: number, stored: number) {
    super(`The ledger has ${stored} entries, ${expected} were expected.`);
    this.stored = stored;
  }
}

/** The lock that the database's `ledger_append` holds: 'ledg' in ASCII. */
const APPEND_LOCK = 0x6c656467;

/** The ledger's tables. Every method is one statement or one transaction. */
export class LedgerStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Stores leaves at `from`, and the tiles that they complete, durably and in one transaction. Throws `LedgerSizeError` when `from` is not the size. */
  async append(from: number, leaves: readonly Leaf[], tiles: readonly FullTile[]): Promise<void> {
    const { rows } = await this.#pool.query<{ size: string }>(
      'SELECT ledger_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS size',
      [
        from,
        leaves.map((leaf) => leaf.id),
        leaves.map((leaf) => leaf.kind),
        leaves.map((leaf) => leaf.subject),
        leaves.map((leaf) => leaf.body),
        leaves.map((leaf) => leaf.leafHash),
        leaves.map((leaf) => leaf.opening),
        leaves.map((leaf) => leaf.words),
        leaves.map((leaf) => leaf.at),
        leaves.map((leaf) => leaf.person),
        tiles.map((tile) => tile.level),
        tiles.map((tile) => tile.index),
        tiles.map((tile) => tile.hashes),
      ],
    );
    const size = Number(rows[0]?.size);
    if (size !== from) throw new LedgerSizeError(from, size);
  }

  /**
   * Ids of the entries from `from` on, in order: which of a batch with an unknown fate were stored. Asks under the lock of `append`, so that a
   * commit that a slow database is still busy with has landed, or never will, when this answers.
   */
  async idsFrom(from: number): Promise<string[]> {
    const client = await this.#client();
    let failed: Error | undefined;
    try {
      await client.query('SELECT pg_advisory_lock($1)', [APPEND_LOCK]);
      const { rows } = await client.query<{ id: string }>('SELECT id FROM ledger_entry WHERE index >= $1 ORDER BY index', [from]);
      await client.query('SELECT pg_advisory_unlock($1)', [APPEND_LOCK]);
      return rows.map((row) => row.id);
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      this.#giveBack(client, failed);
    }
  }

  /** A connection of one's own. When it is lost, the query under way says so; without a listener it would also end the process. */
  async #client(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    client.on('error', ignore);
    return client;
  }

  /** A connection that failed in mid-transaction is thrown away rather than handed to the next caller. */
  #giveBack(client: pg.PoolClient, failed: Error | undefined): void {
    client.off('error', ignore);
    client.release(failed);
  }

  async storedIds(ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.#pool.query<{ id: string }>('SELECT id FROM ledger_entry WHERE id = ANY($1::uuid[])', [[...ids]]);
    return new Set(rows.map((row) => row.id));
  }

  /** How many entries there are, and the number that the last one's place leads to expect. */
  async extent(): Promise<{ readonly size: number; readonly count: number }> {
    const { rows } = await this.#pool.query<{ size: string; count: string }>(
      'SELECT COALESCE(MAX(index) + 1, 0) AS size, count(*) AS count FROM ledger_entry',
    );
    return { size: Number(rows[0]?.size ?? 0), count: Number(rows[0]?.count ?? 0) };
  }

  /** Full tiles of a level from `from` on, at most `count`, in order. */
  async tilesFrom(level: number, from: number, count: number): Promise<{ readonly index: number; readonly hashes: Uint8Array }[]> {
    const { rows } = await this.#pool.query<{ index: string; hashes: Buffer }>(
      'SELECT index, hashes FROM ledger_tile WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index',
      [level, from, from + count],
    );
    return rows.map((row) => ({ index: Number(row.index), hashes: plainBytes(row.hashes) }));
  }

  /** Everything that is stored of the entries from `from` on, at most `count`, in order. */
  async fullRows(from: number, count: number): Promise<FullRow[]> {
    const { rows } = await this.#pool.query<Omit<FullRow, 'index' | 'leafHash' | 'at'> & { index: string; leaf_hash: Buffer; at: Date }>(
      'SELECT index, id, kind, subject, body, leaf_hash, opening, words, at, person FROM ledger_entry WHERE index >= $1 AND index < $2 ORDER BY index',
      [from, from + count],
    );
    return rows.map(({ leaf_hash: leafHash, ...row }) => ({ ...row, index: Number(row.index), leafHash, at: row.at.toISOString() }));
  }

  async saveHead(head: TreeHead, checkpoint: string, signedAt: Date): Promise<void> {
    await this.#pool.query(
      'INSERT INTO ledger_head (size, root, checkpoint, signed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (size) DO NOTHING',
      [head.size, head.root, checkpoint, signedAt],
    );
  }

  async lastHead(): Promise<string | null> {
    const { rows } = await this.#pool.query<{ checkpoint: string }>('SELECT checkpoint FROM ledger_head ORDER BY size DESC LIMIT 1');
    return rows[0]?.checkpoint ?? null;
  }

  /** Keeps a head as it was published. Of one size, the first is kept. */
  async saveCosignedHead(size: number, checkpoint: string, cosignedAt: Date): Promise<void> {
    await this.#pool.query(
      'INSERT INTO ledger_cosigned_head (size, checkpoint, cosigned_at) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING',
      [size, checkpoint, cosignedAt],
    );
  }

  /** Signed heads of fewer than `before` entries, the largest first; with the cosignatures under which they were published. */
  async headsBefore(before: number, limit: number): Promise<StoredHead[]> {
    const { rows } = await this.#pool.query<{ size: string; root: Buffer; checkpoint: string; signed_at: Date }>(
      `SELECT size, root, COALESCE(c.checkpoint, h.checkpoint) AS checkpoint, signed_at
       FROM ledger_head h LEFT JOIN ledger_cosigned_head c USING (size) WHERE size < $1 ORDER BY size DESC LIMIT $2`,
      [before, limit],
    );
    return rows.map(({ size, root, checkpoint, signed_at: signedAt }) => ({ size: Number(size), root, checkpoint, signedAt }));
  }

  /** The place and kind of the entry with this id. */
  async placeOf(id: string): Promise<EntryPlace | null> {
    const { rows } = await this.#pool.query<PlaceRow>('SELECT index, id, kind FROM ledger_entry WHERE id = $1::uuid', [id]);
    return rows.map(entryPlace)[0] ?? null;
  }

  /** Entries that name the one at `index` as their cause, in order: among those about the same subject, and the next thousand. */
  async causedBy(index: number, id: string, limit: number): Promise<EntryPlace[]> {
    const { rows } = await this.#pool.query<PlaceRow>(
      `SELECT index, id, kind FROM ledger_entry
       WHERE index > $1 AND (index <= $1 + 1000 OR subject = (SELECT subject FROM ledger_entry WHERE index = $1)) AND strpos(opening, $2) > 0
       ORDER BY index LIMIT $3`,
      [index, `"cause","${id}"]`, limit],
    );
    return rows.map(entryPlace);
  }

  async entries(from: number, limit: number): Promise<StoredRow[]> {
    const { rows } = await this.#pool.query<Row>(
      'SELECT index, body, opening, words FROM ledger_entry WHERE index >= $1 ORDER BY index LIMIT $2',
      [from, limit],
    );
    return rows.map(storedRow);
  }

  /** Bodies of the entries from `from` on, at most `count`, in order. */
  async bodies(from: number, count: number): Promise<string[]> {
    const { rows } = await this.#pool.query<{ body: string }>(
      'SELECT body FROM ledger_entry WHERE index >= $1 AND index < $2 ORDER BY index',
      [from, from + count],
    );
    return rows.map((row) => row.body);
  }

  /** All entries of some kinds, in order: what a state is folded from at start. */
  async *ofKinds(kinds: readonly string[]): AsyncGenerator<StoredRow> {
    let after = -1;
    for (;;) {
      const { rows } = await this.#pool.query<Row>(
        'SELECT index, body, opening, words FROM ledger_entry WHERE kind = ANY($1::text[]) AND index > $2 ORDER BY index LIMIT 1000',
        [[...kinds], after],
      );
      for (const row of rows) yield storedRow(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = Number(last.index);
    }
  }

  /** The last entry of `kind` about `subject`. */
  async lastAbout(kind: string, subject: string): Promise<StoredRow | null> {
    const { rows } = await this.#pool.query<Row>(
      'SELECT index, body, opening, words FROM ledger_entry WHERE subject = $1 AND kind = $2 ORDER BY index DESC LIMIT 1',
      [subject, kind],
    );
    return rows[0] === undefined ? null : storedRow(rows[0]);
  }

  /** Full tiles, those that are stored, in one query. */
  async fullTiles(refs: readonly Pick<TileRef, 'level' | 'index'>[]): Promise<FullTile[]> {
    const { rows } = await this.#pool.query<{ level: number; index: string; hashes: Buffer }>(
      'SELECT level, index, hashes FROM ledger_tile JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)',
      [refs.map(({ level }) => level), refs.map(({ index }) => index)],
    );
    // Plain bytes: cutting hashes out of a Buffer costs as much as hashing them.
    return rows.map(({ level, index, hashes }) => ({ level, index: Number(index), hashes: plainBytes(hashes) }));
  }

  /** The hashes of a full tile, or of the leaves that a partial one has; a partial upper tile is null here. */
  async tile(ref: TileRef): Promise<Uint8Array | null> {
    if (ref.level === 0 && ref.width < TILE_WIDTH) {
      const { rows } = await this.#pool.query<{ leaf_hash: Buffer }>(
        'SELECT leaf_hash FROM ledger_entry WHERE index >= $1 AND index < $2 ORDER BY index',
        [ref.index * TILE_WIDTH, ref.index * TILE_WIDTH + ref.width],
      );
      return Buffer.concat(rows.map((row) => row.leaf_hash));
    }
    const { rows } = await this.#pool.query<{ hashes: Buffer }>('SELECT hashes FROM ledger_tile WHERE level = $1 AND index = $2', [
      ref.level,
      ref.index,
    ]);
    return rows[0]?.hashes ?? null;
  }
}

function plainBytes({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function storedRow(row: Row): StoredRow {
  return { ...row, index: Number(row.index) };
}

function ignore(): void {
  // Nothing: see `#client`.
}

function entryPlace(row: PlaceRow): EntryPlace {
  return { ...row, index: Number(row.index) };
}
