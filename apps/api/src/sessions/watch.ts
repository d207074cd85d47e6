import { levelOf } from '@wheelhouse/gate/gate-word';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { SessionRegistry } from './session-registry.ts';

/** A console renews the watch every five seconds; without a renewal this long, nobody is on watch. */
const WATCH_MS = 12_000;
const CHECK_MS = 100;

/** The watch lease of levels 4 and 5: while no human who may give orders is on watch, those sessions stand at level 3. */
export class Watch {
  readonly #registry: SessionRegistry;
  readonly #keeper: OrderBookKeeper;
  readonly #streams: StreamHost;
  readonly #now: () => number;
  #until = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: { registry: SessionRegistry; keeper: OrderBookKeeper; streams: StreamHost; now: () => number }) {
    this.#registry = parts.registry;
    this.#keeper = parts.keeper;
    this.#streams = parts.streams;
    this.#now = parts.now;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#check();
    }, CHECK_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** A human with the right to give orders is at the console. */
  renew(): void {
    this.#until = this.#now() + WATCH_MS;
    this.#check();
  }

  #check(): void {
    const watched = this.#now() < this.#until;
    if (watched === this.#registry.watched) return;
    const changed = this.#registry.restand(this.#keeper.book.latches.values(), watched);
    this.#streams.notice(
      changed.map((session) => {
        const word = this.#registry.wordOf(session);
        const event = { type: 'level', level: levelOf(word), tick: this.#registry.effectOf(session).tick } as const;
        return { slot: session.slot, session: session.facts.session, event };
      }),
    );
  }
}
