import type { FrameKind, FrameSource } from '@wheelhouse/protocol/frame';
import { type Withheld, withheldBy } from './gate-word.ts';
import type { LatchTable } from './latch-table.ts';

/** What became of a frame at the gate. `busy`: the client has not taken the frame before it, so this one is dropped rather than queued. */
export type Passage = { readonly left: true; readonly sequence: number } | { readonly left: false; readonly why: Withheld | 'busy' };

/** Hands a frame to the socket; true when all its bytes went on, false when some wait in this process for a slow client. */
export type HandOver = (sequence: number) => boolean;

/**
 * The gate of one session: the last thing before the wire. Every engine and human frame goes through `pass`, one at a time.
 * `lastSequence` is the number of the last frame that left.
 */
export class Gate {
  readonly #table: LatchTable;
  readonly #slot: number;
  #lastSequence: number;
  #underWay = false;

  constructor(table: LatchTable, slot: number) {
    this.#table = table;
    this.#slot = slot;
    this.#lastSequence = table.out(slot).sequence;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  get word(): number {
    return this.#table.gate(this.#slot);
  }

  /** Lets the frame through, or withholds it. `now` is the shared clock in milliseconds. The one place where engine output leaves. */
  pass(source: FrameSource, kind: FrameKind, now: number, handOver: HandOver): Passage {
    if (this.#underWay) return { left: false, why: 'busy' };
    const sequence = this.#lastSequence + 1;
    const word = this.#table.begin(this.#slot, sequence);
    const why = withheldBy(word, source, kind, this.#table.leased(now));
    if (why !== null) {
      this.#table.settle(this.#slot, this.#lastSequence);
      return { left: false, why };
    }
    this.#lastSequence = sequence;
    this.#underWay = !handOver(sequence);
    if (!this.#underWay) this.#table.settle(this.#slot, sequence);
    return { left: true, sequence };
  }

  /** The socket took the rest of the frame under way, or is gone: nothing of this session waits in the process any more. */
  drained(): void {
    this.#underWay = false;
    this.#table.settle(this.#slot, this.#lastSequence);
  }

  /** Whether bytes of a frame that left are still waiting in this process for a slow client. */
  get underWay(): boolean {
    return this.#underWay;
  }
}
