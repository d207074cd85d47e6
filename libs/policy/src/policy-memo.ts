import type { Checkpoint, Decision, PolicyRequest } from '@wheelhouse/protocol/policy';
import type { Level } from '@wheelhouse/protocol/level';
import type { Signals } from '@wheelhouse/protocol/signals';
import { decide, NO_BUNDLE } from './decide.ts';
import type { LoadedPolicy } from './load-bundle.ts';
import { packSignals, requestKey, signalsKey } from './request-key.ts';

/** How often a decision was asked for since the last look. */
export type Tallied = { readonly request: PolicyRequest; readonly decision: Decision; readonly count: number };

/** What does not change in a session while its epoch lasts. */
export type SessionFacts = Pick<PolicyRequest['context'], 'deployment' | 'model'>;
export type DecideTick = (signals: Signals, level: Level) => Decision;

type Remembered = { readonly request: PolicyRequest; readonly decision: Decision; count: number };

const MOST = 10_000;
const MOST_OF_A_SESSION = 256;

/**
 * The same function as `decide`, remembered: one object is one policy epoch, and another bundle means another object. Sessions whose ids the policy
 * does not name share what is remembered, because Cedar could not tell them apart either. Bounded: when it is full it forgets everything.
 */
export class PolicyMemo {
  readonly #policy: LoadedPolicy | null;
  readonly #remembered = new Map<string, Remembered>();
  #tally: Remembered[] = [];

  constructor(policy: LoadedPolicy | null) {
    this.#policy = policy;
  }

  get digest(): string {
    return this.#policy?.digest ?? NO_BUNDLE;
  }

  /** How many decisions it remembers. */
  get size(): number {
    return this.#remembered.size;
  }

  /** What `decide` says; the answer is frozen, because it is handed to many. */
  decide(request: PolicyRequest): Decision {
    const found = this.#find(request);
    return found === null ? frozen(decide(this.#policy, request)) : this.#counted(found);
  }

  /** `decide` for the ticks of one session, where only signals and level change: a hit is one look into a map of numbers. */
  bind(
    checkpoint: Checkpoint,
    principal: PolicyRequest['principal'],
    resource: PolicyRequest['resource'],
    facts: SessionFacts,
  ): DecideTick {
    const own = new Map<number, Remembered>();
    const { deployment, model } = facts;
    return (signals, level) => {
      const packed = packSignals(signals);
      const key = signalsKey(packed, level);
      const known = packed < 0 ? undefined : own.get(key);
      if (known !== undefined) return this.#counted(known);
      const request: PolicyRequest = { checkpoint, principal, resource, context: { level, deployment, model, signals } };
      const found = this.#find(request);
      if (found === null) return frozen(decide(this.#policy, request));
      if (own.size >= MOST_OF_A_SESSION) own.clear();
      own.set(key, found);
      return this.#counted(found);
    };
  }

  /** What was asked since it was last called, with counts: what a shadow bundle is measured on. */
  takeTally(): readonly Tallied[] {
    const taken = this.#tally.map((each) => ({ request: each.request, decision: each.decision, count: each.count }));
    this.#emptyTally();
    return taken;
  }

  #find(request: PolicyRequest): Remembered | null {
    const named = this.#policy?.named ?? null;
    const key = requestKey(request, named);
    if (key === null) return null;
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    // An error names whom it is about: it is remembered for that one alone.
    const exact = `!${requestKey(request, null) ?? ''}`;
    const failed = this.#remembered.get(exact);
    if (failed !== undefined) return failed;
    const decision = frozen(decide(this.#policy, request));
    if (this.#remembered.size >= MOST) this.#remembered.clear();
    const made = { request: structuredClone(request), decision, count: 0 };
    this.#remembered.set(decision.errors.length === 0 ? key : exact, made);
    return made;
  }

  #counted(remembered: Remembered): Decision {
    remembered.count += 1;
    if (remembered.count === 1) {
      // Nobody looks: count from here on anew rather than keep what was forgotten.
      if (this.#tally.length >= MOST) this.#emptyTally();
      this.#tally.push(remembered);
      remembered.count = 1;
    }
    return remembered.decision;
  }

  #emptyTally(): void {
    for (const each of this.#tally) each.count = 0;
    this.#tally = [];
  }
}

function frozen(decision: Decision): Decision {
  Object.freeze(decision.policies);
  Object.freeze(decision.errors);
  Object.freeze(decision.obligations.notify);
  Object.freeze(decision.obligations);
  return Object.freeze(decision);
}
