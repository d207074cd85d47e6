import type { CharterFile, Vote } from '@wheelhouse/protocol/charter';
import type { Charter } from './charter.ts';
import { charterOf } from './charter-of.ts';
import type { Proposal, ProposalFacts } from './proposal.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** 2026-03-01, the moment that the sample proposal opens. */
export const OPENED = 1_772_323_200_000;

/**
 * Six people, two bodies. Ann holds two seats; Fay reports to Eve and Eve to Dan. `latch.release` takes two votes from two bodies,
 * `record.export` two from anywhere without the proposer's line, `charter.amend` three.
 */
export function sampleFile(change: Partial<CharterFile> = {}): CharterFile {
  const rule = {
    exclude: [],
    veto: { bodies: [], seats: ['safety-1'] },
    notice: '0s',
    voteWithin: '2d',
    executeWithin: '1d',
    stepUp: true,
    training: false,
  };
  const from = ['ops', 'safety'];
  return {
    version: 1,
    people: {
      ann: { name: 'Ann' },
      bob: { name: 'Bob' },
      cem: { name: 'Cem' },
      dan: { name: 'Dan' },
      eve: { name: 'Eve', manager: 'dan' },
      fay: { name: 'Fay', manager: 'eve' },
    },
    bodies: { ops: { title: 'Operations', minimum: 2, ceiling: 2 }, safety: { title: 'Safety' } },
    seats: {
      'ops-1': { body: 'ops', holder: 'ann', alternates: ['bob', 'fay'] },
      'ops-2': { body: 'ops', holder: 'bob', alternates: ['cem'] },
      'ops-3': { body: 'ops', holder: 'fay', alternates: ['eve'] },
      'safety-1': { body: 'safety', holder: 'ann', alternates: ['dan'] },
      'safety-2': { body: 'safety', holder: 'cem', alternates: ['eve'], term: { from: '2026-01-01', until: '2026-03-02' } },
    },
    powers: {
      'latch.release': { ...rule, quorum: { votes: 2, of: 5, bodies: 2, from } },
      'record.export': { ...rule, exclude: ['reporting_line', 'author'], quorum: { votes: 2, bodies: 1, from } },
      'charter.amend': { ...rule, notice: '12h', training: true, quorum: { votes: 3, bodies: 1, from } },
      'break_glass.review': { ...rule, quorum: { votes: 2, bodies: 1, from } },
    },
    alternates: { onAbsence: true, noAnswerAfter: '6h' },
    delegation: { allowed: true, longest: '10d' },
    handover: { notice: '7d', overlap: '2d' },
    breakGlass: {
      'latch.release': { seats: ['ops-1', 'ops-2', 'safety-1'], people: 2, timeBox: '1h', reviewWithin: '3d', overdueCeiling: 1 },
    },
    ...change,
  };
}

export function sampleCharter(change: Partial<CharterFile> = {}): Charter {
  return charterOf(sampleFile(change));
}

export const DIGEST = 'a'.repeat(64);

export function sampleProposal(change: Partial<Proposal> = {}): Proposal {
  return {
    id: 'proposal-1',
    power: 'latch.release',
    proposer: 'dan',
    digest: DIGEST,
    openedAt: OPENED,
    charter: 'charter-1',
    policy: 'policy-1',
    subject: 'subject-1',
    authors: [],
    ...change,
  };
}

export function sampleFacts(change: Partial<ProposalFacts> = {}): ProposalFacts {
  return {
    now: OPENED + HOUR,
    seatEvents: [],
    absences: [],
    delegations: [],
    trainings: new Map(),
    conflicts: new Set(),
    charter: 'charter-1',
    policy: 'policy-1',
    subject: 'subject-1',
    ...change,
  };
}

/** A good yes half an hour after the opening; its id is made of who, seat and time unless given. */
export function sampleVote(person: string, seat: string, change: Partial<Vote> = {}): Vote {
  const at = change.at ?? OPENED + HOUR / 2;
  return { id: `${person} ${seat} ${at}`, person, seat, choice: 'yes', digest: DIGEST, reason: '', stepUp: true, at, ...change };
}
