/** Time as somebody else tells it: milliseconds that only grow, and a call later. */
export type Clock = { readonly now: () => number; readonly after: (ms: number, act: () => void) => void };

type Waiting<Input, Output> = { input: Input; readonly done: ((output: Output) => void)[]; readonly failed: ((why: unknown) => void)[] };

/**
 * Work that is too slow to be done for everything that comes: one piece at a time, its starts at least `everyMs` apart. What comes meanwhile waits, and of
 * what waits only the latest is worked on; those before it get its result.
 */
export class LatestOnly<Input, Output> {
  readonly #work: (input: Input) => Promise<Output>;
  readonly #everyMs: number;
  readonly #clock: Clock;
  #waiting: Waiting<Input, Output> | null = null;
  #busy = false;
  #startedAt = Number.NEGATIVE_INFINITY;

  constructor(work: (input: Input) => Promise<Output>, everyMs: number, clock: Clock) {
    this.#work = work;
    this.#everyMs = everyMs;
    this.#clock = clock;
  }

  ask(input: Input): Promise<Output> {
    return new Promise((done, failed) => {
      if (this.#waiting === null) this.#waiting = { input, done: [done], failed: [failed] };
      else {
        this.#waiting.input = input;
        this.#waiting.done.push(done);
        this.#waiting.failed.push(failed);
      }
      if (!this.#busy) this.#begin();
    });
  }

  #begin(): void {
    this.#busy = true;
    const early = this.#startedAt + this.#everyMs - this.#clock.now();
    if (early > 0) this.#clock.after(early, () => void this.#run());
    else void this.#run();
  }

  async #run(): Promise<void> {
    const job = this.#waiting;
    this.#waiting = null;
    this.#startedAt = this.#clock.now();
    if (job !== null) {
      try {
        const output = await this.#work(job.input);
        for (const done of job.done) done(output);
      } catch (error) {
        for (const failed of job.failed) failed(error);
      }
    }
    this.#busy = false;
    if (this.#hasWaiting()) this.#begin();
  }

  #hasWaiting(): boolean {
    return this.#waiting !== null;
  }
}
