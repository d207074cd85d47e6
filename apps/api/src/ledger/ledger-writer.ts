import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { EntrySealer, Prepared } from './entry-sealer.ts';
import { grow, type GrowingTree } from './growing-tree.ts';
import { LedgerSizeError, type LedgerStore } from './ledger-store.ts';

const MAX_BATCH = 1000;
/** How long the first entry of a batch waits for company. */
const COMPANY_MS = 2;
const RETRY_MS = [50, 200, 500, 1000] as const;

export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';
}

type Waiting = {
  readonly leaf: Prepared;
  /** Whether it belongs to the one before: they are written in one batch. */
  readonly joined: boolean;
  readonly queuedAt: number;
  readonly resolve: (index: number) => void;
  readonly reject: (error: Error) => void;
};

/**
 * Group commit: entries wait at most a few milliseconds for company, are sequenced and made durable in one transaction, and only then
 * acknowledged with their index. When the database is away, entries are kept in order and tried again; `backlog` tells how long.
 */
export class LedgerWriter {
  readonly #store: LedgerStore;
  readonly #sealer: EntrySealer;
  readonly #now: () => number;
  readonly #onTrouble: (error: Error | null) => void;
  #tree: GrowingTree;
  #queue: Waiting[] = [];
  #batch: Waiting[] = [];
  #draining = false;
  #failures = 0;
  #closed = false;
  #suspended: string | null = null;

  /** `onTrouble` is told when a write fails, and with null when writes succeed again. */
  constructor(
    parts: { readonly store: LedgerStore; readonly sealer: EntrySealer },
    tree: GrowingTree,
    options: { now: () => number; onTrouble: (error: Error | null) => void },
  ) {
    this.#store = parts.store;
    this.#sealer = parts.sealer;
    this.#tree = tree;
    this.#now = options.now;
    this.#onTrouble = options.onTrouble;
  }

  /** The tree of everything that is durable. */
  get tree(): GrowingTree {
    return this.#tree;
  }

