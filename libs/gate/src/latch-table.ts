/**
 * The latch table: what the control thread says about each session, in memory that the stream threads share.
 *
 * One writer a word. The control thread writes `gate` and the leases; the stream thread that owns a slot writes the rest. A frame
 * costs the stream thread one load of `gate` between two stores of `out`; because atomics in JavaScript are sequentially consistent,
 * either the stream thread sees the closed gate and withholds, or the control thread sees the frame under way and counts it as left
 * (Dekker's argument). There is no third case, so an acknowledgement can name the exact last frame.
 *
 * Layout, in 32-bit words: a header of 16 words, then 16 words (a cache line) for each slot.
 */
const HEADER_WORDS = 16;
const SLOT_WORDS = 16;

/** The lease's end is kept in units of 50 ms, so that the word lasts three years of uptime. */
const LEASE_UNIT_MS = 50;
const LEASE_UNTIL = 0;
const CAPACITY = 1;

const GATE = 0;
const OUT = 1;
const TICK = 2;
const LEVEL_IN = 3;
const LEVEL_OUT = 4;
const OWNER = 5;
const WITHHELD = 6;
const LATE = 7;
const TICKET = 10;
const HUMAN = 11;
const CUTS = 12;
/** Float64 at words 8 and 9: when the last engine byte was handed to a socket, in milliseconds of the shared clock. */
const LEFT_AT = 4;

/** What an acknowledgement reads of a slot. `underWay`: frame number `sequence` is being handed to its socket at this moment. */
export type OutState = { readonly sequence: number; readonly underWay: boolean };

export class LatchTable {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #times: Float64Array;

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#times = new Float64Array(buffer);
  }

  /** A new table with room for `capacity` sessions: 64 bytes each. */
  static create(capacity: number): LatchTable {
    const table = new LatchTable(new SharedArrayBuffer((HEADER_WORDS + capacity * SLOT_WORDS) * 4));
    Atomics.store(table.#words, CAPACITY, capacity);
    return table;
  }

  /** The same table, seen from another thread. */
  static attach(buffer: SharedArrayBuffer): LatchTable {
    return new LatchTable(buffer);
  }

  get capacity(): number {
    return Atomics.load(this.#words, CAPACITY);
  }

  #at(slot: number, word: number): number {
    return HEADER_WORDS + slot * SLOT_WORDS + word;
  }

  /** Control thread: readies a slot for a session. Call before the session is known to any stream thread. */
  reset(slot: number, gate: number, tick: number, sequence: number): void {
    for (let word = 0; word < SLOT_WORDS; word += 1) Atomics.store(this.#words, this.#at(slot, word), 0);
    Atomics.store(this.#words, this.#at(slot, TICK), tick);
    Atomics.store(this.#words, this.#at(slot, OUT), sequence << 1);
    Atomics.store(this.#words, this.#at(slot, GATE), gate);
  }

  /** Control thread: the order itself. Takes effect on the very next frame. */
  setGate(slot: number, gate: number): void {
    Atomics.store(this.#words, this.#at(slot, GATE), gate);
  }

  gate(slot: number): number {
    return Atomics.load(this.#words, this.#at(slot, GATE));
  }

  /** Control thread: extends everyone's right to emit until `until`, in milliseconds of the shared clock, rounded down to 50. */
  renewLease(until: number): void {
    Atomics.store(this.#words, LEASE_UNTIL, Math.floor(until / LEASE_UNIT_MS));
  }

  leased(now: number): boolean {
    return now < Atomics.load(this.#words, LEASE_UNTIL) * LEASE_UNIT_MS;
  }

  /** Stream thread, before a frame is handed over: says which one, and answers with the gate word that decides about it. */
  begin(slot: number, sequence: number): number {
    Atomics.store(this.#words, this.#at(slot, OUT), (sequence << 1) | 1);
    return Atomics.load(this.#words, this.#at(slot, GATE));
  }

  /** Stream thread, after the hand-over (`sequence` left) or after withholding (`sequence` is the one that left before). */
  settle(slot: number, sequence: number): void {
    Atomics.store(this.#words, this.#at(slot, OUT), sequence << 1);
  }

  out(slot: number): OutState {
    const word = Atomics.load(this.#words, this.#at(slot, OUT));
    return { sequence: word >>> 1, underWay: (word & 1) === 1 };
  }

  /** Stream thread: takes the slot for connection `owner` (from 1). False when another connection holds it. */
  claim(slot: number, owner: number): boolean {
    return Atomics.compareExchange(this.#words, this.#at(slot, OWNER), 0, owner) === 0;
  }

  /** Gives the slot up; a no-op when `owner` does not hold it. */
  unclaim(slot: number, owner: number): void {
    Atomics.compareExchange(this.#words, this.#at(slot, OWNER), owner, 0);
  }

  owner(slot: number): number {
    return Atomics.load(this.#words, this.#at(slot, OWNER));
  }

  /** Control thread: the one ticket that may attach to this slot now. Numbers are never used twice, so an older ticket is void. */
  setTicket(slot: number, ticket: number): void {
    Atomics.store(this.#words, this.#at(slot, TICKET), ticket);
  }

  /** Stream thread: uses the ticket up. False when it is not the one in force. */
  useTicket(slot: number, ticket: number): boolean {
    return Atomics.compareExchange(this.#words, this.#at(slot, TICKET), ticket, 0) === ticket;
  }

  setTick(slot: number, tick: number): void {
    Atomics.store(this.#words, this.#at(slot, TICK), tick);
  }

  tick(slot: number): number {
    return Atomics.load(this.#words, this.#at(slot, TICK));
  }

  /** Loudness of the last tick, 0 to 1000 thousandths of full scale. */
  setLevels(slot: number, levelIn: number, levelOut: number): void {
    Atomics.store(this.#words, this.#at(slot, LEVEL_IN), levelIn);
    Atomics.store(this.#words, this.#at(slot, LEVEL_OUT), levelOut);
  }

  levels(slot: number): readonly [levelIn: number, levelOut: number] {
    return [Atomics.load(this.#words, this.#at(slot, LEVEL_IN)), Atomics.load(this.#words, this.#at(slot, LEVEL_OUT))];
  }

  /** Control thread, with an order: what was produced before it is not to leave after its release either. */
  countCut(slot: number): void {
    Atomics.add(this.#words, this.#at(slot, CUTS), 1);
  }

  /** How many orders have landed on the slot. */
  cuts(slot: number): number {
    return Atomics.load(this.#words, this.#at(slot, CUTS));
  }

  /** Stream thread: the number of the next human frame that leaves. It is no engine output, and `out` knows nothing of it. */
  nextHuman(slot: number): number {
    return Atomics.add(this.#words, this.#at(slot, HUMAN), 1) + 1;
  }

  countWithheld(slot: number): void {
    Atomics.add(this.#words, this.#at(slot, WITHHELD), 1);
  }

  withheld(slot: number): number {
    return Atomics.load(this.#words, this.#at(slot, WITHHELD));
  }

  countLate(slot: number): void {
    Atomics.add(this.#words, this.#at(slot, LATE), 1);
  }

  late(slot: number): number {
    return Atomics.load(this.#words, this.#at(slot, LATE));
  }

  /** When the slot's last engine frame was handed over, for time-to-effect figures; the proof of order is the sequence number. */
  setLeftAt(slot: number, at: number): void {
    this.#times[(HEADER_WORDS + slot * SLOT_WORDS) / 2 + LEFT_AT] = at;
  }

  leftAt(slot: number): number {
    return this.#times[(HEADER_WORDS + slot * SLOT_WORDS) / 2 + LEFT_AT] ?? 0;
  }
}
