import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import type { ApprovalBench, PlacedOf } from './approval-bench.ts';

/** Who may go back to the policy of before, alone: people of the house with one of these roles. */
const MAY_ROLL_BACK: ReadonlySet<string> = new Set(['operator', 'administrator']);

/**
 * A rollback of policy takes no approval, and can only go one bundle back: to the one that was adopted before the one that it replaces. Once, and by one
 * of those who may.
 */
export function checkRollback(bench: ApprovalBench, { index, entry }: PlacedOf<'policy.rolled_back'>): void {
  const { book, blind, policies, rollbacks } = bench;
  const { order, bundle, replaced } = entry.data;
  const name = `Entry ${index} (policy.rolled_back)`;
  const back = policies.rollBack({ bundle, replaced }, ({ digest }) => ({ digest }));
  if (blind !== null) {
    book.unsure('effects', 'before');
    return;
  }
  book.checked('effects');
  if (rollbacks.has(order)) book.fault('rollback_repeated', index, `${name} is of the order ${order}, which had its effect before.`);
  rollbacks.add(order);
  if (back === null)
    book.fault('rollback_unfounded', index, `${name} goes from ${replaced} back to ${bundle}, which was not in force right before it.`);
  const why = notTheirs(bench, entry);
  if (why !== null) book.fault('rollback_not_theirs', index, `${name} was ordered by ${entry.by.id}, ${why}.`);
}

/** Why it was not theirs to order, as a sentence's end; null where it was. */
function notTheirs({ people, somebodyHidden }: ApprovalBench, { by }: PlacedOf<'policy.rolled_back'>['entry']): string | null {
  if (by.kind !== 'person') return 'and only a person who signed in may';
  const known = people.get(by.id);
  if (known === undefined) return somebodyHidden ? null : 'who had not joined by then';
  if (known.tenant !== HOUSE_TENANT) return `of the tenant ${known.tenant}, and only people of the house may`;
  if (!known.roles.has(by.role)) return `as ${by.role}, which they were not`;
  return MAY_ROLL_BACK.has(by.role) ? null : `as ${by.role}, and only operators and administrators may`;
}
