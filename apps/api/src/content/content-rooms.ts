import type { Logger } from 'pino';
import type { Court } from '../charter/court.ts';
import type { Database } from '../database/database.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import { eraseWordsOf } from './erased-words.ts';
import { ContentDesk } from './content-desk.ts';
import { ContentKeeper } from './content-keeper.ts';
import { ContentStore } from './content-store.ts';
import { ErasureDesk } from './erasure-desk.ts';
import { HoldDesk } from './hold-desk.ts';
import type { MasterKeyFile } from './master-key-file.ts';
import { MasterKeyRotation, rotationRecord } from './master-key-rotation.ts';
import { commitPieces, Recorder } from './recorder.ts';
import { recordingAlarm } from './recording-alarm.ts';
import { RecordingDesk } from './recording-desk.ts';
import { RetentionKeeper } from './retention-keeper.ts';
import type { SubjectKeys } from './subject-keys.ts';

/** At the stop, recorded content gets this long to reach the database, and the ledger's word on it this long to come back. */
const STORED_WITHIN_MS = 5000;
const SETTLED_WITHIN_MS = 1000;
/** A rotation of the master key that takes longer is finished at the next start. */
const ROTATED_WITHIN_MS = 5000;

type Needs = {
  readonly database: Database;
  readonly keys: SubjectKeys;
  readonly masterKeyFile: MasterKeyFile;
  readonly ledger: Ledger;
  readonly registry: SessionRegistry;
  readonly principals: Principals;
  readonly bulletin: Bulletin;
  readonly court: Court;
  readonly log: Logger;
  readonly now: () => number;
};

export type ContentRooms = Awaited<ReturnType<typeof openContent>>;

/**
 * Everything about recorded content. What a crash left undone is done first: erasures, pieces that the ledger has not heard of, and the rotation of
 * the master key, which goes on by itself.
 */
export async function openContent({ database, keys, masterKeyFile, ledger, registry, principals, bulletin, court, log, now }: Needs) {
  const { prisma } = database;
  const keeper = new ContentKeeper();
  await keeper.load(ledger);
  keeper.onErased(eraseWordsOf);
  const store = new ContentStore(database.url, log);
  const recorder = new Recorder({ store, keys, keeper, ledger, log, onBehind: recordingAlarm(bulletin) });
  const erasures = new ErasureDesk({ keeper, keys, store, recorder, ledger, prisma, principals, court, log });
  // A ledger that is not what was signed decides nothing: least of all what is destroyed.
  if (ledger.fault === null) await mend({ erasures, store, ledger, log });
  const rotation = new MasterKeyRotation({ keys, file: masterKeyFile, record: rotationRecord(ledger), log });
  await rotation.resume();
  return {
    recorder,
    erasures,
    recording: new RecordingDesk({ keeper, keys }),
    desk: new ContentDesk({ keeper, store, keys, ledger, registry }),
    holds: new HoldDesk({ keeper, ledger, prisma, principals }),
    retention: new RetentionKeeper({ keeper, store, ledger, log, now }),
    rotation,
    store,
  };
}

type Mending = { readonly erasures: ErasureDesk; readonly store: ContentStore; readonly ledger: Ledger; readonly log: Logger };

/** Does what a crash left undone. */
async function mend({ erasures, store, ledger, log }: Mending): Promise<void> {
  const completed = await erasures.complete();
  if (completed > 0) log.warn({ erasures: completed }, 'erasures that a crash had left half done were completed');
  await commitLeft(store, ledger);
}

/** Tells the ledger of pieces that were stored right before a crash, unless it knows. */
async function commitLeft(store: ContentStore, ledger: Ledger): Promise<void> {
  const left = await store.uncommitted();
  if (left.length === 0) return;
  const known = new Set<string>();
  for await (const { entry } of ledger.read(['content.kept'])) known.add(entry.data.content);
  await commitPieces(
    left.filter(({ id }) => !known.has(id)),
    ledger,
    store,
  );
  await store.committed(left.map(({ id }) => id));
}

/** Stores what was recorded up to the end. Before the ledger closes. */
export async function closeRecording(rooms: ContentRooms): Promise<number> {
  rooms.retention.stop();
  return rooms.recorder.close(STORED_WITHIN_MS);
}

/** After the ledger has closed. */
export async function closeContent(rooms: ContentRooms): Promise<void> {
  await rooms.recorder.settled(SETTLED_WITHIN_MS);
  await rooms.rotation.close(ROTATED_WITHIN_MS);
  await rooms.store.close();
}
