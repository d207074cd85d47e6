import { toBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { signCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { formatOpening, type Item, parseOpening, redact } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { assemble, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { shows } from '@wheelhouse/protocol/field-class';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { EntryOf, LedgerEntry, LedgerEntryKind, StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import type { EntryLinks } from '@wheelhouse/protocol/ledger-view';
import type { Logger } from 'pino';
import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { headOf } from './growing-tree.ts';
import { ledgerIdentity, type LedgerIdentity } from './ledger-identity.ts';
import { AlteredEntryError, type EntrySealer } from './entry-sealer.ts';
import { firstFinding, signedHeads } from './integrity.ts';
import type { Difference } from './tree-check.ts';
import type { LedgerStore, StoredHead, StoredRow } from './ledger-store.ts';
import { LedgerWriter } from './ledger-writer.ts';
import { TreeReader } from './tree-reader.ts';
import { type EntryData, entryOf, type Led, SYSTEM } from './new-entry.ts';
import { sha256 } from '@wheelhouse/installation/node-crypto';

const HEAD_EVERY_MS = 1000;
/** A wall clock that drifts is put right by less than this at a time; more is a step. */
const CLOCK_STEP_MS = 500;
const CHECKPOINT_FILE = 'ledger/checkpoint';
/** The last head that the witnesses vouched for, with their signatures. */
const COSIGNED_FILE = 'ledger/cosigned-checkpoint';
/** A permissive act waits this long for its entry to be durable. */
const PERMISSIVE_WITHIN_MS = 3000;
/** Entries that followed from one, as far as they are listed. */
const MOST_LINKS = 50;

/** A head with the text that its signatures stand under: a C2SP checkpoint as a signed note. */
export type SignedHead = TreeHead & { readonly checkpoint: string };

export type LedgerParts = {
  readonly store: LedgerStore;
  readonly sealer: EntrySealer;
  readonly folder: DataFolder;
  readonly log: Logger;
  /** Told when a write fails, and with null when writes succeed again. */
  readonly onTrouble: (error: Error | null) => void;
};

/** The append-only record of this installation: appends, signed heads, proofs. */
export class Ledger {
  readonly identity: LedgerIdentity;
  readonly #store: LedgerStore;
  readonly #sealer: EntrySealer;
  readonly #writer: LedgerWriter;
  /** Proofs and tiles of everything that is durable. */
  readonly proofs: TreeReader;
  readonly #folder: DataFolder;
  readonly #log: Logger;
  /** The tree as it was found at start, signed for those who ask before the first head is stored. */
  readonly #atStart: string;
  /** Whether the check at start read every entry; of a long log it leaves that to the first check in the background. */
  readonly checkedWhole: boolean;
  #fault: Difference | null = null;
  #clockAhead = Date.now() - performance.now();
  readonly #faultReaders = new Set<(difference: Difference) => void>();
  #head: SignedHead | null = null;
  readonly #readers = new Set<(head: SignedHead) => void>();
  #timer: NodeJS.Timeout | null = null;
  #signing: Promise<void> = Promise.resolve();

  private constructor(
    parts: { identity: LedgerIdentity; store: LedgerStore; sealer: EntrySealer; writer: LedgerWriter; folder: DataFolder; log: Logger },
    start: { readonly atStart: string; readonly checkedWhole: boolean },
  ) {
    this.identity = parts.identity;
    this.#store = parts.store;
    this.#sealer = parts.sealer;
    this.#writer = parts.writer;
    this.proofs = new TreeReader(parts.store, () => parts.writer.tree);
    this.#folder = parts.folder;
    this.#log = parts.log;
    this.#atStart = start.atStart;
    this.checkedWhole = start.checkedWhole;
  }

  /**
   * Checks the tree against the heads that were signed, in the database and beside it, before anything is served. Where it differs, or a head is not
   * ours, the ledger opens for reading only: `fault` says why.
   */
  static async open({ store, sealer, folder, log, onTrouble }: LedgerParts): Promise<Ledger> {
    const identity = ledgerIdentity(folder);
    const { tree, difference, whole } = await firstFinding(store, identity, keptHeads(folder));
    const writer = new LedgerWriter({ store, sealer }, tree, { now: () => performance.now(), onTrouble });
    const atStart =
      difference === null
        ? await signCheckpoint({ ...headOf(tree), origin: identity.origin }, identity.signer)
        : (folder.read(CHECKPOINT_FILE) ?? '');
    const ledger = new Ledger({ identity, store, sealer, writer, folder, log }, { atStart, checkedWhole: whole });
    if (difference !== null) ledger.suspend(difference);
    ledger.#timer = setInterval(() => {
      ledger.#watchClock();
      ledger.signHead();
    }, HEAD_EVERY_MS);
    return ledger;
  }

  /** Where the database is not what was signed; null while it is. From then on nothing is written until a person has mended it and starts anew. */
  get fault(): Difference | null {
    return this.#fault;
  }

  /** Makes the ledger read only. The first reason stands. */
  suspend(difference: Difference): void {
    if (this.#fault !== null) return;
    this.#fault = difference;
    this.#log.fatal({ entry: difference.index }, `the ledger is not what was signed, and read only from now on: ${difference.message}`);
    this.#writer.suspend(`The ledger is not what was signed, and is read only: ${difference.message}`);
    for (const tell of this.#faultReaders) tell(difference);
  }

  /** Calls `tell` when the ledger becomes read only, or at once where it is. */
  onFault(tell: (difference: Difference) => void): void {
    this.#faultReaders.add(tell);
    if (this.#fault !== null) tell(this.#fault);
  }

  /** Every head that the database has to agree with: the last in it, the last beside it, and the last that the witnesses cosigned. */
  async signedHeads(): Promise<TreeHead[]> {
    return signedHeads(this.identity, [await this.#store.lastHead(), ...keptHeads(this.#folder)]);
  }

  get backlog(): { readonly entries: number; readonly oldestMs: number } {
    return this.#writer.backlog;
  }

  get size(): number {
    return this.#writer.tree.range.size;
  }

  /** Appends and resolves with the index when durable; waits out a database that is away. For what has happened already. */
  append<K extends LedgerEntryKind>(kind: K, data: EntryData<K>, by: Actor = SYSTEM, led: Led = {}): Promise<number> {
    return this.#writer.append(entryOf(kind, data, by, led));
  }

  /** Appends an entry made before with `entryOf`: one that may stand in the write-ahead file under the same id. */
  appendEntry(entry: LedgerEntry): Promise<number> {
    return this.#writer.append(entry);
  }

  /** Which of these entry ids the ledger holds. */
  storedIds(ids: readonly string[]): Promise<Set<string>> {
    return this.#store.storedIds(ids);
  }

  /** Appends what may only happen once it is written (law 2). Throws `LedgerUnavailableError` when it can't be made durable in time. */
  appendFirst<K extends LedgerEntryKind>(kind: K, data: EntryData<K>, by: Actor, led: Led = {}): Promise<number> {
    return this.appendEntryFirst(entryOf(kind, data, by, led));
  }

  /** As `appendFirst`, for an entry made before with `entryOf`, whose id others will name as their cause. */
  appendEntryFirst(entry: LedgerEntry): Promise<number> {
    return this.#writer.appendWithin(entry, PERMISSIVE_WITHIN_MS);
  }

  /** As `appendEntryFirst`, for entries that belong together: they become durable at once, one after the other, or not at all. */
  appendTogetherFirst(entries: readonly LedgerEntry[]): Promise<number[]> {
    return this.#writer.appendTogetherWithin(entries, PERMISSIVE_WITHIN_MS);
  }

  /** The latest signed tree head, a C2SP checkpoint. */
  get checkpoint(): string {
    return this.#head?.checkpoint ?? this.#atStart;
  }

  /** The latest head that was signed and stored; null until the first after a start, within a second. */
  get head(): SignedHead | null {
    return this.#head;
  }

  /** Calls `read` with each head once it is signed and stored. */
  onHead(read: (head: SignedHead) => void): void {
    this.#readers.add(read);
  }

  /** The last checkpoint that had the witnesses' quorum, as `saveCosigned` kept it. */
  get cosigned(): string | null {
    return this.#folder.read(COSIGNED_FILE);
  }

  /** Keeps a head that the witnesses' quorum has cosigned: beside the database, where the check at start looks for it, and in its history. */
  saveCosigned(size: number, checkpoint: string): void {
    this.#folder.write(COSIGNED_FILE, checkpoint);
    if (this.#fault !== null) return;
    this.#store.saveCosignedHead(size, checkpoint, new Date()).catch((error: unknown) => {
      this.#log.warn({ err: error, size }, 'a cosigned head could not be added to the history of heads');
    });
  }

  /** Notes when the wall clock was set: entries' times jump with it, and only their places tell their order. */
  #watchClock(): void {
    const ahead = Date.now() - performance.now();
    const byMs = Math.round(ahead - this.#clockAhead);
    if (Math.abs(byMs) < CLOCK_STEP_MS) return;
    this.#clockAhead = ahead;
    this.append('clock.stepped', { byMs }).catch((error: unknown) => {
      this.#log.warn({ err: error, byMs }, 'the clock was set, and that could not be recorded');
    });
  }

  /** Signs a head when the tree has grown, stores it, and keeps a copy beside the database. */
  signHead(): void {
    this.#signing = this.#signing.then(async () => {
      const head = headOf(this.#writer.tree);
      if (head.size === this.#head?.size || head.size === 0 || this.#fault !== null) return;
      try {
        const checkpoint = await signCheckpoint({ ...head, origin: this.identity.origin }, this.identity.signer);
        await this.#store.saveHead(head, checkpoint, new Date());
        await this.#folder.save(CHECKPOINT_FILE, checkpoint);
        this.#head = { ...head, checkpoint };
        for (const read of this.#readers) read(this.#head);
      } catch (error) {
        this.#log.warn({ err: error, size: head.size }, 'the tree head could not be stored; trying again within a second');
      }
    });
  }

  async close(): Promise<number> {
    const left = await this.#writer.close(5000);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.signHead();
    await this.#signing;
    return left;
  }

  /** Entries from `from` on; of those that `whole` denies, only what is public is shown. One that was altered has an empty opening. */
  async entries(from: number, limit: number, whole: (index: number) => boolean = () => true): Promise<StoredEntry[]> {
    return (await this.#store.entries(from, limit)).map((row) => this.#view(row, whole(row.index)));
  }

  /** Signed heads of fewer than `before` entries, the largest first. */
  heads(before: number, limit: number): Promise<StoredHead[]> {
    return this.#store.headsBefore(before, limit);
  }

  /** What led to an entry, and what it led to. */
  async links({ index, body, opening }: StoredEntry): Promise<EntryLinks> {
    const leaf = parseLeaf(utf8(body));
    const items = parseOpening(opening);
    if (!leaf.ok || !items.ok) return { cause: null, followed: [] };
    const cause = assemble(leaf.value, items.value).value['cause'];
    const followed = await this.#store.causedBy(index, leaf.value.id, MOST_LINKS);
    return { cause: typeof cause === 'string' ? await this.#store.placeOf(cause) : null, followed };
  }

  /** Entries of some kinds from the first on: what a state is folded from at start. One that was altered makes the ledger read only. */
  async *read<K extends LedgerEntryKind>(kinds: readonly K[]): AsyncGenerator<{ index: number; entry: EntryOf<K> }> {
    for await (const row of this.#store.ofKinds(kinds)) {
      const entry = this.#readOrSuspend(row);
      if (entry !== null && isOfKind(entry, kinds)) yield { index: row.index, entry };
    }
  }

  async lastAbout<K extends LedgerEntryKind>(kind: K, subject: string): Promise<EntryOf<K> | null> {
    const row = await this.#store.lastAbout(kind, subject);
    if (row === null) return null;
    const entry = this.#readOrSuspend(row);
    return entry !== null && isOfKind(entry, [kind]) ? entry : null;
  }

  /** Everything of a stored entry that can still be shown. Null for one that was altered, which makes the ledger read only. */
  open(row: StoredRow): readonly Item[] | null {
    return this.#orSuspend(() => this.#sealer.open(row));
  }

  #readOrSuspend(row: StoredRow): LedgerEntry | null {
    return this.#orSuspend(() => this.#sealer.read(row));
  }

  #orSuspend<T>(read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AlteredEntryError)) throw error;
      this.suspend({ index: error.index, message: error.message });
      return null;
    }
  }

  #view(row: StoredRow, whole: boolean): StoredEntry {
    const items = this.open(row) ?? [];
    const leafHash = toBase64(entryLeafHash(utf8(row.body), sha256));
    return { index: row.index, body: row.body, leafHash, opening: formatOpening(whole ? items : redact(items, isPublic, sha256)) };
  }
}

function isPublic(field: string): boolean {
  return shows('public', field);
}

function isOfKind<K extends LedgerEntryKind>(entry: LedgerEntry, kinds: readonly K[]): entry is EntryOf<K> {
  return kinds.some((kind) => kind === entry.kind);
}

/** Heads that are kept beside the database, where whoever changes it may not reach. */
function keptHeads(folder: DataFolder): (string | null)[] {
  return [folder.read(CHECKPOINT_FILE), folder.read(COSIGNED_FILE)];
}
