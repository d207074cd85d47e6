import { explain } from '@wheelhouse/policy/explain';
import type { NoteSigner } from '@wheelhouse/ledger/signed-note';
import type { Explanation, PolicyBundle } from '@wheelhouse/protocol/policy';
import type { CheckedPolicy, ExplainRequest, FileChange, PolicyVersion, PolicyView } from '@wheelhouse/protocol/policy-view';
import { Refusal } from '../problem/refusal.ts';
import { bundleChange } from './bundle-change.ts';
import type { Adopted } from './policy-history.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import type { PolicyLab } from './policy-lab.ts';
import type { Tried } from './policy-task.ts';
import { signedDigest } from './policy-signature.ts';
import { readText } from './stored-bundle.ts';

type Parts = {
  readonly keeper: PolicyKeeper;
  readonly lab: PolicyLab;
  readonly signer: NoteSigner;
  readonly nameOf: (id: string) => string;
};

/** What people see of policy, and what they can try out without changing anything. */
export class PolicyDesk {
  readonly #parts: Parts;
  /** Changes between two bundles, by their digests. */
  readonly #changes = new Map<string, FileChange[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async view(): Promise<PolicyView> {
    const { keeper, lab, signer } = this.#parts;
    const { loaded, history, digest } = keeper;
    const { inForce, before } = history;
    const tried: Tried | null = loaded === null ? null : await lab.check(loaded.bundle);
    return {
      digest,
      name: inForce?.name ?? '',
      since: inForce?.since ?? null,
      loads: loaded !== null,
      faults: [...keeper.faults],
      bundle: loaded?.bundle ?? null,
      signature: inForce === null ? null : await signedDigest(inForce.digest, signer),
      tests: tried?.tests ?? [],
      warnings: tried?.faults ?? [],
      history: history.versions.map((version, i) => this.#versionView(version, history.versions[i - 1] ?? null)).reverse(),
      rollback: before === null ? null : { digest: before.digest, name: before.name },
    };
  }

  /** What a bundle would mean in the place of the one in force. */
  async check(bundle: PolicyBundle): Promise<CheckedPolicy> {
    const { keeper, lab } = this.#parts;
    const { loaded, faults, tests } = await lab.check(bundle);
    return {
      proposable: isProposable({ loaded, faults, tests }),
      digest: loaded?.digest ?? null,
      text: loaded?.text ?? null,
      faults,
      tests,
      changes: bundleChange(keeper.loaded?.bundle ?? null, bundle),
    };
  }

  async explain({ request, bundle }: ExplainRequest): Promise<Explanation> {
    const { keeper, lab } = this.#parts;
    if (bundle === undefined || bundle === keeper.digest) return explain(keeper.loaded, request);
    const then = keeper.history.versions.find(({ digest }) => digest === bundle);
    if (then === undefined) throw new Refusal('not_found', `No bundle ${bundle} was ever in force here.`);
    const read = readText(then.text);
    return lab.explain(read.ok ? read.bundle : null, request);
  }

  #versionView(version: Adopted, before: Adopted | null): PolicyVersion {
    const { digest, name, how, since, entry, proposal, by, reason } = version;
    const byName = this.#parts.nameOf(by.id);
    return {
      digest,
      name,
      how,
      since,
      entry,
      proposal,
      by,
      byName,
      reason,
      changes: before === null ? [] : this.#changesOf(before, version),
    };
  }

  #changesOf(before: Adopted, after: Adopted): FileChange[] {
    const key = `${before.digest} ${after.digest}`;
    const known = this.#changes.get(key);
    if (known !== undefined) return known;
    const [was, is] = [readText(before.text), readText(after.text)];
    const changes = is.ok ? bundleChange(was.ok ? was.bundle : null, is.bundle) : [];
    this.#changes.set(key, changes);
    return changes;
  }
}

/** Whether a bundle may be proposed: it loads, nothing in it contradicts itself, and its own tests pass. */
export function isProposable({ loaded, faults, tests }: Tried): boolean {
  return loaded !== null && faults.every(({ severity }) => severity !== 'error') && tests.every(({ ok }) => ok);
}
