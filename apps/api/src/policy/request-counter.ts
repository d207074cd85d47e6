import { requestKey } from '@wheelhouse/policy/request-key';
import type { PolicyRequest } from '@wheelhouse/protocol/policy';

/** A request and how often it was decided on. */
export type Counted = { readonly request: PolicyRequest; count: number };

/** Distinct requests that are kept apart: each costs both bundles a decision when they are compared. */
const MOST = 5000;

/** Counts requests, the same ones together. */
export class RequestCounter {
  readonly #counted = new Map<string, Counted>();
  #leftOut = 0;

  add(request: PolicyRequest, count: number): void {
    const key = requestKey(request, null) ?? JSON.stringify(request);
    const known = this.#counted.get(key);
    if (known !== undefined) known.count += count;
    else if (this.#counted.size < MOST) this.#counted.set(key, { request, count });
    else this.#leftOut += count;
  }

  get counted(): readonly Counted[] {
    return [...this.#counted.values()];
  }

  /** Decisions on requests for which there was no more room. */
  get leftOut(): number {
    return this.#leftOut;
  }
}
