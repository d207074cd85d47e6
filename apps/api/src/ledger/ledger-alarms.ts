import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import { pinAlarm } from '../operator/pinned-alarm.ts';
import type { Ledger } from './ledger.ts';
import { READ_ONLY } from './read-only.guard.ts';

/** What is wrong with the ledger and can't be mended while the server runs. */
export function raiseLedgerAlarms(ledger: Ledger, database: Database, bulletin: Bulletin): void {
  ledger.onFault(({ message }) => {
    pinAlarm(bulletin, 'ledger_altered', `${message} ${READ_ONLY}`);
  });
  if (database.weakness !== null) {
    const message = `The server's database role ${database.weakness}: nothing in the database would stop it from rewriting the ledger. docs/ledger.md says how to give it a role of its own.`;
    pinAlarm(bulletin, 'ledger_guard_weak', message);
  }
}

/** Says once that writes fail, and once that they succeed again. */
export function ledgerTrouble(log: Logger, bulletin: Bulletin): (error: Error | null) => void {
  let troubled = false;
  return (error) => {
    if (error !== null) log.warn({ err: error }, 'the ledger could not write; trying again');
    if (troubled === (error !== null)) return;
    troubled = error !== null;
    const message = troubled
      ? 'The ledger cannot write. Orders that restrict go on and are kept in the write-ahead file; releases are refused until it can.'
      : 'The ledger writes again.';
    bulletin.post({ event: 'alarm', data: { code: 'ledger_unavailable', message, raised: troubled } }, null);
  };
}
