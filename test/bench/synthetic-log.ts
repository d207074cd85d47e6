import { grow, emptyTree } from '../../apps/api/src/ledger/growing-tree.ts';
import type pg from 'pg';

const PAGE = 256 * 200;

/**
 * A long log made inside the database: leaves of the right form with random commitments, which open to nothing. The tree over them is real, and so is
 * everything that does not look into the entries.
 */
export async function syntheticLog(pool: pg.Pool, entries: number): Promise<void> {
  let tree = emptyTree;
  for (let from = 0; from < entries; from += PAGE) {
    const to = Math.min(entries, from + PAGE);
    const { rows } = await pool.query<{ leaf_hash: Buffer }>(INSERT, [from, to - 1]);
    const grown = grow(
      tree,
      rows.map((row) => row.leaf_hash),
    );
    tree = grown.tree;
    await pool.query('INSERT INTO ledger_tile (level, index, hashes) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])', [
      grown.tiles.map(({ level }) => level),
      grown.tiles.map(({ index }) => index),
      grown.tiles.map(({ hashes }) => hashes),
    ]);
  }
  await pool.query('VACUUM ANALYZE ledger_entry');
}

const INSERT = `WITH made AS (
    SELECT i AS index, gen_random_uuid() AS id, encode(sha256(i::text::bytea), 'base64') AS fields FROM generate_series($1::bigint, $2::bigint) AS i
  ), leaves AS (
    SELECT index, id, format('{"fields":"%s","id":"%s","kind":"session.segment","v":2}', fields, id) AS body FROM made
  ), stored AS (
    INSERT INTO ledger_entry (index, id, kind, subject, body, leaf_hash, opening, at)
    SELECT index, id, 'session.segment', NULL, body, sha256('\\x00'::bytea || convert_to(body, 'UTF8')), '[]', now() FROM leaves
    RETURNING index, leaf_hash
  ) SELECT leaf_hash FROM stored ORDER BY index`;
