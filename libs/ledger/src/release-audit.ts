import type { FindingSink } from './findings.ts';
import type { EvidenceActor, Holes, SessionEvidence } from './session-evidence.ts';

export type ReleaseCode =
  | 'latch_unknown'
  | 'latch_released_twice'
  | 'release_unknown'
  | 'release_withdrawn'
  | 'release_differs'
  | 'release_not_approved'
  | 'release_approval_used'
  | 'release_by_one_person'
  | 'release_not_by_people';

type ReleaseState = { readonly latch: string; readonly asker: EvidenceActor; state: 'asked' | 'withdrawn' | 'confirmed' };

/** A proposal, or a glass that somebody wants to break. `latch`: what it would release; null where that is withheld, or it is about something else. */
type Approval = { readonly latch: string | null; readonly holes: number; state: 'open' | 'granted' | 'closed' | 'used' };

/** Follows who asked for the release of a latch, and what allowed it: another person, a proposal that passed, or a glass that was broken. */
export type ReleaseAudit = {
  readonly releases: Map<string, ReleaseState>;
  readonly proposals: Map<string, Approval>;
  readonly glasses: Map<string, Approval>;
  readonly findings: FindingSink<ReleaseCode>;
  readonly holes: Holes;
};

export function newReleaseAudit(findings: FindingSink<ReleaseCode>, holes: Holes): ReleaseAudit {
  return { releases: new Map(), proposals: new Map(), glasses: new Map(), findings, holes };
}

type Asked = Extract<SessionEvidence, { kind: 'release.asked' }>;
type Withdrawn = Extract<SessionEvidence, { kind: 'release.withdrawn' }>;
type Released = Extract<SessionEvidence, { kind: 'latch.released' }>;
type Decided = Extract<
  SessionEvidence,
  { kind: 'proposal.opened' | 'proposal.passed' | 'proposal.closed' | 'glass.asked' | 'glass.broken' }
>;
type Add = (code: ReleaseCode, message: string) => void;

export function releaseAsked(audit: ReleaseAudit, { release, latch, by }: Asked): void {
  if (!audit.releases.has(release)) audit.releases.set(release, { latch, asker: by, state: 'asked' });
}

export function releaseWithdrawn(audit: ReleaseAudit, index: number, { release }: Withdrawn): void {
  const asked = audit.releases.get(release);
  if (asked?.state === 'asked') asked.state = 'withdrawn';
  if (asked === undefined && audit.holes.count === 0)
    audit.findings.add({ code: 'release_unknown', index, message: `Release ${release} is withdrawn, but nobody asked for it.` });
}

/** What is said of proposals and broken glasses. Whether their signatures and quorums hold is for the audit of the charter, which knows the rules. */
export function releaseDecided({ proposals, glasses, holes }: ReleaseAudit, decided: Decided): void {
  const open = { holes: holes.count, state: 'open' as const };
  switch (decided.kind) {
    case 'proposal.opened':
      if (!proposals.has(decided.proposal)) proposals.set(decided.proposal, { latch: decided.latch, ...open });
      return;
    case 'glass.asked':
      if (!glasses.has(decided.glass)) glasses.set(decided.glass, { latch: decided.latch, ...open });
      return;
    case 'proposal.passed':
      move(proposals.get(decided.proposal), 'granted');
      return;
    case 'proposal.closed':
      move(proposals.get(decided.proposal), 'closed');
      return;
    case 'glass.broken':
      move(glasses.get(decided.glass), decided.practice === true ? 'closed' : 'granted');
  }
}

function move(approval: Approval | undefined, to: 'granted' | 'closed'): void {
  if (approval?.state === 'open' || approval?.state === 'granted') approval.state = to;
}

/** `order`: whether the order that left the latch is known and in force; `hidden` where that cannot be seen. */
export function latchReleased(
  audit: ReleaseAudit,
  index: number,
  released: Released,
  order: 'released' | 'unknown' | 'before' | 'hidden',
): void {
  const { latch, release, askedBy, by, proposal, glass } = released;
  const add = (code: ReleaseCode, message: string): void => {
    audit.findings.add({ code, index, message: `Latch ${latch}, release ${release}: ${message}` });
  };
  if (order === 'unknown') add('latch_unknown', 'no order left such a latch.');
  if (order === 'before') add('latch_released_twice', 'it had been released before.');
  const asked = audit.releases.get(release);
  // A glass is asked for by whoever signs first, in an entry of its own.
  if (glass === null) {
    if (asked === undefined && audit.holes.count === 0) add('release_unknown', 'nobody asked for it.');
    if (asked !== undefined) checkAsked(asked, released, add);
  }
  if (proposal !== null)
    checkApproval(audit, released, { name: `proposal ${proposal}`, id: proposal, of: audit.proposals.get(proposal) }, add);
  if (glass !== null) checkApproval(audit, released, { name: `break glass ${glass}`, id: glass, of: audit.glasses.get(glass) }, add);
  if (asked !== undefined) asked.state = 'confirmed';
  // When the notice of a proposal ends Wheelhouse itself carries out what people voted for.
  const allowed = by.kind === null || by.kind === 'person' || (by.kind === 'system' && (proposal !== null || released.wayHidden));
  if (!allowed) add('release_not_by_people', `it was confirmed by a ${by.kind}.`);
  if (by.person !== null && (by.person === askedBy || by.person === asked?.asker.person))
    add('release_by_one_person', `${by.person} asked for it and confirmed it.`);
}

/** Through an API key a person may ask for a release, and counts as that person; only in person can one confirm. */
function checkAsked(asked: ReleaseState, { latch, askedBy }: Released, add: Add): void {
  const { asker, state } = asked;
  if (state !== 'asked') add('release_withdrawn', `it was ${state} before.`);
  if (asked.latch !== latch) add('release_differs', `it was asked for another latch, ${asked.latch}.`);
  if (asker.person !== null && askedBy !== null && asker.person !== askedBy)
    add('release_differs', `it was asked by ${asker.person}, not by ${askedBy}.`);
  if (asker.kind !== null && asker.kind !== 'person' && asker.kind !== 'key')
    add('release_not_by_people', `it was asked by a ${asker.kind}.`);
}

type Named = { readonly name: string; readonly id: string; readonly of: Approval | undefined };

/** An approval releases the one latch that it is for, once, and after it was given. */
function checkApproval({ holes }: ReleaseAudit, { latch, release }: Released, { name, id, of: approval }: Named, add: Add): void {
  if (release !== id) add('release_differs', `it names ${name}, whose release has that id.`);
  if (approval === undefined) {
    if (holes.count === 0) add('release_not_approved', `it names ${name}, which does not exist.`);
    return;
  }
  if (approval.latch !== null && approval.latch !== latch) add('release_differs', `${name} is for another latch, ${approval.latch}.`);
  if (approval.state === 'used') add('release_approval_used', `${name} was used before.`);
  if (approval.state === 'closed') add('release_not_approved', `${name} had ended, or was for practice.`);
  // That it was granted may be said where nothing is shown.
  if (approval.state === 'open' && holes.count === approval.holes) add('release_not_approved', `${name} had not been granted.`);
  approval.state = 'used';
}
