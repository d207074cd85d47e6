import { Explanation, type PolicyBundle, type PolicyRequest } from '@wheelhouse/protocol/policy';
import { CheckedPolicy, PolicyView, ReplayView, RollbackAck, type RollbackRequest, ShadowView } from '@wheelhouse/protocol/policy-view';
import { type Credential, type Patience, Rest } from './rest.ts';

/** Policy's part of the REST interface. Every method rejects with `ApiError` when the server refuses. */
export class PolicyClient {
  readonly #rest: Rest;

  constructor(url: string, credential: Credential, patience?: Patience) {
    this.#rest = new Rest(url, credential, patience);
  }

  /** The bundle in force, with its tests and what was in force before. */
  policy(): Promise<PolicyView> {
    return this.#rest.call('GET', '/v1/policy', PolicyView);
  }

  /** What a bundle would mean; `digest` and `text` are what the act `policy.change` takes. */
  check(bundle: PolicyBundle): Promise<CheckedPolicy> {
    return this.#rest.call('POST', '/v1/policy/check', CheckedPolicy, { bundle });
  }

  /** Why policy says what it says to a request; by the bundle in force, or one that was (its digest). */
  explain(request: PolicyRequest, bundle?: string): Promise<Explanation> {
    return this.#rest.call('POST', '/v1/policy/explain', Explanation, { request, ...(bundle === undefined ? {} : { bundle }) });
  }

  shadow(): Promise<ShadowView> {
    return this.#rest.call('GET', '/v1/policy/shadow', ShadowView);
  }

  /** Runs a bundle beside the one in force; null ends it. */
  setShadow(bundle: PolicyBundle | null): Promise<ShadowView> {
    return this.#rest.call('POST', '/v1/policy/shadow', ShadowView, { bundle });
  }

  /** What a bundle would have decided otherwise from `since` up to `until` (ISO 8601 UTC); with `recordings`, also of the words of recorded sessions. */
  replay(bundle: PolicyBundle, since: string, until: string, recordings = false): Promise<ReplayView> {
    return this.#rest.call('POST', '/v1/policy/replay', ReplayView, { bundle, since, until, recordings });
  }

  /** Goes back to the bundle of before. In force when this resolves. */
  rollBack(request: RollbackRequest): Promise<RollbackAck> {
    return this.#rest.call('POST', '/v1/policy/rollback', RollbackAck, request);
  }
}
