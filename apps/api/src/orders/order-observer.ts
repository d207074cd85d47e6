import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { SessionEffect } from '@wheelhouse/protocol/order';
import type { Logger } from 'pino';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { SYSTEM } from '../ledger/new-entry.ts';

/** What is seen within this time goes into one entry. */
const GATHER_MS = 1000;

type Applied = Extract<LedgerEntry, { kind: 'order.applied' }>;
type Awaited = { readonly applied: Applied; readonly tick: number };

/**
 * Looks at what the sessions did after an order had silenced them: of each, the first second of ticks that lies wholly after the order, and the last
 * frame that had left by its end. It comes from the stream threads' evidence, not from the gate that the order closed.
 */
export class OrderObserver {
  readonly #ledger: Ledger;
  readonly #log: Logger;
  readonly #awaited = new Map<string, Awaited[]>();
  readonly #seen = new Map<Applied, SessionEffect[]>();
  readonly #parts = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(ledger: Ledger, log: Logger) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Awaits the evidence of the sessions that an order met. */
  await(entries: readonly LedgerEntry[]): void {
    for (const applied of entries) {
      if (applied.kind !== 'order.applied') continue;
      for (const { session, tick } of applied.data.sessions)
        this.#awaited.set(session, [...(this.#awaited.get(session) ?? []), { applied, tick }]);
    }
  }

  /** A second of evidence of a session: ticks `fromTick` to `toTick`, and the last frame that had left by then. */
  segment(segment: { session: string; fromTick: number; toTick: number; out: { last: number } }): void {
    const awaited = this.#awaited.get(segment.session);
    if (awaited === undefined) return;
    const later: Awaited[] = [];
    for (const one of awaited) {
      // The tick in which the gate closed may have let frames out before it did.
      if (segment.fromTick <= one.tick) later.push(one);
      else this.#see(one.applied, { session: segment.session, tick: segment.toTick, lastSequence: segment.out.last, settled: true });
    }
    if (later.length === 0) this.#awaited.delete(segment.session);
    else this.#awaited.set(segment.session, later);
  }

  /** A session that is over is not looked at any more. */
  forget(session: string): void {
    this.#awaited.delete(session);
  }

  /** Writes down what has been seen so far, at once. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const [applied, sessions] of this.#seen) {
      const { order } = applied.data;
      const part = (this.#parts.get(order) ?? 0) + 1;
      this.#parts.set(order, part);
      this.#ledger.append('order.observed', { order, part, sessions }, SYSTEM, { cause: applied.id }).catch((error: unknown) => {
        if (!(error instanceof LedgerUnavailableError))
          this.#log.error({ err: error, order }, 'what was seen of an order could not be recorded');
      });
    }
    this.#seen.clear();
  }

  #see(applied: Applied, effect: SessionEffect): void {
    this.#seen.set(applied, [...(this.#seen.get(applied) ?? []), effect]);
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, GATHER_MS);
  }
}
