import { createHash } from 'node:crypto';
import { proposalDigest } from '@wheelhouse/charter/ballot';
import { actionDigest } from '@wheelhouse/ledger/action-digest';
import { Action } from '@wheelhouse/protocol/action';
import { NO_OBLIGATIONS } from '@wheelhouse/protocol/policy';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { describe, expect, it } from 'vitest';
import { Attention } from './attention.ts';
import { ballotOf, whyNotToSign } from './sign.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const ID = '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001';

const BOUND = {
  proposal: ID,
  act: { power: 'seat.recall', seat: 'safety-1' },
  preview: { title: 'Recall', lines: ['Bob leaves safety-1'], sessions: { count: 0, first: [] }, deployments: { count: 0, first: [] } },
  charter: 'sha256:aa',
  policy: 'p',
  about: 'ab'.repeat(32),
  authors: ['bob'],
} as const satisfies Parameters<typeof proposalDigest>[0];

const VIEW: ProposalView = {
  id: ID,
  power: 'seat.recall',
  title: 'Recall',
  reason: 'Bob left',
  proposer: { kind: 'person', id: 'ann', role: 'operator' },
  proposerName: 'Ann',
  openedAt: '2026-01-01T00:00:00Z',
  state: 'open',
  closesAt: '2026-01-02T00:00:00Z',
  yes: 0,
  no: 0,
  takes: 3,
  from: ['Safety'],
  yours: { proposer: false, seats: ['safety-2'], vetoSeats: [], excluded: null, voted: null },
  waitsForYou: true,
  act: { power: 'seat.recall', seat: 'safety-1' },
  preview: { title: 'Recall', lines: ['Bob leaves safety-1'], sessions: { count: 0, first: [] }, deployments: { count: 0, first: [] } },
  asked: null,
  digest: proposalDigest(BOUND, sha256),
  about: BOUND.about,
  charter: BOUND.charter,
  policy: BOUND.policy,
  authors: ['bob'],
  passesAt: null,
  passedAt: null,
  executeBy: null,
  explanation: [],
  needed: { votes: 3, bodies: 2, seats: [] },
  votes: [],
  ended: null,
  practice: false,
  entry: 1,
};

function askedFor(given: Action['arguments']): Action {
  const what = { tool: 'support', arguments: given, checkpoint: 'deployment.promote' } as const;
  const decision = { verdict: 'hold', policies: ['p'], obligations: NO_OBLIGATIONS, errors: [], bundle: 'b' } as const;
  return Action.parse({
    ...{ id: ID, tenant: 'house', state: 'pending', kind: 'deployment.promote', tool: 'support', arguments: given },
    ...{
      digest: actionDigest(what, sha256),
      agent: '',
      reason: 'a test',
      session: null,
      askedBy: 'dev',
      askedByName: 'Dev',
      holder: 'dev',
    },
    ...{ askedAt: '2026-01-01T00:00:00Z', expiresAt: '2026-01-02T00:00:00Z', decision, because: [], decidedBy: null, decidedByName: null },
    ...{ decidedAt: null, decidedReason: '', edited: null, answer: null, proposal: ID, usedAt: null },
  });
}

describe('what is signed', () => {
  it('is what is shown: whatever the server changes on the page, the digest does not fit any more', () => {
    expect(whyNotToSign(VIEW)).toBeNull();
    const lies: Partial<ProposalView>[] = [
      { id: '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a002' },
      { act: { power: 'seat.recall', seat: 'safety-2' } },
      { preview: { ...VIEW.preview, lines: ['Bob stays'] } },
      { preview: { ...VIEW.preview, sessions: { count: 1, first: [] } } },
      { preview: { ...VIEW.preview, title: 'Keep Bob' } },
      { power: 'seat.change' },
      { charter: 'sha256:ab' },
      { policy: 'q' },
      { about: 'ac'.repeat(32) },
      { authors: [] },
      { digest: '00'.repeat(32) },
    ];
    for (const lie of lies) expect(whyNotToSign({ ...VIEW, ...lie })).toMatch(/asks for signatures over/);
  });

  it('is what was asked for: arguments of another digest than the signed one, or none at all, are not to be signed', () => {
    const given = { level: 3, adapter: 'sha256:bb' };
    const asked = askedFor(given);
    const act = { power: 'deployment.promote', action: ID, name: 'support', digest: asked.digest } as const;
    const view: ProposalView = { ...VIEW, power: act.power, act, asked, digest: proposalDigest({ ...BOUND, act }, sha256) };
    expect(whyNotToSign(view)).toBeNull();
    const lies: (Partial<Action> | null)[] = [
      { arguments: { ...given, level: 2 } },
      { tool: 'sales' },
      { kind: 'finetune.create' },
      { id: BOUND.about },
    ];
    for (const lie of lies) expect(whyNotToSign({ ...view, asked: { ...asked, ...lie } })).toMatch(/asks for signatures over/);
    expect(whyNotToSign({ ...view, asked: { ...asked, arguments: null } })).toMatch(/erased/);
    expect(whyNotToSign({ ...view, asked: null })).toMatch(/does not show what was asked for/);
    // Who has no vote signs nothing, and need not be shown it.
    expect(whyNotToSign({ ...view, asked: null, yours: { ...view.yours, seats: [] } })).toBeNull();
  });

  it('binds the choice, the seat, the person and the vote', () => {
    const vote = { id: ID, person: 'dan', seat: 'safety-2', choice: 'yes' } as const;
    const { challenge } = ballotOf(VIEW, vote);
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const others = [{ choice: 'no' }, { seat: 'safety-1' }, { person: 'eve' }, { id: BOUND.about }] as const;
    expect(new Set([challenge, ...others.map((other) => ballotOf(VIEW, { ...vote, ...other }).challenge)]).size).toBe(5);
  });
});

describe('attention', () => {
  it('counts the time in view only, and remembers that the evidence was opened', () => {
    let now = 0;
    const attention = new Attention(() => now);
    attention.setVisible(true);
    now = 5_500;
    expect([attention.seconds, attention.evidence]).toEqual([5, false]);
    attention.setVisible(false);
    now = 60_000;
    attention.setVisible(true);
    now = 62_000;
    attention.openedEvidence();
    expect([attention.seconds, attention.evidence]).toEqual([7, true]);
    now = 1e9;
    expect(attention.seconds).toBe(86_400);
  });
});
