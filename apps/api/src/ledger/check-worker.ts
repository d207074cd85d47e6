import { parentPort, workerData } from 'node:worker_threads';
import { fromBase64 } from '@wheelhouse/ledger/base64';
import pg from 'pg';
import { z } from 'zod';
import { checkWhole } from './integrity.ts';
import { LedgerStore } from './ledger-store.ts';

/** What the thread is told: the database, and the heads to hold it against. */
export const CheckTask = z.object({ databaseUrl: z.string(), heads: z.array(z.object({ size: z.number(), root: z.base64() })) });
export type CheckTask = z.infer<typeof CheckTask>;

/** Between two pages of 256 entries, so that a whole check takes a small part of a core and of the database. */
const PAUSE_MS = 20;

const task = CheckTask.parse(workerData);
const pool = new pg.Pool({ connectionString: task.databaseUrl, max: 1, application_name: 'wheelhouse check' });
const heads = task.heads.map(({ size, root }) => ({ size, root: fromBase64(root) ?? new Uint8Array() }));
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));
try {
  parentPort?.postMessage(await checkWhole(new LedgerStore(pool), heads, pause));
} finally {
  await pool.end();
}
