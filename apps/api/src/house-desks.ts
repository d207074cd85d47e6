import type { SharedClock } from './stream/shared-clock.ts';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import { openWatermarkKey } from '@wheelhouse/installation/watermark-key';
import type { Logger } from 'pino';
import { Court } from './charter/court.ts';
import { openContent } from './content/content-rooms.ts';
import { MasterKeyFile } from './content/master-key-file.ts';
import { SubjectKeys } from './content/subject-keys.ts';
import { Database } from './database/database.ts';
import { EngineProcess } from './engine/engine-process.ts';
import type { Env } from './env.ts';
import { GuardHost } from './guard/guard-host.ts';
import { guardSetup } from './guard/guard-setup.ts';
import { type PolicyDecisions } from './policy/policy-rooms.ts';
import { GateVoice } from './stream/gate-voice.ts';
import { HumanAsks } from './stream/human-asks.ts';
import { Health } from './health/health.ts';
import { Principals } from './identity/principals.ts';
import { Ledger } from './ledger/ledger.ts';
import { Bulletin } from './operator/bulletin.ts';
import { MeterFeed } from './operator/meter-feed.ts';
import { Transcripts } from './operator/transcripts.ts';
import { LevelGate } from './orders/level-gate.ts';
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
import { StreamHost } from './stream/stream-host.ts';
import { threadEvents } from './stream/thread-events.ts';
import { SupervisionRooms } from './supervision/supervision-rooms.ts';

const SWEEP_MS = 5000;

/** Rooms that stream threads speak to, and that are furnished after them; threads start last. */
export type Later = { readonly asks: HumanAsks };

type DeskNeeds = {
  later: () => Later;
  decisions: PolicyDecisions;
  env: Env;
  log: Logger;
  folder: DataFolder;
  clock: SharedClock;
  database: Database;
  subjectKeys: SubjectKeys;
  ledger: Ledger;
  bulletin: Bulletin;
  court: Court;
  principals: Principals;
};

/** What the record says of orders and content: latches in force, before anything can emit. */
async function openBooks(needs: DeskNeeds) {
  const { env, log, folder, clock, database, subjectKeys, ledger, bulletin, court, principals } = needs;
  const table = LatchTable.create(env.maxSessions);
  const registry = new SessionRegistry(table, deploymentsOf(env.upstream));
  const keeper = new OrderBookKeeper(principals);
  const tenantOf = await keeper.load(ledger, ACROSS_TENANTS);
  const { log: orderLog, left, damage } = await OrderLog.open(path.join(folder.path, 'orders.wal'));
  await replayOrders({ left, damage, ledger, keeper, tenantOf, orderLog, bulletin, log });
  const keys = { keys: subjectKeys, masterKeyFile: new MasterKeyFile(env.masterKey, folder) };
  const content = await openContent({ database, ...keys, ledger, registry, principals, bulletin, court, log, now: clock.now });
  return { table, registry, keeper, orderLog, content };
}

/** Sessions, orders and what carries their frames: latches in force first, then anything that can emit. */
export async function openDesks(needs: DeskNeeds) {
  const { later, decisions, env, log, folder, clock, database, subjectKeys, ledger, bulletin, court, principals } = needs;
  const { now } = clock;
  const ticketKey = randomBytes(32);
  const books = await openBooks(needs);
  const { table, registry, keeper, orderLog, content } = books;
  const { recorder, recording } = content;
  const transcripts = new Transcripts();
  const engine = new EngineProcess({
    ...{ models: path.join(env.root, '.wheelhouse', 'models'), upstream: env.upstream?.settings ?? null },
    log,
    onState: (up) => {
      health.engineUp = up;
    },
  });
  const stage = openStage({
    ...{ env, log, folder, decisions },
    restarted: () => {
      streams.reconnectGuard();
    },
  });
  // The desks and the threads know each other: messages from the threads go to desks that are built right after.
  const streams: StreamHost = new StreamHost(
    { ...stage.options, table, clock, ticketKey, engineSocket: engine.socketPath },
    threadEvents(() => ({
      ...{ ...later(), sessions, observer, transcripts, recorder, bulletin, principals, streams },
      ...{ decisions, registry, supervision, log },
    })),
  );
  const streamUrl = () => env.streamUrl ?? streamAddress(env, streams.port);
  const shared = { registry, keeper, streams, principals, ledger, bulletin };
  const sessions = new SessionDesk({
    ...shared,
    guard: decisions.guard,
    prisma: database.prisma,
    recording,
    clock,
    ticketKey,
    streamUrl,
    log,
  });
  await sessions.load();
  const observer = new OrderObserver(ledger, log);
  const orders = new OrderDesk({ ...shared, orderLog, observer, log, now });
  const levels = new LevelGate({ guard: decisions.guard, keeper, registry, principals });
  const releases = new ReleaseDesk({ keeper, registry, streams, ledger, bulletin, court, levels, log });
  const inSessions = { sessions, orders, releases, transcripts, subjectKeys, folder };
  const supervision: SupervisionRooms = new SupervisionRooms({ ...shared, ...inSessions, ticketKey, streamUrl, now, log });
  const lease = new LeaseKeeper({ table, ledger, now, bulletin, log });
  const watch = new Watch({ registry, keeper, streams, now });
  const meters = new MeterFeed(registry);
  const health = new Health({ database, ledger, engine, lease, registry, streams });
  const sweep = startSweep(sessions, env.sessionWaitMs, log);
  return {
    ...books,
    ...{ guard: stage.guard, voice: stage.voice, transcripts, engine, streams, streamUrl },
    ...{ sessions, observer, orders, releases, supervision, lease, watch, meters, health, sweep },
  };
}

type StageNeeds = Pick<DeskNeeds, 'env' | 'log' | 'folder' | 'decisions'> & { readonly restarted: () => void };

/** What stream threads are started with besides the table: policy, detectors, the gate's own voice, and the key of the mark on sound. */
function openStage({ env, log, folder, decisions, restarted }: StageNeeds) {
  const models = path.join(env.root, '.wheelhouse', 'models');
  const voice = new GateVoice({ models, log });
  const guard = new GuardHost({ setup: guardSetup(models, env.guard), log, onRestart: restarted });
  const { host, streamThreads: threads, streamPort: port, tls } = env;
  const options = {
    ...{ threads, host, port, tls, log },
    watermarkKey: openWatermarkKey(env.watermarkKey, folder),
    policy: () => decisions.keeper.loaded?.bundle ?? null,
    safe: () => voice.safe,
    guardPort: (thread: number) => guard.portFor(thread),
  };
  return { voice, guard, options };
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
