import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import type { Logger } from 'pino';
import { openActions } from './actions/action-rooms.ts';
import { CharterKeeper } from './charter/charter-keeper.ts';
import { type CharterRooms, openCharter } from './charter/charter-rooms.ts';
import { Court } from './charter/court.ts';
import { closeContent, closeRecording, openContent } from './content/content-rooms.ts';
import { prismaKeyRecords } from './content/key-records.ts';
import { readMasterKey } from './content/master-key.ts';
import { MasterKeyFile } from './content/master-key-file.ts';
import { SubjectKeys } from './content/subject-keys.ts';
import { wordsVault } from './content/words-vault.ts';
import { Database } from './database/database.ts';
import { EngineProcess } from './engine/engine-process.ts';
import type { Env } from './env.ts';
import { GuardHost } from './guard/guard-host.ts';
import { guardSetup } from './guard/guard-setup.ts';
import { openPolicy, type PolicyDecisions, policyDecisions, type PolicyRooms } from './policy/policy-rooms.ts';
import { GateVoice } from './stream/gate-voice.ts';
import { HumanAsks } from './stream/human-asks.ts';
import { openExports } from './exports/export-rooms.ts';
import { actsOf } from './house-acts.ts';
import { Health } from './health/health.ts';
import { createAuth } from './identity/auth.ts';
import { Keys } from './identity/keys.ts';
import { OwnAccount } from './identity/own-account.ts';
import { Links, People } from './identity/people.ts';
import { Principals } from './identity/principals.ts';
import { EntrySealer } from './ledger/entry-sealer.ts';
import { Ledger } from './ledger/ledger.ts';
import { LedgerStore } from './ledger/ledger-store.ts';
import { IntegrityWatch } from './ledger/integrity-watch.ts';
import { PublicLog } from './ledger/public-log.ts';
import { PublishedHead } from './ledger/published-head.ts';
import { ledgerTrouble, raiseLedgerAlarms } from './ledger/ledger-alarms.ts';
import { witnessAlarms } from './ledger/witness-alarms.ts';
import { WitnessDesk } from './ledger/witness-desk.ts';
import { openNotices } from './notices/notice-rooms.ts';
import { Bulletin } from './operator/bulletin.ts';
import { MeterFeed } from './operator/meter-feed.ts';
import { Transcripts } from './operator/transcripts.ts';
import { OrderBookKeeper } from './orders/order-book-keeper.ts';
import { OrderDesk } from './orders/order-desk.ts';
import { OrderObserver } from './orders/order-observer.ts';
import { OrderLog } from './orders/order-log.ts';
import { ReleaseDesk } from './orders/release-desk.ts';
import { replayOrders } from './orders/order-replay.ts';
import { LeaseKeeper } from './sessions/lease-keeper.ts';
import { deploymentsOf } from './sessions/deployments.ts';
import { SessionDesk } from './sessions/session-desk.ts';
import { SessionRegistry } from './sessions/session-registry.ts';
import { Watch } from './sessions/watch.ts';
import { sharedClock } from './stream/shared-clock.ts';
import { StreamHost } from './stream/stream-host.ts';
import { threadEvents } from './stream/thread-events.ts';
import { SupervisionRooms } from './supervision/supervision-rooms.ts';

