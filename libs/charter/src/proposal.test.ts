import type { Vote } from '@wheelhouse/protocol/charter';
import { describe, expect, it } from 'vitest';
import { decideProposal, type ProposalAct, type ProposalContext } from './decide-proposal.ts';
import { evolveProposal } from './evolve-proposal.ts';
import type { ProposalLife } from './proposal.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import { DAY, DIGEST, HOUR, OPENED, sampleCharter, sampleFacts, sampleFile, sampleProposal, sampleVote } from './sample-charter.fixture.ts';

const charter = sampleCharter();
const at = (now: number, change: Parameters<typeof sampleFacts>[0] = {}): ProposalContext => ({
  charter,
  facts: sampleFacts({ ...change, now }),
});
const vote = (person: string, seat: string, change: Partial<Vote> = {}): ProposalAct => ({
  type: 'vote',
  by: { kind: 'person', id: person, role: 'operator' },
  vote: sampleVote(person, seat, change),
});
const execute: ProposalAct = { type: 'execute', digest: DIGEST };

/** Does one act after another; the proposal as it stands and what the last act was answered with. */
function given(...acts: readonly (readonly [ProposalAct, ProposalContext])[]): {
  life: ProposalLife | null;
  last: Refusal | readonly string[];
} {
  let life: ProposalLife | null = null;
  let last: Refusal | readonly string[] = [];
  for (const [act, context] of acts) {
    const answer = decideProposal(life, act, context);
    last = isRefusal(answer) ? answer : answer.map(({ type }) => type);
    if (!isRefusal(answer)) for (const event of answer) life = evolveProposal(life, event);
  }
  return { life, last };
}

const open = [{ type: 'open', proposal: sampleProposal() } as const, at(OPENED)] as const;
const ann = [vote('ann', 'safety-1'), at(OPENED + HOUR)] as const;
const bob = [vote('bob', 'ops-2'), at(OPENED + 2 * HOUR)] as const;

