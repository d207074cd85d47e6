import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { Decision, PolicyRequest, Verdict } from '@wheelhouse/protocol/policy';
import { actorOf } from '../identity/principals.ts';
import { Refusal } from '../problem/refusal.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { PolicyKeeper } from './policy-keeper.ts';

/** What is asked of policy where somebody wants something of the house. */
export type Asked = Omit<PolicyRequest, 'principal'> & { readonly session?: string };

/** Who acts at this moment, and the entry that led to it. */
export type Acting = { readonly by: Actor; readonly cause?: string };

type Answered = { readonly request: PolicyRequest; readonly decision: Decision };

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

  /**
   * Refuses with `policy_denied` where policy denies any of these, which are one act. What it holds goes on: to humans who decide on it in any case. Each
   * answer is recorded once, with how often it came.
   */
  requireForHumans(requests: readonly PolicyRequest[], { by, cause }: Acting): void {
    const answered = requests.map((request): Answered => ({ request, decision: this.#keeper.decide(request) }));
    for (const same of byAnswer(answered)) {
      const [first] = same;
      const { kind, id } = first.request.resource;
      const session = kind === 'session' && same.length === 1 ? { session: id } : {};
      const times = same.length === 1 ? {} : { times: same.length };
      this.#record.write({ ...first, by, ...session, ...times, ...(cause === undefined ? {} : { cause }) });
    }
    const refused = answered.find(({ decision }) => !goesOnToHumans(decision.verdict));
    if (refused !== undefined) throw new Refusal('policy_denied', this.#inWords(refused.request, refused.decision));
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

function goesOnToHumans(verdict: Verdict): boolean {
  switch (verdict) {
    case 'allow':
    case 'hold':
      return true;
    case 'redact':
    case 'deny':
      return false;
  }
}

function byAnswer(answered: readonly Answered[]): (readonly [Answered, ...Answered[]])[] {
  const groups = new Map<string, [Answered, ...Answered[]]>();
  for (const one of answered) {
    const { verdict, policies, errors } = one.decision;
    const key = JSON.stringify([verdict, policies, errors]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}
