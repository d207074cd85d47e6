import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import type { GlassFile } from '@wheelhouse/charter/glass-files';
import { entryOf } from '../../ledger/new-entry.ts';
import { Refusal } from '../../problem/refusal.ts';
import { actPort } from '../act-port.ts';
import type { CharterKeeper } from '../charter-keeper.ts';

/** Closing the review that a break glass opened. Those who broke it do not decide whether that was right. */
export function reviewAct(keeper: CharterKeeper) {
  return actPort('break_glass.review', {
    requireProposer: () => undefined,
    tenantOf: () => ACROSS_TENANTS,
    about: ({ glass }) => {
      const { broken, reviewedAt, signers } = glassOf(keeper, glass);
      if (broken === null) throw new Refusal('conflict', 'This glass was not broken, so there is nothing to review.');
      if (reviewedAt !== null) throw new Refusal('conflict', 'Its review was closed already.');
      return { glass, signers: signers.map(({ person, seat }) => ({ person, seat })), brokenAt: broken.at };
    },
    preview: ({ glass }) => {
      const { act, broken, practice, signers } = glassOf(keeper, glass);
      return {
        title: `Close the review of a ${practice ? 'drill' : 'break glass'} of ${act.power}`,
        lines: [
          `Broken ${broken === null ? '' : new Date(broken.at).toISOString()} for the latch of order ${act.latch}, by ${signers.map(({ seat }) => seat).join(', ')}.`,
          'Once closed, the seats may break the glass again, and the ceiling does not hang on it any more.',
        ],
        sessions: { count: 0, first: [] },
        deployments: { count: 0, first: [] },
      };
    },
    authors: ({ glass }) => [...new Set(glassOf(keeper, glass).signers.map(({ person }) => person))],
    execute: async ({ glass }, { proposal, by, cause, at, record }) => {
      await record(entryOf('glass.reviewed', { proposal, glass }, by, { cause, at }));
    },
  });
}

function glassOf(keeper: CharterKeeper, glass: string): GlassFile {
  const file = keeper.record.glass.get(glass);
  if (file === undefined) throw new Refusal('not_found', `There is no break glass ${glass}.`);
  return file;
}
