import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Refusal } from '../problem/refusal.ts';

/** Refuses when somebody may not see or make proposals of a tenant. Whose vote counts is the charter's business, not theirs. */
export function requireProposal(principal: Principal, act: 'propose' | 'read' | 'vote', tenant: string): void {
  if (mayWith(principal, act, tenant)) return;
  const who = principal.kind === 'key' ? 'This API key' : `The role ${principal.role} of tenant ${principal.tenant}`;
  throw new Refusal('forbidden', `${who} may not ${act === 'read' ? 'see' : act === 'vote' ? 'vote on' : 'make'} this proposal.`);
}

export function mayWith(principal: Principal, act: 'propose' | 'read' | 'vote', tenant: string): boolean {
  return abilitiesOf(principal).can(act, subject('Proposal', { tenant }));
}
