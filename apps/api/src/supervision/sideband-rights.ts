import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Refusal } from '../problem/refusal.ts';
import { mayJoin } from './supervision-rights.ts';
import type { Supervisor } from './supervisor.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';

/**
 * Whether an API key may listen to sessions of this tenant through a sideband: its holder could join them in person, and has let it give orders. What it then
 * does are orders. It never speaks: no scope lets a key join as a human does.
 */
export function mayAttach(principal: Principal, tenant: string): boolean {
  if (principal.kind !== 'key') return false;
  const { id, name, role, tenant: own, person } = principal;
  const holder: Principal = { kind: 'person', id, name, role, tenant: own, person };
  return (
    abilitiesOf(holder).can('join', subject('Session', { tenant })) && abilitiesOf(principal).can('give', subject('Order', { tenant }))
  );
}

/** Whether one who is in a session may stay there, by who they are now. */
export function mayStay({ isSideband, session }: Supervisor, principal: Principal | null): principal is Principal {
  const may = isSideband === true ? mayAttach : mayJoin;
  return principal !== null && may(principal, session.facts.tenant);
}

/** The open session that this key may attach to. One of a foreign tenant is as unknown as one that never was. */
export function attachable(principal: Principal, session: string, registry: SessionRegistry): OpenSession {
  if (!mayAttach(principal, principal.tenant))
    throw new Refusal(
      'forbidden',
      'A sideband attaches with an API key that has the scope orders:give and whose holder may join sessions.',
    );
  const open = registry.get(session);
  if (open !== undefined && mayAttach(principal, open.facts.tenant)) return open;
  throw new Refusal('not_found', `There is no open session ${session}.`);
}
