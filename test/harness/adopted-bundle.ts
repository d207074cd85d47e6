import { randomUUID } from 'node:crypto';
import { canonicalJson } from '@wheelhouse/ledger/canonical';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import pg from 'pg';
import { pino } from 'pino';
import { EntrySealer } from '../../apps/api/src/ledger/entry-sealer.ts';
import { Ledger } from '../../apps/api/src/ledger/ledger.ts';
import { LedgerStore } from '../../apps/api/src/ledger/ledger-store.ts';
import { entryOf, SYSTEM } from '../../apps/api/src/ledger/new-entry.ts';
import { TestDatabase } from './database.ts';
import { sha256 } from './founders.ts';
import type { TestServer } from './server.ts';

/** No entry about policy has words that anybody typed, so that there is nothing to encrypt. */
const NO_WORDS = { ensure: () => Promise.resolve(), seal: () => null, open: () => null };

/**
 * Puts a bundle in force in the ledger of a server that does not run, as if it had been voted for there: also one that no vote could put there, because it
 * does not load. Returns its digest.
 */
export async function adoptBehind(server: TestServer, bundle: PolicyBundle): Promise<string> {
  const bundleText = canonicalJson(bundle);
  const digest = `sha256:${Buffer.from(sha256(new TextEncoder().encode(bundleText))).toString('hex')}`;
  const data = { proposal: randomUUID(), bundle: digest, name: bundle.name, bundleText };
  const folder = DataFolder.take(server.dataFolder);
  try {
    await new TestDatabase(server).alone(async (_, url) => {
      const pool = new pg.Pool({ connectionString: url, max: 2 });
      const parts = { store: new LedgerStore(pool), sealer: new EntrySealer(NO_WORDS), log: pino({ level: 'silent' }) };
      const ledger = await Ledger.open({ ...parts, folder, onTrouble: () => undefined });
      try {
        await ledger.appendEntryFirst(entryOf('policy.adopted', data, SYSTEM));
      } finally {
        await ledger.close();
        await pool.end();
      }
    });
  } finally {
    folder.release();
  }
  return digest;
}
