import type { PieceKind, Retention } from '@wheelhouse/protocol/content';
import pg from 'pg';
import type { Logger } from 'pino';

/** A piece ready to be stored: sealed. */
export type NewPiece = {
  readonly id: string;
  readonly session: string;
  readonly subject: string;
  readonly what: PieceKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly keyId: string;
  readonly sealed: Uint8Array;
  readonly digest: string;
  readonly retention: Retention;
  readonly retainUntil: Date;
};

/** A stored piece without what is sealed in it. `gone`: why nothing is sealed in it any more. */
export type StoredPiece = Omit<NewPiece, 'sealed' | 'what' | 'retention'> & {
  readonly what: string;
  readonly retention: string;
  readonly gone: string | null;
};

type Row = {
  id: string;
  session: string;
  subject: string;
  what: string;
  from_ms: number;
  to_ms: number;
  key_id: string;
  digest: string;
  retention: string;
  retain_until: Date;
  gone: string | null;
};

const COLUMNS = 'id, session, subject, what, from_ms, to_ms, key_id, digest, retention, retain_until, gone';
const EXPIRED_AT_ONCE = 500;

/** Sealed content in PostgreSQL, on two connections of its own: however much is recorded, nothing else waits for it. */
export class ContentStore {
  readonly #pool: pg.Pool;

  constructor(url: string, log: Logger) {
    this.#pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000, query_timeout: 20_000 });
    this.#pool.on('error', (error) => {
      log.warn({ code: error.name }, 'a database connection for content was lost');
    });
  }

  /** Stores pieces; those that are there already, from a try whose answer was lost, are left as they are. */
  async insert(pieces: readonly NewPiece[]): Promise<void> {
    const column = (of: (piece: NewPiece) => unknown) => pieces.map(of);
    await this.#pool.query(
      `INSERT INTO content_piece (id, session, subject, what, from_ms, to_ms, key_id, sealed, digest, retention, retain_until)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], $7::uuid[], $8::bytea[], $9::text[], $10::text[], $11::timestamptz[])
       ON CONFLICT (id) DO NOTHING`,
      [
        column((piece) => piece.id),
        column((piece) => piece.session),
        column((piece) => piece.subject),
        column((piece) => piece.what),
        column((piece) => piece.fromMs),
        column((piece) => piece.toMs),
        column((piece) => piece.keyId),
        column((piece) => piece.sealed),
        column((piece) => piece.digest),
        column((piece) => piece.retention),
        column((piece) => piece.retainUntil),
      ],
    );
  }

  /** The ledger has these. */
  async committed(ids: readonly string[]): Promise<void> {
    await this.#pool.query('UPDATE content_piece SET committed = true WHERE id = ANY($1::uuid[])', [[...ids]]);
  }

  /** Pieces of which it is not known whether the ledger has them: a crash came in between. */
  async uncommitted(): Promise<StoredPiece[]> {
    return this.#pieces('WHERE NOT committed', []);
  }

  async ofSession(session: string): Promise<StoredPiece[]> {
    return this.#pieces('WHERE session = $1 ORDER BY from_ms, what, id', [session]);
  }

  /** What is sealed in a piece; null when the piece is not there. */
  async sealed(id: string): Promise<Uint8Array | null> {
    const { rows } = await this.#pool.query<{ sealed: Buffer }>('SELECT sealed FROM content_piece WHERE id = $1', [id]);
    return rows[0]?.sealed ?? null;
  }

  async keptOf(subject: string): Promise<number> {
    const { rows } = await this.#pool.query<{ count: string }>('SELECT count(*) FROM content_piece WHERE subject = $1 AND gone IS NULL', [
      subject,
    ]);
    return Number(rows[0]?.count ?? 0);
  }

  /** Some of the pieces whose time has come, leaving out those of these subjects and sessions. */
  async due(now: Date, held: { readonly subjects: readonly string[]; readonly sessions: readonly string[] }): Promise<StoredPiece[]> {
    return this.#pieces(
      `WHERE gone IS NULL AND committed AND retain_until <= $1 AND subject <> ALL($2::text[]) AND session <> ALL($3::uuid[])
       ORDER BY retain_until LIMIT ${EXPIRED_AT_ONCE}`,
      [now, [...held.subjects], [...held.sessions]],
    );
  }

  /** Deletes what is sealed in these pieces. That they were there stays. */
  async expire(ids: readonly string[]): Promise<void> {
    await this.#pool.query(`UPDATE content_piece SET sealed = '', gone = 'expired' WHERE id = ANY($1::uuid[]) AND gone IS NULL`, [
      [...ids],
    ]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #pieces(where: string, values: readonly unknown[]): Promise<StoredPiece[]> {
    const { rows } = await this.#pool.query<Row>(`SELECT ${COLUMNS} FROM content_piece ${where}`, [...values]);
    return rows.map(({ from_ms: fromMs, to_ms: toMs, key_id: keyId, retain_until: retainUntil, ...row }) => ({
      ...row,
      fromMs,
      toMs,
      keyId,
      retainUntil,
    }));
  }
}
