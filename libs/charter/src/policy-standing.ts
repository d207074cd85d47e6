/**
 * Which bundles stand, one on top of the other: an adoption puts one on top, a rollback takes one away. What was rolled back can't be brought back by
 * another rollback, because that would be no restriction. The server and whoever audits its record fold the same.
 */
export class PolicyStanding<T extends { readonly digest: string }> {
  #standing: readonly T[] = [];

  get inForce(): T | null {
    return this.#standing.at(-1) ?? null;
  }

  /** What was in force right before, and can be gone back to. */
  get before(): T | null {
    return this.#standing.at(-2) ?? null;
  }

  adopt(version: T): void {
    this.#standing = [...this.#standing, version];
  }

  /**
   * Goes back from the bundle `replaced` to `bundle`, as `again` makes it of the version that stood there. Null, and nothing changes, where these two do
   * not stand one after the other.
   */
  rollBack({ bundle, replaced }: { readonly bundle: string; readonly replaced: string }, again: (back: T) => T): T | null {
    const at = this.#standing.findLastIndex(({ digest }) => digest === replaced);
    const back = this.#standing[at - 1];
    if (back?.digest !== bundle) return null;
    const version = again(back);
    // Another may have been adopted while the rollback was on its way into the ledger: that one stays.
    this.#standing = [...this.#standing.slice(0, at - 1), version, ...this.#standing.slice(at + 1)];
    return version;
  }
}
