import { subject } from '@casl/ability';
import { abilitiesOf, ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import { type Scope, scopeInWords } from '@wheelhouse/protocol/scope';
import type { Principals } from '../identity/principals.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';

/** Whose order this is: the tenant of its scope, or the mark of one that reaches across tenants. Refuses a scope that nothing has. */
export function tenantOfScope(scope: Scope, registry: SessionRegistry, principals: Principals): string {
  const unknown = () => new Refusal('unknown_scope', `There is no ${scopeInWords(scope)} here that is open.`);
  switch (scope.type) {
    case 'session': {
      const session = registry.get(scope.session);
      if (session === undefined) throw unknown();
      return session.facts.tenant;
    }
    case 'tenant':
      if (!principals.hasTenant(scope.tenant)) throw unknown();
      return scope.tenant;
    case 'deployment':
      if (!registry.deployments.some(({ name }) => name === scope.deployment)) throw unknown();
      return ACROSS_TENANTS;
    case 'model':
      if (!registry.deployments.some(({ model }) => model === scope.model)) throw unknown();
      return ACROSS_TENANTS;
    case 'level':
    case 'everything':
      return ACROSS_TENANTS;
  }
}

/** Refuses when `principal` may not give an order of this tenant. A session of a foreign tenant is as unknown as one that never was. */
export function requireGive(principal: Principal, scope: Scope, tenant: string): void {
  if (abilitiesOf(principal).can('give', subject('Order', { tenant }))) return;
  if (scope.type === 'session' && abilitiesOf(principal).can('give', 'Order'))
    throw new Refusal('unknown_scope', `There is no ${scopeInWords(scope)} here that is open.`);
  throw new Refusal(
    'forbidden',
    `The role ${principal.role} of tenant ${principal.tenant} may not give orders for ${scopeInWords(scope)}.`,
  );
}

export function mayRead(principal: Principal, tenant: string): boolean {
  return abilitiesOf(principal).can('read', subject('Order', { tenant }));
}

export function requireRelease(principal: Principal, act: 'ask' | 'confirm', tenant: string): void {
  if (abilitiesOf(principal).can(act, subject('Release', { tenant }))) return;
  throw new Refusal(
    'forbidden',
    `${principal.kind === 'key' ? 'This API key' : `The role ${principal.role}`} may not ${act === 'ask' ? 'ask for' : 'confirm'} this release.`,
  );
}
