import type { FoundEntry } from '@wheelhouse/protocol/export';
import { describe, expect, it } from 'vitest';
import { foundInWords } from './entry-words.ts';
import type { Names } from './names.ts';
import { KIND_GROUPS } from './kind-words.ts';

const NAMES: Names = {
  actor: ({ kind, id }) => (kind === 'system' ? 'Wheelhouse' : id === 'ada' ? 'Ada' : id),
  person: (id) => (id === 'ben' ? 'Ben' : id),
};
const ID = '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001';
const DIGEST = 'ab'.repeat(32);
const SIGNED = { credential: 'AA', authenticatorData: 'AA', clientData: 'AA', signature: 'AA' };
const AT = '2026-01-02T00:00:00.000Z';

function sentence(kind: string, data: Record<string, unknown>): string {
  const time = '2026-01-01T00:00:00.000Z';
  const by = { kind: 'person', id: 'ada', role: 'operator' } as const;
  const shown: [string, unknown][] = Object.entries(by).map(([key, value]) => [`by.${key}`, value]);
  const said: [string, unknown][] = Object.entries(data).map(([key, value]) => [`data.${key}`, value]);
  const fields = Object.fromEntries<unknown>([['time', time], ['clock', 5], ...shown, ...said]);
  const found: FoundEntry = { index: 1, id: ID, kind, time, by, fields, withheld: 0, leafHash: '' };
  return foundInWords(found, NAMES);
}

const PREVIEW = {
  title: 'Recall whoever holds safety-1',
  lines: [],
  sessions: { count: 0, first: [] },
  deployments: { count: 0, first: [] },
};
const OPENED = {
  proposal: ID,
  power: 'seat.recall',
  act: { power: 'seat.recall', seat: 'safety-1' },
  preview: PREVIEW,
  digest: DIGEST,
  about: DIGEST,
  authors: [],
  seal: DIGEST,
  reason: 'They left',
};
const VOTE = { proposal: ID, vote: ID, seat: 'safety-2', digest: DIGEST, signed: SIGNED, seconds: 9, evidence: true };
const GLASS = { glass: ID, emergency: { power: 'latch.release', latch: ID }, practice: true, seat: 'safety-1', signed: SIGNED };

describe('entries of the charter in words', () => {
  it('say who proposed and voted what, and how it ended', () => {
    expect(sentence('proposal.opened', OPENED)).toBe('Ada proposed (0b7c0c0e): Recall whoever holds safety-1: They left');
    expect(sentence('vote.cast', { ...VOTE, choice: 'no', reason: 'Too soon' })).toBe(
      'Ada voted no on proposal 0b7c0c0e for seat safety-2: Too soon',
    );
    expect(sentence('vote.cast', { ...VOTE, choice: 'veto', reason: 'Never' })).toBe(
      'Ada vetoed proposal 0b7c0c0e for seat safety-2: Never',
    );
    expect(sentence('proposal.closed', { proposal: ID, outcome: 'withdrawn', because: 'its proposer withdrew it', reason: '' })).toBe(
      'Proposal 0b7c0c0e was withdrawn: its proposer withdrew it',
    );
  });

  it('say who holds and leaves seats', () => {
    expect(sentence('seat.appointed', { proposal: ID, seat: 'safety-1', holder: 'ben', alternates: [] })).toBe(
      'Seat safety-1 was given to Ben, as proposal 0b7c0c0e decided',
    );
    expect(sentence('seat.left', { seat: 'safety-1', person: 'ben' })).toBe('Ben stepped down from seat safety-1');
    expect(sentence('handover.announced', { seat: 'safety-1', to: 'ben', effectiveAt: AT })).toMatch(
      /^Ada announced that seat safety-1 passes to Ben on /,
    );
    expect(sentence('ceiling.changed', { level: 2, because: 'Safety has one person' })).toBe(
      'No session may run above level 2 collaborator: Safety has one person',
    );
  });

  it('tell a drill from an emergency', () => {
    expect(sentence('glass.asked', { ...GLASS, reason: 'Drill' })).toBe(
      'Ada asked to practise breaking the glass for seat safety-1, to release the latch of order 0b7c0c0e: Drill',
    );
    const broken = { glass: ID, power: 'latch.release', practice: false, endsAt: AT, reviewDueAt: AT, skipped: ['ben', 'cem'] };
    expect(sentence('glass.broken', broken)).toMatch(/^The glass was broken to release the latch until .*, without the votes of 2 people$/);
  });

  it('stand in a group, each kind in one', () => {
    const kinds = KIND_GROUPS.flatMap(({ kinds: own }) => own);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds).toContain('ceiling.changed');
  });
});
