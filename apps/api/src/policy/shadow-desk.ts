import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { ShadowView } from '@wheelhouse/protocol/policy-view';
import { actorOf } from '../identity/principals.ts';
import { Refusal } from '../problem/refusal.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import type { PolicyLab } from './policy-lab.ts';
import { requireHouse } from './policy-rights.ts';
import { RequestCounter } from './request-counter.ts';

type Parts = { readonly keeper: PolicyKeeper; readonly lab: PolicyLab; readonly nameOf: (id: string) => string };
type Shadow = {
  readonly bundle: PolicyBundle;
  readonly digest: string;
  readonly by: Actor;
  since: string;
  counter: RequestCounter;
  readonly stop: () => void;
};

/** A bundle that runs beside the one in force: what is decided live is counted, and both are asked when somebody looks. It decides nothing. */
export class ShadowDesk {
  readonly #parts: Parts;
  #shadow: Shadow | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    // Against another bundle everything is counted anew.
    parts.keeper.onChange(() => {
      if (this.#shadow === null) return;
      this.#shadow.since = new Date().toISOString();
      this.#shadow.counter = new RequestCounter();
    });
  }

  /** Starts a shadow in the place of the one before; null ends it. */
  async set(by: Principal, bundle: PolicyBundle | null): Promise<ShadowView> {
    requireHouse(by);
    const { keeper, lab } = this.#parts;
    const tried = bundle === null ? null : await lab.check(bundle);
    if (tried?.loaded === null) throw new Refusal('policy_refused', `The bundle does not load: ${tried.faults[0]?.message ?? 'unknown'}`);
    keeper.tell();
    this.#shadow?.stop();
    this.#shadow = null;
    if (bundle === null || tried === null) return this.view();
    const stop = keeper.watch((seen) => {
      for (const { request, count } of seen) shadow.counter.add(request, count);
    });
    const { digest } = tried.loaded;
    const shadow: Shadow = { bundle, digest, by: actorOf(by), since: new Date().toISOString(), counter: new RequestCounter(), stop };
    this.#shadow = shadow;
    return this.view();
  }

  seenBy(by: Principal): Promise<ShadowView> {
    requireHouse(by);
    return this.view();
  }

  async view(): Promise<ShadowView> {
    const { keeper, lab, nameOf } = this.#parts;
    keeper.gather();
    const shadow = this.#shadow;
    if (shadow === null) return { candidate: null, comparison: { decided: 0, differing: 0, differences: [] }, leftOut: 0 };
    const { bundle, digest, since, by, counter } = shadow;
    const comparison = await lab.compare(keeper.loaded?.bundle ?? null, bundle, counter.counted);
    return { candidate: { digest, name: bundle.name, since, by, byName: nameOf(by.id) }, comparison, leftOut: counter.leftOut };
  }

  /** What the shadow of this bundle showed so far; null where it does not run. */
  async reportOn(digest: string): Promise<ShadowView | null> {
    return this.#shadow?.digest === digest ? this.view() : null;
  }
}
