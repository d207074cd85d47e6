import { TICK_MS } from '@wheelhouse/protocol/tick';

/** Sessions are spread over this many phases of the tick, so that a thread works in small steps rather than in one burst. */
const PHASES = 20;
const STEP_MS = TICK_MS / PHASES;

/** Told of every deadline of a phase: the sessions on it, and how late the wheel is, in milliseconds. */
export type OnPhase<T> = (riders: ReadonlySet<T>, latenessMs: number) => void;

/**
 * One wheel of absolute deadlines for all sessions of a thread. Deadline n is at start + n * 10 ms, counted from the start and never
 * re-armed relatively, so that nothing drifts; after a pause the wheel catches up deadline by deadline.
 */
export class TickWheel<T> {
  readonly #phases: Set<T>[] = Array.from({ length: PHASES }, () => new Set<T>());
  readonly #now: () => number;
  readonly #onPhase: OnPhase<T>;
  readonly #start: number;
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(now: () => number, onPhase: OnPhase<T>) {
    this.#now = now;
    this.#onPhase = onPhase;
    this.#start = now();
    this.#arm();
  }

  /** Puts a rider on the emptiest phase; it is ticked every 200 ms from then on. */
  add(rider: T): void {
    let emptiest = this.#phases[0];
    for (const phase of this.#phases) if (emptiest === undefined || phase.size < emptiest.size) emptiest = phase;
    emptiest?.add(rider);
  }

  remove(rider: T): void {
    for (const phase of this.#phases) if (phase.delete(rider)) return;
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #arm(): void {
    const wait = this.#start + this.#next * STEP_MS - this.#now();
    this.#timer = setTimeout(
      () => {
        this.#turn();
      },
      Math.max(0, wait),
    );
  }

  /** Runs the earliest deadline that is due. When more are due, sockets are read in between: what they bring may be in time yet. */
  #turn(): void {
    const due = this.#start + this.#next * STEP_MS;
    const lateness = this.#now() - due;
    if (lateness >= 0) {
      const phase = this.#phases[this.#next % PHASES];
      this.#next += 1;
      if (phase !== undefined && phase.size > 0) this.#onPhase(phase, lateness);
    }
    if (this.#stopped) return;
    if (this.#now() >= this.#start + this.#next * STEP_MS) {
      setImmediate(() => {
        this.#turn();
      });
    } else this.#arm();
  }
}