  /** Entries that are not durable yet, and the age of the oldest in milliseconds. */
  get backlog(): { readonly entries: number; readonly oldestMs: number } {
    const oldest = this.#batch[0] ?? this.#queue[0];
    return { entries: this.#queue.length + this.#batch.length, oldestMs: oldest === undefined ? 0 : this.#now() - oldest.queuedAt };
  }

  /** Appends an entry; resolves with its index when it is durable, however long that takes. Rejects only when the writer is closed. */
  append(entry: LedgerEntry): Promise<number> {
    return this.#wait(this.#sealer.prepare(entry), false).done;
  }

  /**
   * As `append`, for permissive acts: when the entry can't be made durable within `withinMs`, it is taken back and `LedgerUnavailableError`
   * is thrown. An entry whose transaction is under way is awaited: it is either durable or taken back, never both.
   */
  async appendWithin(entry: LedgerEntry, withinMs: number): Promise<number> {
    const [index] = await this.appendTogetherWithin([entry], withinMs);
    if (index === undefined) throw new Error('one entry has one index');
    return index;
  }

  /** As `appendWithin`, for entries that belong together: all of them become durable at once, one after the other, or none does. */
  async appendTogetherWithin(entries: readonly LedgerEntry[], withinMs: number): Promise<number[]> {
    const leaves = entries.map((entry) => this.#sealer.prepare(entry));
    const together = leaves.map((leaf, i) => this.#wait(leaf, i > 0));
    const timer = setTimeout(() => {
      for (const { waiting } of together) this.#giveUp(waiting);
    }, withinMs);
    try {
      return await Promise.all(together.map(({ done }) => done));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes what is queued, as far as the database lets it within `withinMs`, and takes no more. Returns how many entries were left. */
  async close(withinMs: number): Promise<number> {
    const deadline = this.#now() + withinMs;
    while (this.backlog.entries > 0 && this.#now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#closed = true;
    const left = this.backlog.entries;
    for (const waiting of this.#queue) waiting.reject(new LedgerUnavailableError('The server stopped before this entry could be stored.'));
    this.#queue = [];
    return left;
  }

  /** Takes no more, and gives up what waits, for good: `why` is what callers are told. What is under way may still become durable. */
  suspend(why: string): void {
    this.#suspended = why;
    for (const waiting of this.#queue) waiting.reject(new LedgerUnavailableError(why));
    this.#queue = [];
  }

  #wait(leaf: Waiting['leaf'], joined: boolean): { readonly done: Promise<number>; readonly waiting: Waiting } {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const waiting: Waiting = { leaf, joined, queuedAt: this.#now(), resolve, reject };
    if (this.#closed || this.#suspended !== null) {
      reject(new LedgerUnavailableError(this.#suspended ?? 'The server is stopping.'));
      return { done: promise, waiting };
    }
    this.#queue.push(waiting);
    void this.#drain();
    return { done: promise, waiting };
  }

  #giveUp(waiting: Waiting): void {
    const at = this.#queue.indexOf(waiting);
    if (at >= 0) this.#queue.splice(at, 1);
    else if (this.#batch.includes(waiting)) this.#abandoned.add(waiting);
    if (at >= 0) waiting.reject(new LedgerUnavailableError('The ledger could not store the entry in time; nothing was changed.'));
  }

  /** Given up while their transaction was under way: should it turn out to have failed, they are not tried again. */
  readonly #abandoned = new Set<Waiting>();

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    await new Promise((resolve) => setTimeout(resolve, COMPANY_MS));
    while (this.#queue.length > 0 && !this.#closed && this.#suspended === null) {
      this.#batch = this.#queue.splice(0, this.#batchSize());
      try {
        await this.#commit(this.#batch);
        if (this.#failures > 0) this.#onTrouble(null);
        this.#failures = 0;
      } catch (error) {
        this.#failures += 1;
        this.#onTrouble(error instanceof Error ? error : new Error(String(error)));
        await this.#afterFailure();
      }
      this.#batch = [];
    }
    this.#draining = false;
    // What a failed write put back after the suspension is given up as well.
    if (this.#suspended !== null) this.suspend(this.#suspended);
  }

  /** A batch ends where the next entry does not belong to the one before. */
  #batchSize(): number {
    let size = MAX_BATCH;
    while (this.#queue[size]?.joined === true) size += 1;
    return size;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const from = this.#tree.range.size;
    const prepared = batch.map((waiting) => waiting.leaf);
    await this.#sealer.ensureKeys(prepared);
    const leaves = prepared.map((leaf) => this.#sealer.finish(leaf));
    const { tree, tiles } = grow(
      this.#tree,
      leaves.map((leaf) => leaf.leafHash),
    );
    await this.#store.append(from, leaves, tiles);
    this.#adopt(tree, batch);
  }

  #adopt(tree: GrowingTree, batch: readonly Waiting[]): void {
    const from = this.#tree.range.size;
    this.#tree = tree;
    for (const [i, waiting] of batch.entries()) {
      this.#abandoned.delete(waiting);
      waiting.resolve(from + i);
    }
  }

  /** The batch's fate may be unknown (a commit whose answer was lost): the database is asked before anything is tried again. */
  async #afterFailure(): Promise<void> {
    const batch = this.#batch;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 1000));
      if (this.#closed) break;
      try {
        const stored = await this.#store.idsFrom(this.#tree.range.size);
        if (stored.length === batch.length && stored.every((id, i) => id === batch[i]?.leaf.id)) {
          this.#adopt(
            grow(
              this.#tree,
              batch.map((waiting) => waiting.leaf.leafHash),
            ).tree,
            batch,
          );
          return;
        }
        if (stored.length === 0) break;
        throw new LedgerSizeError(this.#tree.range.size, this.#tree.range.size + stored.length);
      } catch (error) {
        this.#failures += 1;
        this.#onTrouble(error instanceof Error ? error : new Error(String(error)));
      }
    }
    const retry: Waiting[] = [];
    for (const waiting of batch) {
      if (this.#abandoned.delete(waiting))
        waiting.reject(new LedgerUnavailableError('The ledger could not store the entry in time; nothing was changed.'));
      else retry.push(waiting);
    }
    this.#queue.unshift(...retry);
  }
}
