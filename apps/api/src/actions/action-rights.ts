import { subject } from '@casl/ability';
import { abilitiesOf, ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Refusal } from '../problem/refusal.ts';
import type { ActionRow } from './action-row.ts';

/** A key sees what its holder asked for; people see their tenant's, and those who run the house everybody's. */
export function mayRead(by: Principal, row: Pick<ActionRow, 'tenant' | 'person'>): boolean {
  return abilitiesOf(by).can('read', subject('Action', { tenant: row.tenant })) && (by.kind === 'person' || row.person === by.person);
}

/** What it is about is shown to those who may decide, and to who asked. */
export function seesContent(by: Principal, row: Pick<ActionRow, 'tenant' | 'person'>): boolean {
  return row.person === by.person || mayDecide(by, row.tenant);
}

/** Deciding is for people who signed in: a key never can. */
export function mayDecide(by: Principal, tenant: string): boolean {
  return by.kind === 'person' && abilitiesOf(by).can('decide', subject('Action', { tenant }));
}

/** The tenant whose actions a list may show; null where it may be every tenant's. */
export function tenantShown(by: Principal): string | null {
  return abilitiesOf(by).can('read', subject('Action', { tenant: ACROSS_TENANTS })) ? null : by.tenant;
}

export function requireAsk(by: Principal, tenant: string): void {
  if (!abilitiesOf(by).can('ask', subject('Action', { tenant })))
    throw new Refusal(
      'forbidden',
      'You may not ask for actions here: it takes a developer or an administrator, or a key with actions:ask.',
    );
}

export function unknownAction(id: string): Refusal {
  return new Refusal('not_found', `There is no action ${id}.`);
}
