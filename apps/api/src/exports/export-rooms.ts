import path from 'node:path';
import type { DataFolder } from '@wheelhouse/installation/data-folder';
import type { Logger } from 'pino';
import type { Court } from '../charter/court.ts';
import type { SubjectKeys } from '../content/subject-keys.ts';
import { wordsVault } from '../content/words-vault.ts';
import type { Database } from '../database/database.ts';
import type { Env } from '../env.ts';
import type { Principals } from '../identity/principals.ts';
import type { CheckpointGuard } from '../policy/checkpoint-guard.ts';
import { JobRoom } from '../jobs/job-room.ts';
import { EntrySealer } from '../ledger/entry-sealer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PublishedHead } from '../ledger/published-head.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import { EntryArchive } from './entry-archive.ts';
import { EntrySearch } from './entry-search.ts';
import { ExportDesk } from './export-desk.ts';
import { ExportKeeper } from './export-keeper.ts';
import { LinkSigner } from './export-link.ts';
import { ExportMaker } from './export-maker.ts';

type Needs = {
  readonly env: Env;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly subjectKeys: SubjectKeys;
  readonly ledger: Ledger;
  readonly published: PublishedHead;
  readonly keeper: OrderBookKeeper;
  readonly principals: Principals;
  readonly court: Court;
  readonly guard: CheckpointGuard;
  readonly url: string;
  readonly version: string;
};

export type ExportRooms = Awaited<ReturnType<typeof openExports>>;

/** Search, exports and reports, wired together. */
export async function openExports({ env, log, folder, database, ledger, ...needs }: Needs) {
  const sealer = new EntrySealer(wordsVault(needs.subjectKeys));
  const archive = new EntryArchive(database.url, needs.keeper);
  const search = new EntrySearch(archive, ledger);
  const nameOf = (id: string) => needs.principals.nameOf(id);
  const witnesses = env.witnesses.addresses.map(({ key }) => key);
  const maker = new ExportMaker({ ledger, published: needs.published, archive, sealer, witnesses, nameOf, version: needs.version });
  const jobs = new JobRoom({ databaseUrl: database.url, redisUrl: env.redisUrl, log });
  const keeper = new ExportKeeper({ ledger, maker, jobs, folder: path.join(folder.path, 'exports'), keepMs: env.exports.keepMs, log });
  const signer = new LinkSigner(folder.secrets().auth);
  const desk = new ExportDesk({
    keeper,
    ledger,
    signer,
    nameOf,
    url: needs.url,
    linkMs: env.exports.linkMs,
    court: needs.court,
    guard: needs.guard,
  });
  await keeper.open();
  const close = async (): Promise<void> => {
    await keeper.stop();
    await archive.close();
  };
  return { search, desk, close };
}
