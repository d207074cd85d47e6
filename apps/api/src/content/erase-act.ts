import { tenantOfNamed } from '@wheelhouse/content/data-subject';
import { actPort } from '../charter/act-port.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { Refusal } from '../problem/refusal.ts';
import { tenantOfSubject } from './content-rights.ts';
import type { ErasureDesk } from './erasure-desk.ts';

/** Destroying the key of a data subject. */
export function eraseAct(desk: ErasureDesk, prisma: PrismaClient) {
  return actPort('record.erase', {
    requireProposer: (by, { subject }) => desk.requireAsker(by, subject),
    tenantOf: async ({ subject }) => {
      const tenant = await tenantOfSubject(subject, prisma);
      if (tenant === null) throw new Refusal('not_found', `There is no data subject ${subject} here.`);
      return tenant;
    },
    about: ({ subject }) => ({ subject, named: tenantOfNamed(subject) !== null }),
    preview: () => ({
      title: 'Erase a data subject',
      lines: [
        'The key of this data subject is destroyed: recordings, transcripts and words of theirs can never be read again.',
        'The record itself stays, and everything in it still verifies. A legal hold keeps it from being carried out.',
      ],
      sessions: { count: 0, first: [] },
      deployments: { count: 0, first: [] },
    }),
    authors: () => [],
    begin: ({ subject }, file) => desk.begin(subject, file),
    execute: ({ subject }, approval) => desk.erase(subject, approval),
    abandon: (_, file) => desk.abandon(file),
  });
}
