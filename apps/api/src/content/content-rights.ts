import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { tenantOfNamed } from '@wheelhouse/content/data-subject';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { Refusal } from '../problem/refusal.ts';

/** Which tenant a data subject belongs to: the one that named it, or the one whose people it is of. Null where nobody here is called that. */
export async function tenantOfSubject(name: string, prisma: PrismaClient): Promise<string | null> {
  const named = tenantOfNamed(name);
  if (named !== null) return named;
  return (await prisma.user.findUnique({ where: { id: name }, select: { tenant: true } }))?.tenant ?? null;
}

/** What of recorded content somebody may have: sound and words, or only words. */
export function mayRead(principal: Principal, what: 'Content' | 'Transcript', tenant: string): boolean {
  const may = abilitiesOf(principal);
  return what === 'Content' ? may.can('read', subject('Content', { tenant })) : may.can('read', subject('Transcript', { tenant }));
}

export function mayHold(principal: Principal, act: 'place' | 'lift' | 'read', tenant: string): boolean {
  return abilitiesOf(principal).can(act, subject('Hold', { tenant }));
}

export function mayErase(principal: Principal, act: 'ask' | 'confirm' | 'read', tenant: string): boolean {
  return abilitiesOf(principal).can(act, subject('Erasure', { tenant }));
}

/** What belongs to another tenant is as unknown as what never was. */
export function refuseUnless(allowed: boolean, unknown: string): void {
  if (!allowed) throw new Refusal('not_found', unknown);
}
