import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Principals } from '../../identity/principals.ts';
import { entryOf } from '../../ledger/new-entry.ts';
import { Refusal } from '../../problem/refusal.ts';
import { actPort } from '../act-port.ts';
import type { CharterKeeper } from '../charter-keeper.ts';

type Parts = { readonly keeper: CharterKeeper; readonly prisma: PrismaClient; readonly principals: Principals };

/** Giving somebody a new key to sign votes with, after theirs were lost, or the role of an administrator. */
export function accessAct({ keeper, prisma, principals }: Parts) {
  return actPort('access.grant', {
    requireProposer: () => undefined,
    tenantOf: () => ACROSS_TENANTS,
    about: async ({ person, grant }) => {
      const row = await prisma.user.findUnique({ where: { id: person }, select: { role: true, tenant: true } });
      if (row === null || row.tenant !== HOUSE_TENANT) throw new Refusal('not_found', `There is nobody ${person} in the house.`);
      if (grant === 'administrator') {
        if (row.role === 'administrator') throw new Refusal('conflict', 'They are an administrator already.');
        return { person, role: row.role };
      }
      if (keeper.record.keys.of(person).length === 0)
        throw new Refusal('conflict', 'No passkey counts for their votes now, so they can enrol one without this.');
      return { person, keys: keeper.record.keys.of(person).map(({ credential }) => credential) };
    },
    preview: ({ person, grant }) => ({
      title:
        grant === 'administrator'
          ? `Make ${principals.nameOf(person)} an administrator`
          : `Let ${principals.nameOf(person)} enrol a new passkey for votes`,
      lines:
        grant === 'administrator'
          ? [
              'An administrator invites people, reads and exports the record, and asks for erasures. Whose vote counts stays the charter’s to say.',
            ]
          : [
              'Every passkey that counts for their votes now stops counting, at once.',
              'The next passkey that they enrol counts without a signature of an earlier one. Make sure that it is they who ask: call them.',
            ],
      sessions: { count: 0, first: [] },
      deployments: { count: 0, first: [] },
    }),
    // A grant is about the person: they must not be one of those who decide it.
    authors: ({ person }) => [person],
    execute: async ({ person, grant }, { proposal, by, cause, at, record }) => {
      await record(entryOf('access.granted', { proposal, person, grant }, by, { cause, at }));
      if (grant === 'administrator') await makeAdministrator({ prisma, principals }, person);
    },
  });
}

async function makeAdministrator({ prisma, principals }: Pick<Parts, 'prisma' | 'principals'>, person: string): Promise<void> {
  await prisma.user.update({ where: { id: person }, data: { role: 'administrator' } });
  principals.forget();
}

/** At start: gives the roles that the ledger says were granted, where a crash came in between. */
export async function completeGrants(parts: Parts, granted: Iterable<string>): Promise<void> {
  for (const person of granted) {
    const row = await parts.prisma.user.findUnique({ where: { id: person }, select: { role: true } });
    if (row !== null && row.role !== 'administrator') await makeAdministrator(parts, person);
  }
}
