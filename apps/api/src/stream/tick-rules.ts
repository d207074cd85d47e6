import { sha256 } from '@wheelhouse/installation/node-crypto';
import { type LoadedPolicy, loadBundle } from '@wheelhouse/policy/load-bundle';
import { PolicyMemo, type Tallied } from '@wheelhouse/policy/policy-memo';
import { toolFacts } from '@wheelhouse/policy/tool-facts';
import type { PolicyBundle, PolicyRequest } from '@wheelhouse/protocol/policy';
import type { TickPolicy } from '@wheelhouse/session/tick-policy';

/** What of a session its policy may look at. */
export type RuledSession = { readonly session: string; readonly tenant: string; readonly deployment: string; readonly model: string };

/** The policy epoch of a stream thread: one bundle, remembered decisions, until another takes its place. */
export class TickRules {
  readonly #policy: LoadedPolicy | null;
  readonly #memo: PolicyMemo;
  readonly #listens: boolean;

  /** Null, or a bundle that does not load, permits nothing. The control thread has loaded it before, and raised the alarm if it did not. */
  constructor(bundle: PolicyBundle | null) {
    const loading = bundle === null ? null : loadBundle(bundle, sha256);
    this.#policy = loading?.ok === true ? loading.policy : null;
    this.#memo = new PolicyMemo(this.#policy);
    this.#listens = bundle !== null && Object.values(bundle.policies).some((text) => /\b(speech|loudness)\b/.test(text));
  }

  takeTally(): readonly Tallied[] {
    return this.#memo.takeTally();
  }

  of({ session, tenant, deployment, model }: RuledSession): TickPolicy {
    const engine: PolicyRequest['principal'] = { kind: 'engine', id: model, role: 'engine', tenant };
    const resource: PolicyRequest['resource'] = { kind: 'session', id: session, tenant };
    const facts = { deployment, model };
    return {
      input: this.#memo.bind('tick.input', engine, resource, facts),
      output: this.#memo.bind('tick.output', engine, resource, facts),
      call: ({ name }, level) =>
        this.#memo.decide({
          checkpoint: 'tool.call',
          principal: engine,
          resource: { kind: 'tool', id: name, tenant },
          context: { level, ...facts, tool: toolFacts(this.#policy, name) },
        }),
      listens: this.#listens,
    };
  }
}