const SWEEP_MS = 5000;
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
    const desks = await openDesks({
      later,
      decisions,
      env,
      log,
      folder,
      clock,
      database,
      subjectKeys,
      ledger,
      bulletin,
      court,
      principals,
    });
    if (ledger.fault === null) await ledger.append('server.started', { version: VERSION, node: process.version, stoppedCleanly });
    folder.write('running', String(process.pid));
    const policy = await openPolicy({ decisions, env, ledger, bulletin, log, principals, orderLog: desks.orderLog, court });
    const integrity = new IntegrityWatch({ ledger, databaseUrl: database.url, everyMs: env.checkEveryMs, log });
    const exports = await openExports({
      ...{ env, log, folder, database, subjectKeys, ledger, published, url: urls.url, version: VERSION },
      ...{ keeper: desks.keeper, principals, court, guard: policy.guard },
    });
    const charter = await openCharter({
      ...{
        keeper: charterKeeper,
        court,
        env,
        log,
        database,
        ledger,
        bulletin,
        principals,
        notices: notices.desk,
        url: urls.url,
        secret: folder.secrets().auth,
      },
      ...actsOf(desks, exports, { database, policy }),
    });
    const actions = await openActions({
      ...{ env, log, folder, database, subjectKeys, ledger, bulletin, principals, registry: desks.registry, notices: notices.desk },
      policy: policy.keeper,
      subjectOf: (session) => desks.content.recording.subjectOf(session),
      url: urls.url,
    });
    rooms.later = {
      asks: new HumanAsks({ registry: desks.registry, actions: actions.sessions, streams: desks.streams, voice: desks.voice, log }),
    };
    tellOfPolicy(policy, { streams: desks.streams, charter, log });
    const account = new OwnAccount({ auth: identity.auth, prisma: database.prisma, streamPort: () => desks.streams.port });
    return {
      env,
      log,
      clock,
      folder,
      database,
      integrity,
      bulletin,
      notices,
      exports,
      charter,
      policy,
      actions,
      account,
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

type RecordNeeds = Pick<DeskNeeds, 'env' | 'log' | 'folder' | 'clock' | 'database' | 'bulletin'>;

/** The ledger, checked against its last signed head, with what publishes it and who cosigns it. */
async function openRecord({ env, log, folder, clock, database, bulletin }: RecordNeeds) {
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

async function openIdentity({ database: { prisma }, folder, ledger, court, log, now, url }: IdentityNeeds) {
  const links = new Links();
  const auth = createAuth({ prisma, secret: folder.secrets().auth, url, links });
  const principals = new Principals({ auth, prisma, log, now });
  await principals.loadNames();
  const people = new People({ auth, links, prisma, ledger, court, principals });
  const keys = new Keys({ auth, prisma, ledger, principals, log });
  return { auth, principals, people, keys };
}

/** Rooms that stream threads speak to, and that are furnished after them; threads start last. */
type Later = { readonly asks: HumanAsks };

type DeskNeeds = {
  later: () => Later;
  decisions: PolicyDecisions;
  env: Env;
  log: Logger;
  folder: DataFolder;
  clock: ReturnType<typeof sharedClock>;
  database: Database;
  subjectKeys: SubjectKeys;
  ledger: Ledger;
  bulletin: Bulletin;
  court: Court;
  principals: Principals;
};

async function openDesks({
  later,
  decisions,
  env,
  log,
  folder,
  clock,
  database,
  subjectKeys,
  ledger,
  bulletin,
  court,
  principals,
}: DeskNeeds) {
  const { now } = clock;
  const { prisma } = database;
  const ticketKey = randomBytes(32);
  const table = LatchTable.create(env.maxSessions);
  const registry = new SessionRegistry(table, deploymentsOf(env.upstream));
  const keeper = new OrderBookKeeper(principals);
  const tenantOf = await keeper.load(ledger, ACROSS_TENANTS);
  const { log: orderLog, left } = await OrderLog.open(path.join(folder.path, 'orders.wal'));
  await replayOrders({ left, ledger, keeper, tenantOf, orderLog, log });

  const transcripts = new Transcripts();
  const keys = { keys: subjectKeys, masterKeyFile: new MasterKeyFile(env.masterKey, folder) };
  const content = await openContent({ database, ...keys, ledger, registry, principals, bulletin, court, log, now });
  const { recorder, recording } = content;
  const engine = new EngineProcess({
    ...{ models: path.join(env.root, '.wheelhouse', 'models'), upstream: env.upstream?.settings ?? null },
    log,
    onState: (up) => {
      health.engineUp = up;
    },
  });
  const { host, streamThreads: threads, streamPort: port } = env;
  const voice = new GateVoice({ models: path.join(env.root, '.wheelhouse', 'models'), log });
  const guard: GuardHost = new GuardHost({
    setup: guardSetup(path.join(env.root, '.wheelhouse', 'models'), env.guard),
    log,
    onRestart: () => {
      streams.reconnectGuard();
    },
  });
  const stage = {
    policy: () => decisions.keeper.loaded?.bundle ?? null,
    safe: () => voice.safe,
    guardPort: (thread: number) => guard.portFor(thread),
  };
  const hostOptions = {
    ...stage,
    threads,
    host,
    port,
    table,
    clock,
    ticketKey,
    engineSocket: engine.socketPath,
    tls: env.tls,
    log,
  };
  // The desks and the threads know each other: messages from the threads go to desks that are built right after.
  const streams: StreamHost = new StreamHost(
    hostOptions,
    threadEvents(() => ({
      ...later(),
      sessions,
      observer,
      transcripts,
      recorder,
      bulletin,
      principals,
      streams,
      decisions,
      registry,
      supervision,
      log,
    })),
  );
  const streamUrl = () => env.streamUrl ?? streamAddress(env, streams.port);
  const shared = { registry, keeper, streams, principals, ledger, bulletin };
  const sessions = new SessionDesk({ ...shared, guard: decisions.guard, prisma, recording, clock, ticketKey, streamUrl, log });
  await sessions.load();
  const observer = new OrderObserver(ledger, log);
  const orders = new OrderDesk({ ...shared, orderLog, observer, log, now });
  const releases = new ReleaseDesk({ keeper, registry, streams, ledger, bulletin, court, log });
  const inSessions = { sessions, orders, releases, transcripts, subjectKeys, folder };
  const supervision: SupervisionRooms = new SupervisionRooms({ ...shared, ...inSessions, ticketKey, streamUrl, now, log });
  const lease = new LeaseKeeper({ table, ledger, now, bulletin, log });
  const watch = new Watch({ registry, keeper, streams, now });
  const meters = new MeterFeed(registry);
  const health = new Health({ database, ledger, engine, lease, registry, streams });
  const sweep = startSweep(sessions, env.sessionWaitMs, log);
  return {
    guard,
    voice,
    table,
    registry,
    keeper,
    orderLog,
    transcripts,
    content,
    engine,
    streams,
    streamUrl,
    sessions,
    observer,
    orders,
    releases,
    supervision,
    lease,
    watch,
    meters,
    health,
    sweep,
  };
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

/** Where clients on this machine reach the stream threads. */
function streamAddress({ host, tls }: Env, port: number): string {
  return `${tls === null ? 'ws' : 'wss'}://${host === '0.0.0.0' ? 'localhost' : host.replace('127.0.0.1', 'localhost')}:${port}/v1/stream`;
}

/** Ends sessions that no client came for. */
function startSweep(sessions: SessionDesk, waitMs: number, log: Logger): NodeJS.Timeout {
  return setInterval(() => {
    sessions.sweep(waitMs).catch((error: unknown) => {
      log.error({ err: error }, 'waiting sessions could not be ended');
    });
  }, SWEEP_MS);
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
