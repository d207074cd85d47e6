import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { actPort } from '../charter/act-port.ts';
import { requireProposal } from '../charter/proposal-rights.ts';
import type { MasterKeyRotation } from './master-key-rotation.ts';

/** Putting a new master key in the place of the one that data subjects' keys are wrapped by. */
export function rotateAct(rotation: MasterKeyRotation) {
  return actPort('key.rotate', {
    // Asked here, where nothing else waits: at the moment of its execution only what has changed since is looked at.
    requireProposer: (by) => {
      requireProposal(by, 'propose', ACROSS_TENANTS);
      return rotation.requireWhole();
    },
    tenantOf: () => ACROSS_TENANTS,
    about: ({ key }) => {
      rotation.requireHere();
      return { key, fingerprint: rotation.fingerprint };
    },
    preview: () => ({
      title: 'Rotate the master key',
      lines: [
        'A new master key is made on the server, and the key of every data subject is wrapped by it instead of by the old one. Nothing that is kept changes.',
        `The old one, with the fingerprint ${rotation.fingerprint}, opens nothing any more, but in backups of the database that were made before.`,
        'Back the new one up as soon as this has taken effect: without it, all content and all words that people typed are lost.',
      ],
      sessions: { count: 0, first: [] },
      deployments: { count: 0, first: [] },
    }),
    authors: () => [],
    execute: (_, approval) => rotation.rotate(approval),
  });
}
