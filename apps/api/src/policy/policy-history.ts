import { PolicyStanding } from '@wheelhouse/charter/policy-standing';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { PolicyVersion } from '@wheelhouse/protocol/policy-view';

export const POLICY_KINDS = ['policy.adopted', 'policy.rolled_back'] as const;
export type PolicyEntry = EntryOf<(typeof POLICY_KINDS)[number]>;

/** A bundle that came into force, with its whole text. `order`: the rollback that brought it back. */
export type Adopted = {
  readonly digest: string;
  readonly name: string;
  readonly text: string;
  readonly how: PolicyVersion['how'];
  readonly since: string;
  readonly by: Actor;
  readonly proposal: string | null;
  readonly reason: string | null;
  readonly order: string | null;
  /** The bundle that a rollback took out of force. */
  readonly replaced: string | null;
  entry: number | null;
};

/** Which bundles came into force, and what can be gone back to. */
export class PolicyHistory {
  readonly #versions: Adopted[] = [];
  readonly #standing = new PolicyStanding<Adopted>();

  /** Every bundle that came into force, oldest first. */
  get versions(): readonly Adopted[] {
    return this.#versions;
  }

  get inForce(): Adopted | null {
    return this.#standing.inForce;
  }

  /** What was in force right before. */
  get before(): Adopted | null {
    return this.#standing.before;
  }

  /** Takes an entry of the ledger. Returns why it changes nothing, in words, for one that can't have been written by the rules. */
  take(index: number | null, entry: PolicyEntry): string | null {
    return entry.kind === 'policy.adopted' ? this.#adopt(index, entry) : this.#rollBack(index, entry);
  }

  /** A rollback that was taken before has its place in the ledger now. */
  stored(order: string, index: number): void {
    const version = this.#versions.find((each) => each.order === order);
    if (version !== undefined) version.entry = index;
  }

  #adopt(index: number | null, { data, by, time }: EntryOf<'policy.adopted'>): string | null {
    const { proposal = null, bundle, name, bundleText } = data;
    if (proposal === null && this.#versions.length > 0) return `The bundle ${bundle} was put into the ledger without an approval.`;
    this.#push({
      ...{ digest: bundle, name, text: bundleText, since: time, by, proposal, entry: index },
      ...{ how: proposal === null ? 'shipped' : 'adopted', reason: null, order: null, replaced: null },
    });
    return null;
  }

  #rollBack(index: number | null, { data, by, time }: EntryOf<'policy.rolled_back'>): string | null {
    const { order, bundle, replaced, reason } = data;
    if (this.#versions.some((each) => each.order === order)) return null;
    const version = this.#standing.rollBack({ bundle, replaced }, (back) => ({
      ...{ digest: back.digest, name: back.name, text: back.text, how: 'rolled_back', since: time, by },
      ...{ proposal: null, reason, order, replaced, entry: index },
    }));
    if (version === null) return `The rollback ${order} names bundles that were not in force one after the other.`;
    this.#versions.push(version);
    return null;
  }

  #push(version: Adopted): void {
    this.#versions.push(version);
    this.#standing.adopt(version);
  }
}
