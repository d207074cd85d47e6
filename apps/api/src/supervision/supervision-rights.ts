import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';

export function mayJoin(principal: Principal, tenant: string): boolean {
  return principal.kind === 'person' && abilitiesOf(principal).can('join', subject('Session', { tenant }));
}

/** The open session that `principal` may join. One of a foreign tenant is as unknown as one that never was. */
export function joinable(principal: Principal, session: string, registry: SessionRegistry): OpenSession {
  const open = registry.get(session);
  if (open !== undefined && mayJoin(principal, open.facts.tenant)) return open;
  if (principal.kind !== 'person')
    throw new Refusal(
      'forbidden',
      'A key never joins a session as a human does. Sign in as a person, or attach a sideband (docs/live.md).',
    );
  throw new Refusal('not_found', `There is no open session ${session}.`);
}
