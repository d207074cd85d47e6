import { existsSync } from 'node:fs';
import path from 'node:path';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import type { Logger } from 'pino';
import { openActions } from './actions/action-rooms.ts';
import { CharterKeeper } from './charter/charter-keeper.ts';
import { type CharterRooms, openCharter } from './charter/charter-rooms.ts';
import { Court } from './charter/court.ts';
import { closeContent, closeRecording } from './content/content-rooms.ts';
import { SubjectKeys } from './content/subject-keys.ts';
import { Database } from './database/database.ts';
import type { Env } from './env.ts';
import { openPolicy, policyDecisions, type PolicyRooms } from './policy/policy-rooms.ts';
import { HumanAsks } from './stream/human-asks.ts';
import { type Later, openDesks } from './house-desks.ts';
import { openIdentity, openRecord } from './house-record.ts';
import { openExports } from './exports/export-rooms.ts';
import { actsOf } from './house-acts.ts';
import { OwnAccount } from './identity/own-account.ts';
import { Principals } from './identity/principals.ts';
import { Ledger } from './ledger/ledger.ts';
import { IntegrityWatch } from './ledger/integrity-watch.ts';
import type { NoticeDesk } from './notices/notice-desk.ts';
import { openNotices } from './notices/notice-rooms.ts';
import { Bulletin } from './operator/bulletin.ts';
import { sharedClock } from './stream/shared-clock.ts';
import { StreamHost } from './stream/stream-host.ts';

/** At the stop, where sessions stand gets this long to reach the database; what did not is taken for a crash at the next start. */
const RESTS_WITHIN_MS = 2000;

export type House = Awaited<ReturnType<typeof buildHouse>>;

/**
 * Builds the control thread's parts, in the order in which each may rely on the ones before: storage and ledger (checked against its last
 * signed head), who is who, latches in force, and only then anything that can emit.
 */
