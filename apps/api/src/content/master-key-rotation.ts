import type { Logger } from 'pino';
import type { Approval } from '../charter/act-port.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { entryOf } from '../ledger/new-entry.ts';
import { Refusal } from '../problem/refusal.ts';
import { type MasterKey, MasterKeyError } from './master-key.ts';
import type { MasterKeyFile } from './master-key-file.ts';
import type { SubjectKeys } from './subject-keys.ts';

/** What the ledger says about rotations. */
export type RotationRecord = {
  /** Whether the ledger is what was signed. One that is not decides nothing. */
  readonly isSound: () => boolean;
  /** Whether an entry says that the key with this fingerprint counts. */
  readonly names: (fingerprint: string) => Promise<boolean>;
};

export function rotationRecord(ledger: Ledger): RotationRecord {
  return {
    isSound: () => ledger.fault === null,
    names: async (fingerprint) => {
      for await (const { entry } of ledger.read(['key.rotated'])) if (entry.data.fingerprint === fingerprint) return true;
      return false;
    },
  };
}

type Parts = {
  readonly keys: SubjectKeys;
  readonly file: MasterKeyFile;
  readonly record: RotationRecord;
  readonly log: Logger;
  /** Milliseconds until a step that failed is tried again. */
  readonly againMs?: number;
};

const AGAIN_MS = 1000;

/**
 * Puts a new master key in the place of the old one: made and written beside it, named by the ledger, then every subject's key is wrapped by it in the
 * database, then its file takes the old one's place. Whatever happens in between, one of the two files opens the database; what a crash leaves undone is
 * done at the next start, from the ledger.
 */
export class MasterKeyRotation {
  readonly #parts: Parts;
  /** Recorded, and not carried out to the end. */
  #decided: MasterKey | null = null;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The master key that counts by the ledger. */
  get fingerprint(): string {
    return this.#decided?.fingerprint ?? this.#parts.keys.masterFingerprint;
  }

  /** Refuses where the master key is not in this server's hands. */
  requireHere(): void {
    const { setting } = this.#parts.file;
    if (setting === null) return;
    throw new Refusal(
      'conflict',
      `The master key comes from ${setting}, where this server can't put another. To rotate it, move it to keys/master.key of the data folder first: see “Rotation” in docs/content.md.`,
    );
  }

  /** Refuses where a key in the database would not outlive the rotation, because it can't be opened now. Takes seconds for a hundred thousand keys. */
  async requireWhole(): Promise<void> {
    await this.#check('each');
  }

  /** Rotates by a quorum's approval. Once it is recorded, it is carried out beside everything else, until it is done. */
  async rotate({ proposal, by, cause, at, record }: Approval): Promise<void> {
    const { file } = this.#parts;
    this.requireHere();
    if (this.#decided !== null)
      throw new Refusal('conflict', 'A rotation of the master key is being carried out. Propose it again after that.');
    await this.#check('changed');
    const next = await file.makeNext();
    try {
      await record(entryOf('key.rotated', { proposal, key: 'master', fingerprint: next.fingerprint }, by, { cause, at }));
    } catch (error) {
      // Of anything else it is not known whether the entry is durable: the next start asks the ledger.
      if (error instanceof LedgerUnavailableError) file.dropNext();
      throw error;
    }
    this.#begin(next);
  }

  /** At start: completes what the ledger says was decided, and takes back what it does not know of. */
  async resume(): Promise<void> {
    const { keys, file, record, log } = this.#parts;
    const next = file.next();
    if (next === null) return;
    if (next.fingerprint === keys.masterFingerprint) {
      await file.useNext();
      log.warn('a rotation of the master key that had been interrupted was completed');
      return;
    }
    if (!record.isSound()) return;
    if (await record.names(next.fingerprint)) this.#begin(next);
    else file.dropNext();
  }

  /** Takes no more tries, and waits at most `withinMs` for the one under way. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#work, late]);
    clearTimeout(timer);
  }

  async #check(which: 'each' | 'changed'): Promise<void> {
    try {
      await this.#parts.keys.check(which);
    } catch (error) {
      if (!(error instanceof MasterKeyError)) throw error;
      throw new Refusal('conflict', `${error.message} Put it back as it was before rotating.`);
    }
  }

  #begin(next: MasterKey): void {
    this.#decided = next;
    this.#work = this.#carryOut(next);
  }

  /** It is decided and recorded; until it is done, the old key goes on opening everything. */
  async #carryOut(next: MasterKey): Promise<void> {
    const { keys, file, log, againMs = AGAIN_MS } = this.#parts;
    while (!this.#closed) {
      try {
        await keys.rotate(next);
        await file.useNext();
        this.#decided = null;
        log.info({ fingerprint: next.fingerprint }, 'the master key was rotated');
        return;
      } catch (error) {
        log.error({ err: error }, 'the rotation of the master key could not be carried out yet; trying again');
      }
      await new Promise((resolve) => setTimeout(resolve, againMs).unref());
    }
  }
}
