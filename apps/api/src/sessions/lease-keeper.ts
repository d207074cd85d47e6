import type { LatchTable } from '@wheelhouse/gate/latch-table';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bulletin } from '../operator/bulletin.ts';

const RENEW_MS = 200;
const LEASE_MS = 1000;
/** Evidence may wait this long, or be this much, before the right to emit ends (law 4: no room left in the ledger). */
const MOST_BACKLOG_MS = 3000;
const MOST_BACKLOG = 50_000;

/**
 * The lease that everyone's right to emit hangs on. The control thread renews it five times a second, as long as it runs itself and the
 * ledger keeps up. When it does not, nothing has to be done: the lease runs out, and the gates withhold by themselves.
 */
export class LeaseKeeper {
  readonly #table: LatchTable;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #bulletin: Bulletin;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | null = null;
  #held = true;

  constructor(parts: { table: LatchTable; ledger: Ledger; now: () => number; bulletin: Bulletin; log: Logger }) {
    this.#table = parts.table;
    this.#ledger = parts.ledger;
    this.#now = parts.now;
    this.#bulletin = parts.bulletin;
    this.#log = parts.log;
  }

  get held(): boolean {
    return this.#held;
  }

  start(): void {
    this.#renew();
    this.#timer = setInterval(() => {
      this.#renew();
    }, RENEW_MS);
  }

  /** Ends the lease at once: nothing of any engine leaves any more. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#table.renewLease(0);
  }

  #renew(): void {
    const { entries, oldestMs } = this.#ledger.backlog;
    const { fault } = this.#ledger;
    const held = fault === null && oldestMs < MOST_BACKLOG_MS && entries < MOST_BACKLOG;
    if (held) this.#table.renewLease(this.#now() + LEASE_MS);
    if (held === this.#held) return;
    this.#held = held;
    // The fault has an alarm of its own.
    if (fault !== null) return;
    const message = held
      ? 'The ledger keeps up again; engines may speak.'
      : `The ledger is behind (${entries} entries, the oldest for ${Math.round(oldestMs / 1000)} s). Until it keeps up, no engine output leaves. Check the database.`;
    this.#log[held ? 'info' : 'error']({ entries, oldestMs }, 'lease');
    this.#bulletin.post({ event: 'alarm', data: { code: 'ledger_behind', message, raised: !held } }, null);
  }
}
