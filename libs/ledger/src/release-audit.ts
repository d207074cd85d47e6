import type { FindingSink } from './findings.ts';
import type { EvidenceActor, Holes, SessionEvidence } from './session-evidence.ts';

export type ReleaseCode =
  | 'latch_unknown'
  | 'latch_released_twice'
  | 'release_unknown'
  | 'release_withdrawn'
  | 'release_differs'
  | 'release_by_one_person'
  | 'release_not_by_people';

type ReleaseState = { readonly latch: string; readonly asker: EvidenceActor; state: 'asked' | 'withdrawn' | 'confirmed' };

/** Follows who asked for the release of a latch, and who confirmed it. */
export type ReleaseAudit = {
  readonly releases: Map<string, ReleaseState>;
  readonly findings: FindingSink<ReleaseCode>;
  readonly holes: Holes;
};

type Asked = Extract<SessionEvidence, { kind: 'release.asked' }>;
type Withdrawn = Extract<SessionEvidence, { kind: 'release.withdrawn' }>;
type Released = Extract<SessionEvidence, { kind: 'latch.released' }>;

export function releaseAsked(audit: ReleaseAudit, { release, latch, by }: Asked): void {
  if (!audit.releases.has(release)) audit.releases.set(release, { latch, asker: by, state: 'asked' });
}

export function releaseWithdrawn(audit: ReleaseAudit, index: number, { release }: Withdrawn): void {
  const asked = audit.releases.get(release);
  if (asked?.state === 'asked') asked.state = 'withdrawn';
  if (asked === undefined && audit.holes.count === 0)
    audit.findings.add({ code: 'release_unknown', index, message: `Release ${release} is withdrawn, but nobody asked for it.` });
}

/** `order`: whether the order that left the latch is known and in force; `hidden` where that cannot be seen. */
export function latchReleased(
  audit: ReleaseAudit,
  index: number,
  released: Released,
  order: 'released' | 'unknown' | 'before' | 'hidden',
): void {
  const { latch, release, askedBy, by } = released;
  const add = (code: ReleaseCode, message: string): void => {
    audit.findings.add({ code, index, message: `Latch ${latch}, release ${release}: ${message}` });
  };
  if (order === 'unknown') add('latch_unknown', 'no order left such a latch.');
  if (order === 'before') add('latch_released_twice', 'it had been released before.');
  const asked = audit.releases.get(release);
  if (asked === undefined && audit.holes.count === 0) add('release_unknown', 'nobody asked for it.');
  if (asked !== undefined) {
    checkAsked(asked, released, add);
    asked.state = 'confirmed';
  }
  if (by.kind !== null && by.kind !== 'person') add('release_not_by_people', `it was confirmed by a ${by.kind}.`);
  if (by.person !== null && (by.person === askedBy || by.person === asked?.asker.person))
    add('release_by_one_person', `${by.person} asked for it and confirmed it.`);
}

/** Through an API key a person may ask for a release, and counts as that person; only in person can one confirm. */
function checkAsked(asked: ReleaseState, { latch, askedBy }: Released, add: (code: ReleaseCode, message: string) => void): void {
  const { asker, state } = asked;
  if (state !== 'asked') add('release_withdrawn', `it was ${state} before.`);
  if (asked.latch !== latch) add('release_differs', `it was asked for another latch, ${asked.latch}.`);
  if (asker.person !== null && askedBy !== null && asker.person !== askedBy)
    add('release_differs', `it was asked by ${asker.person}, not by ${askedBy}.`);
  if (asker.kind !== null && asker.kind !== 'person' && asker.kind !== 'key')
    add('release_not_by_people', `it was asked by a ${asker.kind}.`);
}
