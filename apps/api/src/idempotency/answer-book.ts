/** How many answers are kept, and for how long. */
export type AnswerBounds = { readonly keepMs: number; readonly mostOfCaller: number; readonly most: number };

/** A request: whose it is, the key it came under, and a digest of everything that it says. */
export type KeyedRequest = { readonly caller: string; readonly key: string; readonly digest: string };

/** `repeated`: the answer is that of the same request before. `other`: under this key something else was asked. */
export type Answered<T> = { readonly type: 'answer'; readonly answer: Promise<T>; readonly repeated: boolean } | { readonly type: 'other' };

type Kept<T> = { readonly digest: string; readonly at: number; readonly answer: Promise<T> };

/**
 * Answers by the keys that callers sent along, so that a request that is sent again is not carried out again. What failed is not kept: it may be
 * tried again. Beyond the bounds the oldest are forgotten: a caller's own, and of all the answers those of whoever has the most, so that nobody
 * makes the book forget what others did.
 */
export class AnswerBook<T> {
  readonly #bounds: AnswerBounds;
  readonly #now: () => number;
  /** By caller and key; the oldest first. */
  readonly #kept = new Map<string, Map<string, Kept<T>>>();
  #size = 0;

  constructor(bounds: AnswerBounds, now: () => number) {
    this.#bounds = bounds;
    this.#now = now;
  }

  get size(): number {
    return this.#size;
  }

  /** The answer to `request`: as it was, or is about to be, given before; or else what `make` comes to. */
  answer({ caller, key, digest }: KeyedRequest, make: () => Promise<T>): Answered<T> {
    const known = this.#known(caller, key);
    if (known !== null) return known.digest === digest ? { type: 'answer', answer: known.answer, repeated: true } : { type: 'other' };
    const made: Kept<T> = { digest, at: this.#now(), answer: make() };
    this.#keep(caller, key, made);
    made.answer.catch(() => {
      if (this.#kept.get(caller)?.get(key) === made) this.#drop(caller, key);
    });
    return { type: 'answer', answer: made.answer, repeated: false };
  }

  #known(caller: string, key: string): Kept<T> | null {
    const kept = this.#kept.get(caller)?.get(key) ?? null;
    return kept === null || this.#isOver(kept) ? null : kept;
  }

  #isOver({ at }: Kept<T>): boolean {
    return this.#now() - at >= this.#bounds.keepMs;
  }

  #keep(caller: string, key: string, made: Kept<T>): void {
    this.#drop(caller, key);
    const own = this.#kept.get(caller) ?? new Map<string, Kept<T>>();
    this.#kept.set(caller, own.set(key, made));
    this.#size += 1;
    for (const [oldest, kept] of own) {
      if (own.size <= this.#bounds.mostOfCaller && !this.#isOver(kept)) break;
      this.#drop(caller, oldest);
    }
    if (this.#size > this.#bounds.most) this.#dropOfGreatest();
  }

  #dropOfGreatest(): void {
    const [greatest] = [...this.#kept].sort(([, one], [, other]) => other.size - one.size);
    const oldest = greatest?.[1].keys().next().value;
    if (greatest !== undefined && oldest !== undefined) this.#drop(greatest[0], oldest);
  }

  #drop(caller: string, key: string): void {
    const own = this.#kept.get(caller);
    if (own?.delete(key) !== true) return;
    this.#size -= 1;
    if (own.size === 0) this.#kept.delete(caller);
  }
}
