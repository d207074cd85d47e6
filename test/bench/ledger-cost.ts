import type pg from 'pg';
import { LedgerStore } from '../../apps/api/src/ledger/ledger-store.ts';
import { TreeReader } from '../../apps/api/src/ledger/tree-reader.ts';
import { readTree } from '../../apps/api/src/ledger/tree-check.ts';
import { BenchDatabase, benchWriter, sampleEntry } from './ledger-fill.ts';
import { Latencies, type Row } from './measure.ts';
import { syntheticLog } from './synthetic-log.ts';

const PART = 'ledger';
const WRITERS = 64;

/** Appends beside plain inserts of the same durability, and what a long log costs: a proof, and the check at start. */
export async function ledgerRows({ quick, full }: { quick: boolean; full: boolean }): Promise<Row[]> {
  const forMs = quick ? 4000 : 15_000;
  const database = await BenchDatabase.start();
  try {
    const pool = database.pool();
    // A-B-A-B, so that a machine that changes its pace does so for both.
    const appends = [await append(pool, forMs / 2), await append(pool, forMs / 2)];
    const plain = [await plainInserts(pool, forMs / 2), await plainInserts(pool, forMs / 2)];
    await pool.end();
    return [...appendRows(appends, plain), ...(await longLogRows(database, full ? 10_000_000 : quick ? 100_000 : 1_000_000))];
  } finally {
    await database.remove();
  }
}

type Run = { readonly rate: number; readonly latencies: Latencies };

function appendRows(appends: readonly Run[], plain: readonly Run[]): Row[] {
  const rate = (runs: readonly Run[]) => runs.reduce((sum, run) => sum + run.rate, 0) / runs.length;
  const last = appends.at(-1)?.latencies ?? new Latencies();
  return [
    {
      part: PART,
      kind: 'figure',
      name: `appends acknowledged durable, ${WRITERS} writers`,
      unit: '/s',
      value: rate(appends),
      goals: { least: 10_000 },
      note: 'sealed, sequenced, tiled and committed; nine in ten are seconds of ticks, one a human act with a reason',
    },
    { part: PART, kind: 'spread', name: '  each, until its acknowledgement', unit: 'ms', latencies: last, goals: { p99: 25 } },
    {
      part: PART,
      kind: 'figure',
      name: `plain inserts of the same text in batches, ${WRITERS} writers`,
      unit: '/s',
      value: rate(plain),
      note: 'one table, one statement a batch, the same group commit and durability; no hashes, no sequence, no tiles, no indexes but the key',
    },
    {
      part: PART,
      kind: 'figure',
      name: '  appends to plain inserts',
      unit: 'x',
      value: rate(appends) / rate(plain),
      goals: { least: 0.5 },
    },
  ];
}

/** `WRITERS` callers, each of which waits for its acknowledgement before it writes again. */
async function closedLoop(forMs: number, write: (i: number) => Promise<unknown>): Promise<Run> {
  const latencies = new Latencies();
  const warmUntil = performance.now() + forMs / 5;
  const end = performance.now() + forMs;
  let next = 0;
  const writer = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      next += 1;
      await write(next);
      if (start > warmUntil) latencies.addMs(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return { rate: latencies.n / ((performance.now() - warmUntil) / 1000), latencies };
}

async function append(pool: pg.Pool, forMs: number): Promise<Run> {
  await pool.query('TRUNCATE ledger_plain').catch(() => undefined);
  await emptyLedger(pool);
  const writer = await benchWriter(pool);
  const run = await closedLoop(forMs, (i) => writer.append(sampleEntry(i)));
  await writer.close(5000);
  return run;
}

/** What stands in the way of emptying it is what the ledger is for; a bench has the owner's rights. */
async function emptyLedger(pool: pg.Pool): Promise<void> {
  for (const table of ['ledger_entry', 'ledger_tile', 'ledger_head']) {
    await pool.query(
      `ALTER TABLE ${table} DISABLE TRIGGER ${table}_append_only; TRUNCATE ${table}; ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_append_only`,
    );
  }
}

/** The same bytes into a plain table, with the same company and the same durability. */
async function plainInserts(pool: pg.Pool, forMs: number): Promise<Run> {
  await pool.query('CREATE TABLE IF NOT EXISTS ledger_plain (id UUID PRIMARY KEY, body TEXT NOT NULL)');
  let queue: { id: string; body: string; done: () => void }[] = [];
  let draining = false;
  const drain = async () => {
    if (draining) return;
    draining = true;
    await new Promise((resolve) => setTimeout(resolve, 2));
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      await pool.query('INSERT INTO ledger_plain (id, body) SELECT * FROM unnest($1::uuid[], $2::text[])', [
        batch.map(({ id }) => id),
        batch.map(({ body }) => body),
      ]);
      for (const { done } of batch) done();
    }
    draining = false;
  };
  return closedLoop(forMs, (i) => {
    const entry = sampleEntry(i);
    return new Promise<void>((done) => {
      queue.push({ id: entry.id, body: JSON.stringify(entry), done });
      void drain();
    });
  });
}

async function longLogRows(database: BenchDatabase, entries: number): Promise<Row[]> {
  const pool = database.pool();
  await emptyLedger(pool);
  await syntheticLog(pool, entries);
  const store = new LedgerStore(pool);
  const start = performance.now();
  const read = await readTree(store, []);
  const checkS = (performance.now() - start) / 1000;
  if ('difference' in read) throw new Error(read.difference.message);
  const { tree } = read;
  const proofs = await inclusionProofs(new TreeReader(store, () => tree), tree.range.size);
  await pool.end();
  const millions = `${entries / 1e6} million entries`;
  return [
    {
      part: PART,
      kind: 'spread',
      name: `inclusion proof, log of ${millions}`,
      unit: 'ms',
      latencies: proofs,
      goals: { p50: 1 },
      note: 'full tiles from PostgreSQL, the right edge from memory; leaves all over the log',
    },
    {
      part: PART,
      kind: 'figure',
      name: `check at start by tiles, log of ${millions}`,
      unit: 's',
      value: checkS,
      goals: { most: 30 * (entries / 10_000_000) },
      note: 'the goal is 30 s for ten million, and is scaled to what was measured',
    },
  ];
}

async function inclusionProofs(reader: TreeReader, size: number): Promise<Latencies> {
  const latencies = new Latencies();
  for (let i = 0; i < 1200; i += 1) {
    const index = Math.floor(((i * 0.618_033_988_75) % 1) * size);
    const start = performance.now();
    await reader.inclusion(index, size);
    if (i > 100) latencies.addMs(performance.now() - start);
  }
  return latencies;
}
