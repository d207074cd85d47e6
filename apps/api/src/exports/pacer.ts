import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work in hand yields after this long: orders, ticks and the ledger's writer come first. */
const SLICE_MS = 3;

/** Lets others have the thread whenever this work has had it for a while. */
export class Pacer {
  #since = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await nextTurn();
    this.#since = performance.now();
  }
}
