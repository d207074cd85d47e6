/** A door for work: any number may be inside at once, or one alone. */
export class SwingDoor {
  readonly #inside = new Set<Promise<unknown>>();
  /** The end of whoever is alone inside, or about to be. */
  #alone: Promise<unknown> | null = null;

  /** Does `work` beside others, once nobody is alone inside. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    const done = work();
    const left = done.then(nothing, nothing);
    this.#inside.add(left);
    try {
      return await done;
    } finally {
      this.#inside.delete(left);
    }
  }

  /** Does `work` while nobody else is inside: whoever is there finishes first, whoever comes waits. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    const done = Promise.all(this.#inside).then(work);
    const left = done.then(nothing, nothing);
    this.#alone = left;
    try {
      return await done;
    } finally {
      if (this.#alone === left) this.#alone = null;
    }
  }
}

function nothing(): void {
  // Whoever waits at the door does not hear how it went inside.
}
