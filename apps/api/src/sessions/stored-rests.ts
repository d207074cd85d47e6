import type { Logger } from 'pino';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import type { Rest } from '../stream/thread-messages.ts';

/** A database that hangs is as good as away: whoever asks for a ticket does not wait for it longer than this. */
const WITHIN_MS = 4000;

const MAY_BE_ATTACHED = { restTick: null, restSequence: null, restHead: null } as const;

/** `says`: what the row holds; null while that is not certain. `turn`: the writes to it, one after the other. */
type Row = { says: 'rest' | 'attached' | null; turn: Promise<unknown>; waiting: number };

/** What changes in a session's row. Without a rest: a client may be attached. */
export type RestChange = {
  readonly restTick: number | null;
  readonly restSequence: number | null;
  readonly restHead: Uint8Array<ArrayBuffer> | null;
  readonly endedAt?: Date;
  readonly endReason?: string;
};

/** Resolves when the change is durable. */
type WriteRow = (session: string, change: RestChange) => Promise<unknown>;

/**
 * What the database says about where sessions rest. A row without a rest says: a client may be attached. It says so before any ticket leaves,
 * so that after a crash nothing that could have run is taken for never having been.
 */
export class StoredRests {
  readonly #writeRow: WriteRow;
  readonly #log: Logger;
  readonly #rows = new Map<string, Row>();

  constructor(writeRow: WriteRow, log: Logger) {
    this.#writeRow = writeRow;
    this.#log = log;
  }

  /** A row that was read or written elsewhere. */
  knows(session: string, says: 'rest' | 'attached'): void {
    this.#rows.set(session, { says, turn: Promise.resolve(), waiting: 0 });
  }

  /** Whether the row holds the session's rest, or is about to. */
  holds(session: string): boolean {
    const row = this.#rows.get(session);
    return row === undefined || row.waiting > 0 || row.says === 'rest';
  }

  /** Resolves when the row says that a client may be attached, durably. Rejects where the database does not take it in time. */
  async mayBeAttached(session: string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new LedgerUnavailableError('The database does not answer, so no ticket can be handed out.'));
    }, WITHIN_MS);
    try {
      // What was asked for before may be written in between; then once more.
      while (!this.#isOpen(session)) await Promise.race([this.#write(session, 'attached', MAY_BE_ATTACHED), late.promise]);
    } catch (error) {
      if (error instanceof LedgerUnavailableError) throw error;
      this.#log.warn({ err: error, session }, 'a ticket could not be handed out: the database does not take where its session stands');
      throw new LedgerUnavailableError('The database is away, so no ticket can be handed out.');
    } finally {
      clearTimeout(timer);
    }
  }

  /** No client is attached, and none can come without another ticket. Nobody waits for this: where it fails, the row goes on saying less. */
  rests(session: string, { tick, sequence, head }: Rest): void {
    this.#write(session, 'rest', { restTick: tick, restSequence: sequence, restHead: Buffer.from(head) }).catch((error: unknown) => {
      this.#log.warn({ err: error, session }, 'where a session rests could not be stored; trying again');
    });
  }

  /** The session is over for good. */
  async end(session: string, { tick, sequence, head }: Rest, over: { endedAt: Date; endReason: string }): Promise<void> {
    await this.#write(session, 'rest', { restTick: tick, restSequence: sequence, restHead: Buffer.from(head), ...over });
    this.#rows.delete(session);
  }

  /** Resolves when nothing is under way any more, or after `withinMs`. */
  async settled(withinMs: number): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    await Promise.race([Promise.all([...this.#rows.values()].map(({ turn }) => turn)), late]);
  }

  #isOpen(session: string): boolean {
    const row = this.#rows.get(session);
    return row?.waiting === 0 && row.says === 'attached';
  }

  #write(session: string, says: 'rest' | 'attached', change: RestChange): Promise<void> {
    const row: Row = this.#rows.get(session) ?? { says: null, turn: Promise.resolve(), waiting: 0 };
    this.#rows.set(session, row);
    row.waiting += 1;
    const work = row.turn
      .then(async () => {
        row.says = null;
        await this.#writeRow(session, change);
        row.says = says;
      })
      .finally(() => {
        row.waiting -= 1;
      });
    row.turn = work.catch(() => undefined);
    return work;
  }
}
