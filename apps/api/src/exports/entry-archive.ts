import type { BookedLatch } from '@wheelhouse/gate/order-book';
import { kindsOf, type EntryFilter } from '@wheelhouse/protocol/export';
import pg from 'pg';
import type { StoredRow } from '../ledger/ledger-store.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';

const SESSION_KINDS = [
  ...['session.opened', 'session.attached', 'session.segment', 'session.ended', 'session.handed_back', 'content.kept', 'content.read'],
  ...['supervision.began', 'supervision.ended', 'help.asked', 'checkpoint.decided'],
] as const;
/** Kinds whose subject is an order (a latch has its order's id). */
const ORDER_KINDS = ['order.given', 'order.applied', 'order.observed', 'release.asked', 'release.withdrawn', 'latch.released'] as const;
const COLUMNS = 'index, body, opening, words';

type Row = { index: string; body: string; opening: string; words: string | null };

/** Orders and releases, by their ids. */
type Acts = { readonly orders: readonly string[]; readonly releases: readonly string[] };

/** Which entries: those of the filter that are the tenant's; `tenant` null means everybody's. */
export type Selection = { readonly filter: EntryFilter; readonly tenant: string | null };

/** A selection as a condition of SQL, ready to be asked page by page. */
export type Query = { readonly where: string; readonly values: readonly unknown[] };

/**
 * Finds entries by what they are about. It has connections of its own, so that searching can hold no evidence back. Conditions name kinds beside
 * subjects: ids of orders are chosen by clients, and one that repeats a session's id must not find the session.
 */
export class EntryArchive {
  readonly #pool: pg.Pool;
  readonly #keeper: OrderBookKeeper;

  constructor(databaseUrl: string, keeper: OrderBookKeeper) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
    this.#pool.on('error', () => undefined);
    this.#keeper = keeper;
  }

  /** Looks up what the selection touches, once; the pages that follow agree with each other. */
  async query({ filter, tenant }: Selection): Promise<Query> {
    const values: unknown[] = [];
    const bind = (value: unknown) => `$${values.push(value)}`;
    const all: string[] = [];
    if (filter.from !== undefined) all.push(`at >= ${bind(filter.from)}`);
    if (filter.to !== undefined) all.push(`at < ${bind(filter.to)}`);
    if (filter.kind !== undefined) all.push(`kind = ${bind(filter.kind)}`);
    // One condition a kind: the planner can tell from a plain `<>` alone that the index that leaves ticks out will do.
    for (const kind of kindsOf(filter.without)) all.push(`kind <> ${bind(kind)}`);
    if (filter.person !== undefined) {
      const person = bind(filter.person);
      all.push(`(person = ${person} OR (kind = 'person.joined' AND subject = ${person}))`);
    }
    if (filter.session !== undefined) {
      const acts = await this.#actsOn(filter.session);
      all.push(about(`subject = ${bind(filter.session)}`, acts, bind));
    }
    if (filter.deployment !== undefined) {
      const { deployment } = filter;
      const orders = this.#orders(({ ack: { scope } }) => scope.type === 'deployment' && scope.deployment === deployment);
      const sessions = `subject IN (SELECT id::text FROM engine_session WHERE deployment = ${bind(deployment)})`;
      all.push(about(sessions, { orders, releases: this.#releasesOf(new Set(orders)) }, bind));
    }
    if (tenant !== null) all.push(this.#ofTenant(tenant, bind));
    return { where: all.length === 0 ? 'TRUE' : all.join(' AND '), values };
  }

  /** Entries before `before`, newest first. */
  async newest({ where, values }: Query, before: number | null, limit: number): Promise<StoredRow[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT ${COLUMNS} FROM ledger_entry WHERE (${where}) AND index < $${values.length + 1} ORDER BY index DESC LIMIT $${values.length + 2}`,
      [...values, before ?? Number.MAX_SAFE_INTEGER, limit],
    );
    return rows.map((row) => ({ ...row, index: Number(row.index) }));
  }

  /** The first `limit` entries from `from` on and before `size`, in order. */
  async page({ where, values }: Query, { from, size, limit }: { from: number; size: number; limit: number }): Promise<StoredRow[]> {
    const next = values.length + 1;
    const { rows } = await this.#pool.query<Row>(
      `SELECT ${COLUMNS} FROM ledger_entry WHERE (${where}) AND index >= $${next} AND index < $${next + 1} ORDER BY index LIMIT $${next + 2}`,
      [...values, from, size, limit],
    );
    return rows.map((row) => ({ ...row, index: Number(row.index) }));
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  /** What touched a session: orders whose effects name it or whose scope it is, releases that opened its gate, and their latches. */
  async #actsOn(session: string): Promise<Acts> {
    const { rows } = await this.#pool.query<{ kind: string; subject: string }>(
      `SELECT DISTINCT kind, subject FROM ledger_entry
       WHERE kind IN ('order.applied', 'order.observed', 'release.applied') AND strpos(opening, $1) > 0 AND subject IS NOT NULL`,
      [session],
    );
    const releases = rows.filter(({ kind }) => kind === 'release.applied').map(({ subject }) => subject);
    const latches = releases.flatMap((release) => this.#keeper.book.releases.get(release)?.latch ?? []);
    const scoped = this.#orders(({ ack: { scope } }) => scope.type === 'session' && scope.session === session);
    const orders = new Set([...rows.filter(({ kind }) => kind !== 'release.applied').map(({ subject }) => subject), ...latches, ...scoped]);
    return { orders: [...orders], releases: [...new Set([...releases, ...this.#releasesOf(orders)])] };
  }

  /**
   * What is a tenant's: its sessions, its people and their keys, the orders on its sessions or itself, and their releases. Whatever cannot be
   * told to be a tenant's (orders across tenants, the server's own entries, exports) is the house's.
   */
  #ofTenant(tenant: string, bind: (value: unknown) => string): string {
    const name = bind(tenant);
    const orders = this.#orders((given) => given.tenant === tenant);
    const own = about(`subject IN (SELECT id::text FROM engine_session WHERE tenant = ${name})`, this.#withReleases(orders), bind);
    const people = `(kind = 'person.joined' AND subject IN (SELECT id FROM person WHERE tenant = ${name}))`;
    const keys = `(kind IN ('key.issued', 'key.revoked') AND subject IN
      (SELECT k.id FROM api_key k JOIN person p ON p.id = k.person_id WHERE p.tenant = ${name}))`;
    return `(${own} OR ${people} OR ${keys})`;
  }

  #withReleases(orders: readonly string[]): Acts {
    return { orders, releases: this.#releasesOf(new Set(orders)) };
  }

  #orders(fits: (given: { readonly ack: Pick<BookedLatch, 'scope'>; readonly tenant: string }) => boolean): string[] {
    return [...this.#keeper.orders].flatMap(([id, given]) => (fits(given) ? [id] : []));
  }

  #releasesOf(orders: ReadonlySet<string>): string[] {
    return [...this.#keeper.book.releases.values()].flatMap((release) => (orders.has(release.latch) ? [release.id] : []));
  }
}

function about(session: string, { orders, releases }: Acts, bind: (value: unknown) => string): string {
  return `((kind = ANY(${bind([...SESSION_KINDS])}) AND ${session})
    OR (kind = ANY(${bind([...ORDER_KINDS])}) AND subject = ANY(${bind(orders)}))
    OR (kind = 'release.applied' AND subject = ANY(${bind(releases)})))`;
}