export async function buildHouse(env: Env, log: Logger, urls: { readonly url: string }) {
  const folder = DataFolder.take(env.dataFolder);
  try {
    return await furnish(env, log, folder, urls);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function furnish(env: Env, log: Logger, folder: DataFolder, urls: { readonly url: string }) {
  const clock = sharedClock();
  const database = await Database.open(env, folder, log);
  try {
    const stoppedCleanly = !existsSync(path.join(folder.path, 'running'));
    const bulletin = new Bulletin();
    const record = await openRecord({ env, log, folder, clock, database, bulletin });
    const { subjectKeys, ledger, published } = record;
    const charterKeeper = await CharterKeeper.open(ledger);
    const court = new Court(charterKeeper);
    const decisions = policyDecisions({ ledger, bulletin, log });
    const identity = await openIdentity({ database, folder, ledger, court, log, now: clock.now, url: urls.url });
    const notices = await openNotices({ env, log, folder, database, bulletin, principals: identity.principals, url: urls.url });
    const { principals } = identity;
    const rooms: { later: Later | null } = { later: null };
    const later = (): Later => {
      if (rooms.later === null) throw new Error('a stream thread spoke before the house was furnished');
      return rooms.later;
    };
    const base = { env, log, folder, database, bulletin, ledger, subjectKeys, principals, court };
    const desks = await openDesks({ ...base, later, decisions, clock });
    if (ledger.fault === null) await ledger.append('server.started', { version: VERSION, node: process.version, stoppedCleanly });
    folder.write('running', String(process.pid));
    const policy = await openPolicy({ ...base, decisions, orderLog: desks.orderLog });
    const integrity = new IntegrityWatch({ ledger, databaseUrl: database.url, everyMs: env.checkEveryMs, log });
    const exports = await openExports({
      ...{ ...base, published, url: urls.url, version: VERSION, keeper: desks.keeper, guard: policy.guard },
    });
    const { charter, actions } = await openStructure({
      ...{ ...base, charterKeeper, desks, exports, policy, notices: notices.desk, url: urls.url },
    });
    rooms.later = {
      asks: new HumanAsks({ registry: desks.registry, actions: actions.sessions, streams: desks.streams, voice: desks.voice, log }),
    };
    tellOfPolicy(policy, { streams: desks.streams, charter, log });
    const account = new OwnAccount({ auth: identity.auth, prisma: database.prisma, streamUrl: desks.streamUrl });
    return {
      ...{ env, log, clock, folder, database, integrity, bulletin, notices, exports, charter, policy, actions, account },
      ...record,
      ...identity,
      ...desks,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

export const VERSION = '0.1.0';

type Desks = Awaited<ReturnType<typeof openDesks>>;
type StructureNeeds = {
  readonly env: Env;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly bulletin: Bulletin;
  readonly ledger: Ledger;
  readonly subjectKeys: SubjectKeys;
  readonly principals: Principals;
  readonly charterKeeper: CharterKeeper;
  readonly court: Court;
  readonly desks: Desks;
  readonly exports: Awaited<ReturnType<typeof openExports>>;
  readonly policy: PolicyRooms;
  readonly notices: NoticeDesk;
  readonly url: string;
};

/** Where humans decide: actions that wait for one, and the charter's proposals, which act on those as well. */
async function openStructure({ charterKeeper, court, desks, exports, policy, subjectKeys, folder, ...shared }: StructureNeeds) {
  const actions = await openActions({
    ...{ ...shared, court, folder, subjectKeys, registry: desks.registry, policy: policy.keeper },
    subjectOf: (session) => desks.content.recording.subjectOf(session),
  });
  const { acts, ...others } = actsOf(desks, exports, { database: shared.database, policy });
  const charter = await openCharter({
    ...shared,
    ...{ keeper: charterKeeper, court, secret: folder.secrets().auth },
    ...{ ...others, acts: [...acts, ...actions.acts] },
  });
  return { charter, actions };
}

type ToldOfPolicy = { readonly streams: StreamHost; readonly charter: CharterRooms; readonly log: Logger };

/** Another bundle decides from now on: in every stream thread; and proposals that were opened under the one before are superseded. */
function tellOfPolicy({ keeper }: PolicyRooms, { streams, charter, log }: ToldOfPolicy): void {
  keeper.countBy((drop) => {
    streams.broadcast({ type: 'tally', drop });
  });
  keeper.onChange(() => {
    streams.adopt(keeper.loaded?.bundle ?? null);
    charter.desk.lookAll().catch((error: unknown) => {
      log.error({ err: error }, 'proposals could not be looked at after a change of policy; the clock looks again');
    });
  });
}

/** Starts what emits and what keeps it in check: the engine, the stream threads, and the leases last. */
export async function openHouse(house: House): Promise<void> {
  await Promise.all([house.engine.start(), house.guard.start(), house.voice.start()]);
  await house.streams.start();
  house.watch.start();
  house.keys.start();
  house.supervision.start();
  house.meters.start();
  house.lease.start();
  house.integrity.start();
  house.content.retention.start();
}

/** Closes in the reverse order: nothing more is emitted, sessions are told, the ledger is flushed, the database stopped. */
export async function closeHouse(house: House, reason: string): Promise<void> {
  house.health.stopping = true;
  clearInterval(house.sweep);
  await house.streams.stop(reason);
  house.lease.stop();
  await house.integrity.stop();
  house.observer.flush();
  house.watch.stop();
  await house.keys.stop();
  house.supervision.stop();
  house.meters.stop();
  await house.engine.stop();
  await house.guard.stop();
  await house.voice.close();
  // What the threads said last (evidence, where each session stood) has arrived; one turn lets it reach the ledger's queue.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await house.sessions.settle(RESTS_WITHIN_MS);
  const unrecorded = await closeRecording(house.content);
  if (unrecorded > 0)
    house.log.error({ unrecorded }, 'recorded content could not be stored before the stop; it is missing from its recordings');
  void house.ledger.append('server.stopped', { node: process.version }).catch(() => undefined);
  house.witnesses.stop();
  house.policy.close();
  await house.actions.close();
  await house.notices.close();
  await house.charter.close();
  await house.exports.close();
  const left = await house.ledger.close();
  if (left > 0) house.log.error({ left }, 'the ledger could not take everything before the stop; orders are in the write-ahead file');
  await house.orderLog.close();
  await closeContent(house.content);
  await house.database.close();
  if (left === 0 && house.ledger.fault === null) house.folder.remove('running');
  house.folder.release();
}
