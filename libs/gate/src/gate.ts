import type { FrameKind, FrameSource } from '@wheelhouse/protocol/frame';
import { type Withheld, withheldBy } from './gate-word.ts';
import type { LatchTable } from './latch-table.ts';

/** What became of a frame at the gate. `busy`: the client has not taken the frame before it, so this one is dropped rather than queued. */
export type Passage = { readonly left: true; readonly sequence: number } | { readonly left: false; readonly why: Withheld | 'busy' };

/**
 * Hands a frame to the socket; true when all its bytes went on, false when some wait in this process for a slow client. `soon`: they go on by
 * themselves in this turn of the event loop, as TLS has it; what is handed over until then goes with them.
 */
export type HandOver = (sequence: number) => boolean | 'soon';

/**
 * The gate of one session: the last thing before the wire. Every engine and human frame goes through `pass`, one at a time.
 * `lastSequence` is the number of the last engine frame that left; a human's frames are numbered apart from these.
 */
export class Gate {
  readonly #table: LatchTable;
  readonly #slot: number;
  #lastSequence: number;
  /** Whose frame still waits in this process for a slow client. */
  #underWay: 'engine' | 'human' | null = null;
  /** It waits for the end of this turn only. */
  #isSoon = false;

  constructor(table: LatchTable, slot: number) {
    this.#table = table;
    this.#slot = slot;
    this.#lastSequence = table.out(slot).sequence;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** How many orders have landed on the session: what was produced before the last of them is never let out. */
  get cuts(): number {
    return this.#table.cuts(this.#slot);
  }

  get word(): number {
    return this.#table.gate(this.#slot);
  }

  /** Lets the frame through, or withholds it. `now` is the shared clock in milliseconds. The one place where engine output leaves. */
  pass(source: FrameSource | 'approved', kind: FrameKind, now: number, handOver: HandOver): Passage {
    if (this.#underWay !== null && !this.#isSoon) return { left: false, why: 'busy' };
    if (source === 'human') return this.#passHuman(kind, handOver);
    const sequence = this.#lastSequence + 1;
    const word = this.#table.begin(this.#slot, sequence);
    const why = withheldBy(word, source, kind, this.#table.leased(now));
    if (why !== null) {
      if (this.#underWay === 'engine') this.#table.begin(this.#slot, this.#lastSequence);
      else this.#table.settle(this.#slot, this.#lastSequence);
      return { left: false, why };
    }
    this.#lastSequence = sequence;
    this.#handed('engine', handOver(sequence));
    if (this.#underWay === null) this.#table.settle(this.#slot, sequence);
    return { left: true, sequence };
  }

  /** Not announced in the table's `out`: that is about the engine, whom alone an order stops, and an acknowledgement must not wait for a human's frame. */
  #passHuman(kind: FrameKind, handOver: HandOver): Passage {
    const why = withheldBy(this.word, 'human', kind, true);
    if (why !== null) return { left: false, why };
    const sequence = this.#table.nextHuman(this.#slot);
    this.#handed('human', handOver(sequence));
    return { left: true, sequence };
  }

  #handed(source: 'engine' | 'human', went: ReturnType<HandOver>): void {
    // Bytes of the engine's that are on their way stay the engine's, whatever joins them.
    this.#underWay = went === true ? null : this.#underWay === 'engine' ? 'engine' : source;
    this.#isSoon = went === 'soon';
  }

  /** What was to go on soon did not: it waits for a slow client. */
  lingers(): void {
    this.#isSoon = false;
  }

  /** The socket took the rest of the frame under way, or is gone: nothing of this session waits in the process any more. */
  drained(): void {
    this.#underWay = null;
    this.#isSoon = false;
    this.#table.settle(this.#slot, this.#lastSequence);
  }

  /** Whether bytes of a frame that left are still waiting in this process for a slow client. */
  get underWay(): boolean {
    return this.#underWay !== null;
  }

  /** Whether bytes of the engine's are among them that won't go on soon: these an order cuts off. */
  get engineUnderWay(): boolean {
    return this.#underWay === 'engine' && !this.#isSoon;
  }
}
