import type { Principal } from '@wheelhouse/protocol/identity';
import type { RollbackAck, RollbackRequest } from '@wheelhouse/protocol/policy-view';
import type { Logger } from 'pino';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { personBehind } from '@wheelhouse/gate/order-book';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import { actorOf } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf } from '../ledger/new-entry.ts';
import type { OrderLog } from '../orders/order-log.ts';
import { Refusal } from '../problem/refusal.ts';
import type { PolicyEntry } from './policy-history.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import { loadText } from './stored-bundle.ts';

type Parts = { readonly keeper: PolicyKeeper; readonly ledger: Ledger; readonly orderLog: OrderLog; readonly log: Logger };

/** Going back to the bundle that was in force before: an order. One person, in force first, written down second (laws 1 and 2). */
export class RollbackDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** In force when this returns. The same request again is answered as it was. */
  rollBack(by: Principal, { id, reason }: RollbackRequest): RollbackAck {
    const { keeper } = this.#parts;
    // The bundle decides for every tenant.
    if (by.tenant !== HOUSE_TENANT || abilitiesOf(by).cannot('rollback', 'Policy'))
      throw new Refusal('forbidden', 'Going back to the policy of before is for operators and administrators of the house.');
    const known = keeper.history.versions.find(({ order }) => order === id);
    if (known !== undefined) {
      if (known.reason !== reason || personBehind(known.by) !== by.person)
        throw new Refusal('conflict', 'A rollback with this id was ordered already, and says something else. Give this one a new id.');
      return { order: id, bundle: known.digest, replaced: known.replaced ?? '', at: known.since, repeated: true };
    }
    const { before, inForce } = keeper.history;
    if (before === null || inForce === null) throw new Refusal('conflict', 'There is no bundle before this one to go back to.');
    const loading = loadText(before.text, before.digest);
    if (!loading.ok)
      throw new Refusal('policy_refused', `The bundle before this one can not be loaded any more: ${loading.faults[0]?.message ?? ''}`);
    const data = { order: id, bundle: before.digest, replaced: inForce.digest, reason };
    const entry = entryOf('policy.rolled_back', data, actorOf(by));
    if (entry.kind !== 'policy.rolled_back') throw new Error('an entry came out as another kind');
    keeper.take(null, entry);
    this.#record(entry).catch((error: unknown) => {
      this.#parts.log.error({ err: error, order: id }, 'the rollback is in force and in the write-ahead file, but not in the ledger yet');
    });
    return { order: id, bundle: before.digest, replaced: inForce.digest, at: entry.time, repeated: false };
  }

  async #record(entry: Extract<PolicyEntry, { kind: 'policy.rolled_back' }>): Promise<void> {
    const { keeper, ledger, orderLog, log } = this.#parts;
    // In the ledger's queue at once, so that nothing that follows from it comes before it; on disk meanwhile.
    const stored = ledger.appendEntry(entry);
    await orderLog.write([entry]).catch((error: unknown) => {
      log.error({ err: error, order: entry.data.order }, 'the write-ahead file could not take a rollback; the ledger has it in its queue');
    });
    keeper.history.stored(entry.data.order, await stored);
    await orderLog.stored([entry.id]);
  }
}
