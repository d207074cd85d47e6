import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Gate, HandOver } from '@wheelhouse/gate/gate';
import { withheldBy } from '@wheelhouse/gate/gate-word';

/** TLS hands on what it was given by the end of a turn of the event loop; what is here for longer waits for a slow client. */
const SOON_MS = 5;
const AGAIN_MS = 20;

/** Knows when what was handed to a client's socket has left this process, and tells the gate. */
export class Outflow {
  readonly #wire: Duplex;
  readonly #gate: Gate;
  readonly #onOrderMissed: () => void;
  #isWatching = false;
  #again: NodeJS.Timeout | null = null;

  /** `onOrderMissed`: an order landed while bytes seemed to be on their way, and they are not: they must not leave any more (law 3). */
  constructor(wire: Duplex, gate: Gate, onOrderMissed: () => void) {
    this.#wire = wire;
    this.#gate = gate;
    this.#onOrderMissed = onOrderMissed;
  }

  /** Whether the frame that was just handed to the socket went on. */
  went(): ReturnType<HandOver> {
    if (this.#wire.writableLength === 0) return true;
    if (!(this.#wire instanceof TLSSocket)) return false;
    this.#watch();
    return 'soon';
  }

  /** The socket has taken a message. */
  readonly flushed = (): void => {
    if (!this.#gate.underWay) return;
    if (this.#wire.writableLength === 0) this.#gate.drained();
    else this.#lookAgain();
  };

  /** Something else waits behind it, such as an answer to a ping, of whose end nobody tells. */
  #lookAgain(): void {
    if (this.#again !== null) return;
    this.#again = setTimeout(() => {
      this.#again = null;
      if (!this.#wire.destroyed) this.flushed();
    }, AGAIN_MS).unref();
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    setTimeout(() => {
      this.#isWatching = false;
      if (!this.#gate.underWay) return;
      this.#gate.lingers();
      if (withheldBy(this.#gate.word, 'engine', 'audio', true) !== null) this.#onOrderMissed();
    }, SOON_MS).unref();
  }
}
