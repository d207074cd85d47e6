import pg from 'pg';

/** A living key as it is read to be wrapped anew. */
export type WrappedKey = { readonly id: string; readonly subject: string; readonly wrapped: Uint8Array };
/** Living keys by their ids, as they are wrapped now. */
export type WrappedKeys = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** How every living key is wrapped anew. */
export type Rewrapping = {
  /** Fingerprints of two master keys: of the one that gives way, and of the one that takes its place. */
  readonly from: string;
  readonly to: string;
  readonly wrap: (key: WrappedKey) => Uint8Array<ArrayBuffer>;
  /** Does the last part while nobody makes keys, and takes what came of it: every living key. What it throws undoes everything. */
  readonly alone: (last: () => Promise<WrappedKeys>) => Promise<void>;
};

/** Wrapping this many takes some milliseconds. */
export const KEYS_AT_ONCE = 200;
/** No key's id comes before. */
export const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Wraps every living key in the database anew and puts the fingerprint `to` in the place of `from`: all in one transaction, in parts that take some
 * milliseconds each. While most of it is done, keys can still be made; those follow in the last part. Where `to` is there already (a commit whose answer was
 * lost), the keys are only read. Rejects, having changed nothing, while the database is away or knows neither master key; where a connection is lost in the
 * very commit, it may be done all the same: calling it again finds out.
 */
export async function rewrapKeys(databaseUrl: string, { from, to, wrap, alone }: Rewrapping): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  // The query under way says that the connection was lost; without a listener that would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const known = await fingerprints(client, 'SELECT fingerprint FROM master_key');
    const keys = new Map<string, Uint8Array<ArrayBuffer>>();
    if (known.includes(to)) {
      await alone(() => readAll(client, keys));
      return;
    }
    for await (const page of pages(client)) await rewrap(client, { page, wrap, keys });
    await alone(async () => {
      // From here on no other server makes keys either: making one takes a share of this lock.
      const still = await fingerprints(client, 'SELECT fingerprint FROM master_key FOR UPDATE');
      if (!still.includes(from)) throw new Error('The database knows another master key than the one that is to give way.');
      await rewrapLate(client, wrap, keys);
      await client.query('DELETE FROM master_key');
      await client.query('INSERT INTO master_key (fingerprint, first_used_at) VALUES ($1, now())', [to]);
      await client.query('COMMIT');
      return keys;
    });
  } finally {
    // An open transaction ends with its connection.
    await client.end().catch(() => undefined);
  }
}

type Part = {
  readonly page: readonly WrappedKey[];
  readonly wrap: Rewrapping['wrap'];
  readonly keys: Map<string, Uint8Array<ArrayBuffer>>;
};

async function rewrap(client: pg.Client, { page, wrap, keys }: Part): Promise<void> {
  const wrapped = page.map((key) => ({ id: key.id, bytes: wrap(key) }));
  const { rows } = await client.query<{ id: string }>(
    `UPDATE subject_key AS k SET wrapped = n.wrapped FROM unnest($1::uuid[], $2::bytea[]) AS n (id, wrapped)
     WHERE k.id = n.id AND k.destroyed_at IS NULL RETURNING k.id`,
    [wrapped.map(({ id }) => id), wrapped.map(({ bytes }) => bytes)],
  );
  const kept = new Set(rows.map(({ id }) => id));
  for (const { id, bytes } of wrapped) if (kept.has(id)) keys.set(id, bytes);
}

/** Keys that were made since their page was read: rows that this transaction has not written. */
async function rewrapLate(client: pg.Client, wrap: Rewrapping['wrap'], keys: Part['keys']): Promise<void> {
  for (;;) {
    const { rows } = await client.query<WrappedKey>(
      'SELECT id, subject, wrapped FROM subject_key WHERE destroyed_at IS NULL AND xmin <> pg_current_xact_id()::xid LIMIT $1',
      [KEYS_AT_ONCE],
    );
    if (rows.length === 0) return;
    await rewrap(client, { page: rows, wrap, keys });
  }
}

async function readAll(client: pg.Client, keys: Part['keys']): Promise<WrappedKeys> {
  for await (const page of pages(client)) for (const { id, wrapped } of page) keys.set(id, Uint8Array.from(wrapped));
  return keys;
}

async function* pages(client: pg.Client): AsyncGenerator<readonly WrappedKey[]> {
  let after = BEFORE_ALL;
  for (;;) {
    const { rows } = await client.query<WrappedKey>(
      'SELECT id, subject, wrapped FROM subject_key WHERE destroyed_at IS NULL AND id > $1 ORDER BY id LIMIT $2',
      [after, KEYS_AT_ONCE],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.id;
  }
}

async function fingerprints(client: pg.Client, query: string): Promise<string[]> {
  return (await client.query<{ fingerprint: string }>(query)).rows.map(({ fingerprint }) => fingerprint);
}
