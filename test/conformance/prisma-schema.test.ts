import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../apps/api/src/database/migrations.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

type Column = {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
};
type Index = { readonly name: string; readonly table: string; readonly columns: string; readonly unique: boolean };

const SCALARS: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Bytes: 'bytea',
  'String @db.Uuid': 'uuid',
  'DateTime @db.Timestamptz(3)': 'timestamp(3) with time zone',
};

const argument = (line: string, name: string) => new RegExp(`@${name}\\(([^)]*\\)?)\\)`).exec(line)?.[1] ?? null;

/** What a schema of the few forms that ours uses asks of the database. What it can't read, it throws at. */
function readSchema(text: string): { columns: Column[]; indexes: Index[] } {
  const columns: Column[] = [];
  const indexes: Index[] = [];
  for (const [, body = ''] of text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
    const lines = body
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('//'));
    const table = lines.map((line) => /^@@map\("(\w+)"\)/.exec(line)?.[1]).find((name) => name !== undefined);
    if (table === undefined) throw new Error(`a model without @@map: ${body.slice(0, 80)}`);
    const columnOf = new Map<string, string>();
    const add = (names: readonly string[], suffix: 'pkey' | 'key' | 'idx') => {
      const of = names.map((name) => columnOf.get(name) ?? name);
      indexes.push({
        name: suffix === 'pkey' ? `${table}_pkey` : `${table}_${of.join('_')}_${suffix}`,
        table,
        columns: of.join(),
        unique: suffix !== 'idx',
      });
    };
    for (const line of lines.filter((one) => !one.startsWith('@@'))) {
      const [, name = '', scalar = '', flag] = /^(\w+)\s+(\w+)(\?|\[\])?/.exec(line) ?? [];
      const native = /@db\.[\w()]+/.exec(line)?.[0];
      const type = SCALARS[native === undefined ? scalar : `${scalar} ${native}`];
      if (type === undefined && /^(String|Int|BigInt|Boolean|Bytes|DateTime|Json|Float|Decimal)$/.test(scalar))
        throw new Error(`no type for ${line}`);
      if (type === undefined) continue;
      const column = /@map\("(\w+)"\)/.exec(line)?.[1] ?? name;
      columnOf.set(name, column);
      columns.push({ table, column, type, nullable: flag === '?', default: defaultOf(argument(line, 'default')) });
      if (/@id\b/.test(line)) add([name], 'pkey');
      if (/@unique\b/.test(line)) add([name], 'key');
    }
    for (const line of lines) {
      const names = /^@@(id|unique|index)\(\[([^\]]*)\]/.exec(line);
      if (names !== null)
        add(
          (names[2] ?? '').split(',').map((name) => name.trim()),
          names[1] === 'id' ? 'pkey' : names[1] === 'unique' ? 'key' : 'idx',
        );
    }
  }
  return { columns, indexes };
}

function defaultOf(said: string | null): string | null {
  if (said === null) return null;
  if (said === 'now()') return 'CURRENT_TIMESTAMP';
  return said.startsWith('"') ? `'${said.slice(1, -1)}'::text` : said;
}

const byName = (some: readonly object[]) => some.map((one) => JSON.stringify(one)).sort();

describe('the migrations', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-schema-'));
  const postgres = new EmbeddedPostgres({
    folder: path.join(folder, 'postgres'),
    port: 0,
    password: 'a password for a test',
    onLog: () => undefined,
  });
  const schema = readSchema(readFileSync(path.join(ROOT, 'prisma/schema.prisma'), 'utf8'));
  let client: pg.Client;

  beforeAll(async () => {
    await postgres.start();
    client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await migrate(client, path.join(ROOT, 'prisma/migrations'));
  });
  afterAll(async () => {
    await client.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('make exactly the columns of schema.prisma', async () => {
    const { rows } = await client.query<Column>(
      `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS default
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> '_prisma_migrations'`,
    );
    expect(byName(rows)).toEqual(byName(schema.columns));
    expect(rows.length).toBeGreaterThan(60);
  });

  it('make exactly its keys and indexes, and one that it cannot name', async () => {
    const { rows } = await client.query<Index & { readonly partial: string | null }>(
      `SELECT i.relname AS name, t.relname AS table, (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey::int[]) WITH ORDINALITY k(num, n)
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num) AS columns, x.indisunique AS unique,
         pg_get_expr(x.indpred, x.indrelid) AS partial
       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
       WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> '_prisma_migrations'`,
    );
    const whole = rows
      .filter(({ partial }) => partial === null)
      .map(({ name, table, columns, unique }) => ({ name, table, columns, unique }));
    expect(byName(whole)).toEqual(byName(schema.indexes));
    expect(rows.filter(({ partial }) => partial !== null).map(({ name, partial }) => [name, partial])).toEqual([
      ['ledger_entry_but_ticks_idx', "(kind <> 'session.segment'::text)"],
    ]);
  });
});