describe("a proposal's life", () => {
  it('goes from open over passed to executed, once', () => {
    expect(given(open, ann, bob)).toMatchObject({ life: { state: 'passed', passedAt: OPENED + 2 * HOUR }, last: ['voted', 'passed'] });
    expect(given(open, ann, bob, [execute, at(OPENED + 3 * HOUR)])).toMatchObject({ life: { state: 'executed' }, last: ['executed'] });
    const twice = given(open, ann, bob, [execute, at(OPENED + 3 * HOUR)], [execute, at(OPENED + 3 * HOUR)]);
    expect(twice).toMatchObject({ life: { state: 'executed' }, last: { refused: 'conflict' } });
  });

  it('executes nothing but what was voted on', () => {
    const other = given(open, ann, bob, [{ type: 'execute', digest: 'b'.repeat(64) }, at(OPENED + 3 * HOUR)]);
    expect(other).toMatchObject({ life: { state: 'passed' }, last: { refused: 'conflict' } });
    expect(given(open, ann, [execute, at(OPENED + 3 * HOUR)])).toMatchObject({ last: { refused: 'conflict' } });
  });

  it('is superseded, passed or not, by a charter that does not even know its power', () => {
    const { 'latch.release': gone, ...powers } = sampleFile().powers;
    expect(gone).toBeDefined();
    const amended = { ...at(OPENED + 3 * HOUR, { charter: 'charter-2' }), charter: sampleCharter({ powers, breakGlass: {} }) };
    for (const votes of [[ann], [ann, bob]])
      expect(given(open, ...votes, [{ type: 'look' }, amended])).toMatchObject({ life: { state: 'superseded', by: 'charter' } });
    expect(given(open, ann, bob, [execute, amended])).toMatchObject({ life: { state: 'superseded' }, last: ['superseded'] });
    // Should the name be the same, the power is still nobody's.
    expect(given(open, ann, bob, [execute, { ...amended, ...at(OPENED), charter: amended.charter }]).life?.state).toBe('rejected');
  });

  it('is used up by a failed execution too', () => {
    const failed = [{ type: 'fail', why: 'the gate refused' } as const, at(OPENED + 3 * HOUR)] as const;
    expect(given(open, ann, bob, failed, [execute, at(OPENED + 3 * HOUR)])).toMatchObject({
      life: { state: 'failed', why: 'the gate refused' },
      last: { refused: 'conflict' },
    });
  });

  it('refuses votes that would not count, and names why', () => {
    expect(given(open, [vote('bob', 'ops-2', { digest: 'b'.repeat(64) }), at(OPENED + HOUR)]).last).toMatchObject({
      refused: 'forbidden',
      message: 'This vote would not count: it was for another digest, so for something else than this proposal.',
    });
    expect(given(open, ann, ann).last).toMatchObject({ message: 'This vote would not count: the same vote was cast before.' });
    expect(given(open, [vote('bob', 'ops-2'), at(OPENED + 3 * DAY)]).last).toMatchObject({ refused: 'conflict' });
  });

  it('takes votes of people only, each for themselves, and a reason to reject', () => {
    const key: ProposalAct = {
      type: 'vote',
      by: { kind: 'key', id: 'k', role: 'developer', person: 'bob' },
      vote: sampleVote('bob', 'ops-2'),
    };
    expect(given(open, [key, at(OPENED + HOUR)]).last).toMatchObject({ refused: 'forbidden' });
    const forged: ProposalAct = { type: 'vote', by: { kind: 'person', id: 'eve', role: 'operator' }, vote: sampleVote('bob', 'ops-2') };
    expect(given(open, [forged, at(OPENED + HOUR)]).last).toMatchObject({ refused: 'forbidden' });
    expect(given(open, [vote('bob', 'ops-2', { choice: 'no' }), at(OPENED + HOUR)]).last).toMatchObject({ refused: 'malformed' });
  });

  it('is vetoed at once, by those who may', () => {
    const veto = vote('ann', 'safety-1', { choice: 'veto', reason: 'not in this state' });
    expect(given(open, [veto, at(OPENED + HOUR)])).toMatchObject({ life: { state: 'vetoed', by: 'ann' }, last: ['voted', 'vetoed'] });
  });

  it('is withdrawn by its proposer alone', () => {
    expect(given(open, [{ type: 'withdraw', by: 'ann', reason: '' }, at(OPENED)]).last).toMatchObject({ refused: 'forbidden' });
    expect(given(open, [{ type: 'withdraw', by: 'dan', reason: 'a mistake' }, at(OPENED)])).toMatchObject({ life: { state: 'withdrawn' } });
  });

  it('is superseded when the charter, the policy or the subject changes, passed or not', () => {
    for (const by of ['charter', 'policy', 'subject'] as const) {
      const look = [{ type: 'look' } as const, at(OPENED + 3 * HOUR, { [by]: 'changed' })] as const;
      expect(given(open, ann, look)).toMatchObject({ life: { state: 'superseded', by } });
      expect(given(open, ann, bob, look)).toMatchObject({ life: { state: 'superseded', by } });
      expect(given(open, ann, bob, [execute, look[1]])).toMatchObject({ life: { state: 'superseded' }, last: ['superseded'] });
    }
    const stale = [{ type: 'open', proposal: sampleProposal() } as const, at(OPENED, { charter: 'changed' })] as const;
    expect(given(stale).last).toMatchObject({ refused: 'conflict' });
  });

  it('expires, in the vote and in the execution', () => {
    const look = (now: number) => [{ type: 'look' } as const, at(now)] as const;
    expect(given(open, ann, look(OPENED + 2 * DAY + 1))).toMatchObject({ life: { state: 'expired', stage: 'vote' } });
    const late = OPENED + 2 * HOUR + DAY;
    expect(given(open, ann, bob, look(late))).toMatchObject({ life: { state: 'passed' }, last: [] });
    expect(given(open, ann, bob, [execute, at(late + 1)])).toMatchObject({
      life: { state: 'expired', stage: 'execution' },
      last: ['expired'],
    });
  });

  it('cannot be opened for a power that the charter does not list, nor twice', () => {
    const erase = [{ type: 'open', proposal: sampleProposal({ power: 'record.erase' }) } as const, at(OPENED)] as const;
    expect(given(erase).last).toMatchObject({ refused: 'forbidden' });
    expect(given(open, open).last).toMatchObject({ refused: 'conflict' });
  });

  it('amends the rules by the rules in force: an amendment that lowers its own quorum still takes the old one', () => {
    const lowered = sampleCharter();
    const trainings = new Map(['ann', 'bob', 'cem'].map((person) => [person, [{ power: null, body: null, until: OPENED + 9 * DAY }]]));
    const amendment = [{ type: 'open', proposal: sampleProposal({ power: 'charter.amend' }) } as const, at(OPENED)] as const;
    const when = (now: number) => ({ charter: lowered, facts: sampleFacts({ trainings, now }) });
    const two = given(amendment, [vote('ann', 'ops-1'), when(OPENED + HOUR)], [vote('bob', 'ops-2'), when(OPENED + HOUR)]);
    expect(two).toMatchObject({ life: { state: 'open' } });
    // The charter that it would bring is in force only after it: whoever decides by it supersedes the proposal instead.
    const ahead = { charter: sampleCharter({ version: 2 }), facts: sampleFacts({ trainings, now: OPENED + DAY, charter: 'charter-2' }) };
    expect(evolveAfter(two.life, ahead)).toBe('superseded');
  });
});

function evolveAfter(life: ProposalLife | null, context: ProposalContext): string | undefined {
  const answer = decideProposal(life, { type: 'look' }, context);
  return isRefusal(answer) ? 'refused' : answer.map(({ type }) => type)[0];
}
