import type { Decision, Difference, PolicyRequest } from '@wheelhouse/protocol/policy';
import type { LoadedPolicy } from './load-bundle.ts';
import { PolicyMemo } from './policy-memo.ts';
import { requestKey } from './request-key.ts';

/** A request and how often it was asked. */
export type Asked = { readonly request: PolicyRequest; readonly count: number };

/** What two bundles say to the same requests. `decided` and `differing` count requests as often as they were asked. */
export type Comparison = { readonly decided: number; readonly differing: number; readonly differences: readonly Difference[] };

/** Distinct differences that are kept; those that come later are counted in `differing` alone. */
const MOST = 200;

/** Compares two bundles, request after request; both sides are asked anew, so that what was decided long ago by others does not matter. */
export class Comparing {
  readonly #inForce: PolicyMemo;
  readonly #candidate: PolicyMemo;
  readonly #found = new Map<string, Difference>();
  #decided = 0;
  #differing = 0;

  constructor(inForce: LoadedPolicy | null, candidate: LoadedPolicy | null) {
    this.#inForce = new PolicyMemo(inForce);
    this.#candidate = new PolicyMemo(candidate);
  }

  take({ request, count }: Asked): void {
    const inForce = this.#inForce.decide(request);
    const candidate = this.#candidate.decide(request);
    this.#decided += count;
    if (!differ(inForce, candidate)) return;
    this.#differing += count;
    const key = requestKey(request, null) ?? JSON.stringify(request);
    const known = this.#found.get(key);
    if (known !== undefined) known.count += count;
    else if (this.#found.size < MOST) this.#found.set(key, { request, inForce, candidate, count });
  }

  /** What was found so far, the most frequent first. */
  result(): Comparison {
    const differences = [...this.#found.values()].map((found) => ({ ...found })).sort((a, b) => b.count - a.count);
    return { decided: this.#decided, differing: this.#differing, differences };
  }
}

/** Every request that two bundles answer differently. */
export function differences(inForce: LoadedPolicy | null, candidate: LoadedPolicy | null, asked: Iterable<Asked>): Comparison {
  const comparing = new Comparing(inForce, candidate);
  for (const each of asked) comparing.take(each);
  return comparing.result();
}

/** Whether anything would have come out otherwise. Which policies said so, and what a failure says, is not what anybody notices. */
function differ(a: Decision, b: Decision): boolean {
  return (
    a.verdict !== b.verdict ||
    a.errors.length > 0 !== b.errors.length > 0 ||
    JSON.stringify(a.obligations) !== JSON.stringify(b.obligations)
  );
}
