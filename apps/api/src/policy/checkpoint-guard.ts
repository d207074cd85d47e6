import type { Principal } from '@wheelhouse/protocol/identity';
import type { Decision, PolicyRequest } from '@wheelhouse/protocol/policy';
import { actorOf } from '../identity/principals.ts';
import { Refusal } from '../problem/refusal.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { PolicyKeeper } from './policy-keeper.ts';

/** What is asked of policy where somebody wants something of the house. */
export type Asked = Omit<PolicyRequest, 'principal'> & { readonly session?: string };

/** The checkpoints that a person or a key comes to: asks, records what was said, and refuses what is not allowed. */
export class CheckpointGuard {
  readonly #keeper: PolicyKeeper;
  readonly #record: DecisionRecord;

  constructor(keeper: PolicyKeeper, record: DecisionRecord) {
    this.#keeper = keeper;
    this.#record = record;
  }

  /** Refuses with `policy_denied` what policy does not allow; there is nobody here who could decide on what it holds. */
  require(by: Principal, { session, ...asked }: Asked): Decision {
    const { kind, id, role, tenant } = by;
    const request: PolicyRequest = { ...asked, principal: { kind, id, role, tenant } };
    const decision = this.#keeper.decide(request);
    this.#record.write({ request, decision, by: actorOf(by), ...(session === undefined ? {} : { session }) });
    if (decision.verdict !== 'allow') throw new Refusal('policy_denied', this.#inWords(request, decision));
    return decision;
  }

  #inWords({ checkpoint, principal }: PolicyRequest, { verdict, policies, errors }: Decision): string {
    const [error] = errors;
    if (error !== undefined) return `Policy could not decide at ${checkpoint}, so it is denied: ${error}`;
    const reasons = policies.map((id) => `${this.#keeper.reasonOf(id)} (policy ${id})`);
    if (reasons.length === 0) return `No policy allows ${checkpoint} to the role ${principal.role}.`;
    const said = verdict === 'hold' ? 'Policy holds this, and nobody can decide on it here' : 'Policy denies this';
    return `${said} at ${checkpoint}: ${reasons.join(' ')}`;
  }
}
