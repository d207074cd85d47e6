import { inForce } from '@wheelhouse/content/content-book';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { Logger } from 'pino';
import { SYSTEM } from '../ledger/new-entry.ts';
import type { ContentKeeper } from './content-keeper.ts';
import type { ContentStore, StoredPiece } from './content-store.ts';

const EVERY_MS = 60 * 60 * 1000;

/** What this needs of the ledger. */
type ExpiryLedger = {
  readonly appendFirst: (kind: 'content.expired', data: EntryOf<'content.expired'>['data'], by: Actor) => Promise<number>;
};

/** Deletes content whose time has come, at start and every hour, unless a legal hold covers it. The ledger is told first. */
export class RetentionKeeper {
  readonly #keeper: ContentKeeper;
  readonly #store: Pick<ContentStore, 'due' | 'expire'>;
  readonly #ledger: ExpiryLedger;
  readonly #log: Logger;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #next = 0;

  /** `now`: a clock that never steps, in milliseconds. Whether a piece's time has come is asked of the wall clock. */
  constructor(parts: {
    keeper: ContentKeeper;
    store: Pick<ContentStore, 'due' | 'expire'>;
    ledger: ExpiryLedger;
    log: Logger;
    now: () => number;
  }) {
    this.#keeper = parts.keeper;
    this.#store = parts.store;
    this.#ledger = parts.ledger;
    this.#log = parts.log;
    this.#now = parts.now;
  }

  start(): void {
    this.#next = this.#now();
    this.#arm();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Returns how many pieces were deleted. */
  async expire(today: Date): Promise<number> {
    let count = 0;
    for (;;) {
      const expired = await this.#keeper.inTurn(() => this.#some(today));
      if (expired === 0) return count;
      count += expired;
    }
  }

  /** Some of what is due, in one turn: a hold that is placed at the same time comes before it or after it. */
  async #some(today: Date): Promise<number> {
    const targets = inForce(this.#keeper.book).map(({ target }) => target);
    const due = await this.#store.due(today, {
      subjects: targets.flatMap(({ subject }) => (subject === null ? [] : [subject])),
      sessions: targets.flatMap(({ session }) => (session === null ? [] : [session])),
    });
    for (const [retention, pieces] of Map.groupBy(due, (piece: StoredPiece) => piece.retention)) {
      const ids = pieces.map(({ id }) => id);
      await this.#ledger.appendFirst('content.expired', { content: ids, retention }, SYSTEM);
      await this.#store.expire(ids);
    }
    return due.length;
  }

  #arm(): void {
    this.#timer = setTimeout(
      () => {
        this.#next += EVERY_MS;
        this.#arm();
        this.expire(new Date()).then(
          (count) => {
            if (count > 0) this.#log.info({ pieces: count }, 'recorded content whose time had come was deleted');
          },
          (error: unknown) => {
            this.#log.warn({ err: error }, 'recorded content whose time has come could not be deleted; trying again within an hour');
          },
        );
      },
      Math.max(0, this.#next - this.#now()),
    );
  }
}
