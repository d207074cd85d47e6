import type pg from 'pg';
import { z } from 'zod';
import { failed } from '../cli-error.ts';

const PAGE = 2000;
const Bytes = z.instanceof(Uint8Array);
/** PostgreSQL's bigint arrives as text. */
const Count = z.coerce.number();

const EntryRow = z.object({
  index: Count,
  id: z.string(),
  kind: z.string(),
  subject: z.string().nullable(),
  body: z.string(),
  leaf_hash: Bytes,
  opening: z.string(),
  at: z.date(),
  person: z.string().nullable(),
});
export type EntryRow = z.infer<typeof EntryRow>;
const HeadRow = z.object({ size: Count, root: Bytes, checkpoint: z.string() });
export type HeadRow = z.infer<typeof HeadRow>;
const TileRow = z.object({ level: z.number(), index: Count, hashes: Bytes });
export type TileRow = z.infer<typeof TileRow>;
const SessionRow = z.object({
  id: z.string(),
  tenant: z.string(),
  deployment: z.string(),
  model: z.string(),
  level: z.number(),
  opened_by: z.string(),
});
export type SessionRow = z.infer<typeof SessionRow>;
const PersonRow = z.object({ id: z.string(), name: z.string(), role: z.string(), tenant: z.string() });
export type PersonRow = z.infer<typeof PersonRow>;
const KeyRow = z.object({ id: z.string(), person_id: z.string(), permissions: z.string().nullable(), created_at: z.date() });
export type KeyRow = z.infer<typeof KeyRow>;
const GuardRow = z.object({ table: z.string(), on: z.boolean() });

const LEDGER_TABLES = ['ledger_entry', 'ledger_tile', 'ledger_head', 'ledger_cosigned_head'] as const;

/** Reads the database as it stood at one moment: one read-only snapshot, so that a server at work neither disturbs nor is disturbed. */
export class LogReader {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Runs `work` within the snapshot. */
  static async within<T>(client: pg.Client, work: (reader: LogReader) => Promise<T>): Promise<T> {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    try {
      // Tables of the same name in another schema on the search path would be read instead of the ledger's.
      await client.query('SET LOCAL search_path TO pg_catalog, public');
      return await work(new LogReader(client));
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
    }
  }

  async #rows<S extends z.ZodType>(row: S, sql: string, values: readonly unknown[] = []): Promise<z.infer<S>[]> {
    const answer = await this.#client.query<Record<string, unknown>>(sql, [...values]);
    const rows = z.array(row).safeParse(answer.rows);
    if (rows.success) return rows.data;
    throw failed(`The database does not have the shape that this version knows (${sql.slice(0, 80)})`, z.prettifyError(rows.error));
  }

  async size(): Promise<number> {
    const [row] = await this.#rows(z.object({ entries: Count }), 'SELECT count(*) AS entries FROM ledger_entry');
    return row?.entries ?? 0;
  }

  /** All entries in order of index, in pages. */
  async *entryPages(): AsyncGenerator<EntryRow[]> {
    let after: string | number = '-9223372036854775808';
    for (;;) {
      const sql =
        'SELECT index, id, kind, subject, body, leaf_hash, opening, at, person FROM ledger_entry WHERE index > $1 ORDER BY index LIMIT $2';
      const page: EntryRow[] = await this.#rows(EntryRow, sql, [after, PAGE]);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last.index;
    }
  }

  /** Signed heads of a size above `from`, up to `to`. */
  heads(from: number, to: number): Promise<HeadRow[]> {
    return this.#rows(HeadRow, 'SELECT size, root, checkpoint FROM ledger_head WHERE size > $1 AND size <= $2 ORDER BY size', [from, to]);
  }

  /** The largest head above `size`, and how many there are: what an entry too few leaves behind. */
  async headsBeyond(size: number): Promise<{ readonly largest: HeadRow | null; readonly count: number }> {
    const [largest] = await this.#rows(
      HeadRow,
      'SELECT size, root, checkpoint FROM ledger_head WHERE size > $1 ORDER BY size DESC LIMIT 1',
      [size],
    );
    const [count] = await this.#rows(z.object({ heads: Count }), 'SELECT count(*) AS heads FROM ledger_head WHERE size > $1', [size]);
    return { largest: largest ?? null, count: count?.heads ?? 0 };
  }

  tiles(level: number, from: number, to: number): Promise<TileRow[]> {
    const sql = 'SELECT level, index, hashes FROM ledger_tile WHERE level = $1 AND index >= $2 AND index <= $3 ORDER BY index';
    return this.#rows(TileRow, sql, [level, from, to]);
  }

  async tileCount(): Promise<number> {
    const [row] = await this.#rows(z.object({ tiles: Count }), 'SELECT count(*) AS tiles FROM ledger_tile');
    return row?.tiles ?? 0;
  }

  async leafHashes(from: number, to: number): Promise<Uint8Array[]> {
    const rows = await this.#rows(
      z.object({ leaf_hash: Bytes }),
      'SELECT leaf_hash FROM ledger_entry WHERE index >= $1 AND index < $2 ORDER BY index',
      [from, to],
    );
    return rows.map((row) => row.leaf_hash);
  }

  sessions(): Promise<SessionRow[]> {
    return this.#rows(SessionRow, 'SELECT id, tenant, deployment, model, level, opened_by FROM engine_session ORDER BY id');
  }

  people(): Promise<PersonRow[]> {
    return this.#rows(PersonRow, 'SELECT id, name, role, tenant FROM person ORDER BY id');
  }

  keys(): Promise<KeyRow[]> {
    return this.#rows(KeyRow, 'SELECT id, person_id, permissions, created_at FROM api_key ORDER BY id');
  }

  /** The ledger's tables whose trigger against change is not there, or not always on. */
  async unguarded(): Promise<string[]> {
    const sql = `SELECT c.relname AS table, t.tgenabled = 'A' AND (t.tgtype & 2) <> 0 AND (t.tgtype & 8) <> 0 AND (t.tgtype & 16) <> 0 AND (t.tgtype & 32) <> 0 AS on
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
      WHERE p.proname = 'ledger_is_append_only' AND c.relname = ANY($1::text[]) AND c.relnamespace = 'public'::regnamespace`;
    const rows = await this.#rows(GuardRow, sql, [[...LEDGER_TABLES]]);
    return LEDGER_TABLES.filter((table) => !rows.some((row) => row.table === table && row.on));
  }
}
