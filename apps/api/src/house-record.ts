import type { SharedClock } from './stream/shared-clock.ts';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import type { Logger } from 'pino';
import { Court } from './charter/court.ts';
import { prismaKeyRecords } from './content/key-records.ts';
import { readMasterKey } from './content/master-key.ts';
import { SubjectKeys } from './content/subject-keys.ts';
import { wordsVault } from './content/words-vault.ts';
import { Database } from './database/database.ts';
import type { Env } from './env.ts';
import { createAuth } from './identity/auth.ts';
import { Keys } from './identity/keys.ts';
import { Links, People } from './identity/people.ts';
import { Principals } from './identity/principals.ts';
import { EntrySealer } from './ledger/entry-sealer.ts';
import { Ledger } from './ledger/ledger.ts';
import { LedgerStore } from './ledger/ledger-store.ts';
import { PublicLog } from './ledger/public-log.ts';
import { PublishedHead } from './ledger/published-head.ts';
import { ledgerTrouble, raiseLedgerAlarms } from './ledger/ledger-alarms.ts';
import { witnessAlarms } from './ledger/witness-alarms.ts';
import { WitnessDesk } from './ledger/witness-desk.ts';
import { Bulletin } from './operator/bulletin.ts';

type RecordNeeds = {
  env: Env;
  log: Logger;
  folder: DataFolder;
  clock: SharedClock;
  database: Database;
  bulletin: Bulletin;
};

/** The ledger, checked against its last signed head, with what publishes it and who cosigns it. */
export async function openRecord({ env, log, folder, clock, database, bulletin }: RecordNeeds) {
  const records = prismaKeyRecords(database.prisma, database.url);
  const subjectKeys = await SubjectKeys.open(records, (known) => readMasterKey(env.masterKey, folder, known));
  const sealer = new EntrySealer(wordsVault(subjectKeys));
  const store = new LedgerStore(database.ledgerPool);
  const ledger = await Ledger.open({ store, sealer, folder, log, onTrouble: ledgerTrouble(log, bulletin) });
  raiseLedgerAlarms(ledger, database, bulletin);
  const published = new PublishedHead();
  const publicLog = new PublicLog(ledger, published);
  const alarms = witnessAlarms(bulletin, clock.now);
  const witnesses = await WitnessDesk.open({ ...env.witnesses, ledger, published, alarms, log, now: clock.now });
  return { subjectKeys, ledger, published, publicLog, witnesses };
}

type IdentityNeeds = { database: Database; folder: DataFolder; ledger: Ledger; court: Court; log: Logger; now: () => number; url: string };

/** Who is who: accounts, keys, people. */
export async function openIdentity({ database: { prisma }, folder, ledger, court, log, now, url }: IdentityNeeds) {
  const links = new Links();
  const auth = createAuth({ prisma, secret: folder.secrets().auth, url, links });
  const principals = new Principals({ auth, prisma, log, now });
  await principals.loadNames();
  const people = new People({ auth, links, prisma, ledger, court, principals });
  const keys = new Keys({ auth, prisma, ledger, principals, log });
  return { auth, principals, people, keys };
}
