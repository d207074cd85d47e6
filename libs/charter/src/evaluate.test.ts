import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { explain } from './explain.ts';
import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Uncounted } from './judge-votes.ts';
import { DAY, HOUR, OPENED, sampleCharter, sampleFacts, sampleProposal, sampleVote } from './sample-charter.fixture.ts';

const charter = sampleCharter();
const yes = sampleVote;

function whyNot(...args: Parameters<typeof evaluate>): readonly (Uncounted | null)[] {
  return evaluate(...args).tally.judged.map(({ uncounted }) => uncounted);
}

describe('evaluating a proposal', () => {
  it('passes with enough votes from enough bodies', () => {
    const standing = evaluate(charter, sampleProposal(), [yes('ann', 'safety-1'), yes('bob', 'ops-2')], sampleFacts());
    expect(standing).toMatchObject({ state: 'passed', passedAt: OPENED + HOUR / 2, executeBy: OPENED + HOUR / 2 + DAY });
  });

  it('never passes by silence, and says who is still needed, from which body, until when', () => {
    const facts = sampleFacts();
    const standing = evaluate(charter, sampleProposal(), [yes('bob', 'ops-2')], facts);
    expect(standing).toMatchObject({ state: 'open', closesAt: OPENED + 2 * DAY, tally: { missingVotes: 1, missingBodies: 1 } });
    expect(explain(charter, standing, facts.now)).toEqual([
      'Open until 2026-03-03: 1 yes, 0 no so far.',
      '1 more yes needed.',
      'Votes of 1 more body needed besides: ops.',
      'Operations, ops-1: Ann; without an answer, Fay from 2026-03-01 12:00 UTC',
      'Operations, ops-3: Fay; without an answer, Eve from 2026-03-01 06:00 UTC',
      'Safety, safety-1: Ann',
      'Safety, safety-2: Cem; without an answer, Eve from 2026-03-01 06:00 UTC',
    ]);
    expect(evaluate(charter, sampleProposal(), [yes('bob', 'ops-2')], { ...facts, now: OPENED + 2 * DAY + 1 })).toMatchObject({
      state: 'expired',
      stage: 'vote',
    });
  });

  it('counts one person once, whatever seats they hold', () => {
    const votes = [yes('ann', 'ops-1', { at: OPENED }), yes('ann', 'safety-1')];
    expect(whyNot(charter, sampleProposal(), votes, sampleFacts())).toEqual(['replaced', null]);
    expect(evaluate(charter, sampleProposal(), votes, sampleFacts()).state).toBe('open');
  });

  it('counts one seat once, by the first in its order', () => {
    const late = OPENED + 7 * HOUR;
    const votes = [yes('bob', 'ops-1', { at: late }), yes('ann', 'ops-1', { at: late })];
    expect(whyNot(charter, sampleProposal(), votes, sampleFacts({ now: late }))).toEqual(['seat_taken', null]);
  });

  it.each([
    ['replayed', [yes('bob', 'ops-2'), yes('bob', 'ops-2')], {}],
    ['other_digest', [yes('bob', 'ops-2', { digest: 'b'.repeat(64) })], {}],
    ['late', [yes('bob', 'ops-2', { at: OPENED + 2 * DAY + 1 })], { now: OPENED + 3 * DAY }],
    ['late', [yes('bob', 'ops-2', { at: OPENED - 1 })], {}],
    ['late', [yes('bob', 'ops-2', { at: OPENED + 2 * HOUR })], {}],
    ['no_such_voice', [yes('eve', 'ops-2')], {}],
    ['not_yet', [yes('cem', 'ops-2')], {}],
    ['absent', [yes('bob', 'ops-2')], { absences: [{ person: 'bob', from: OPENED, until: OPENED + DAY }] }],
    ['no_step_up', [yes('bob', 'ops-2', { stepUp: false })], {}],
    ['conflict', [yes('bob', 'ops-2')], { conflicts: new Set(['bob']) }],
  ] as const)('does not count a vote that is %s', (why, votes, facts) => {
    expect(whyNot(charter, sampleProposal(), votes, sampleFacts(facts)).at(-1)).toBe(why);
  });

  it('never counts the proposer: by a seat of their own, as an alternate, or as a delegate', () => {
    const now = OPENED + 7 * HOUR;
    expect(whyNot(charter, sampleProposal({ proposer: 'ann' }), [yes('ann', 'ops-1')], sampleFacts())).toEqual(['proposer']);
    expect(whyNot(charter, sampleProposal(), [yes('dan', 'safety-1', { at: now })], sampleFacts({ now }))).toEqual(['proposer']);
    const delegations = [{ seat: 'ops-2', from: 'bob', to: 'dan', start: OPENED, end: OPENED + DAY }];
    expect(whyNot(charter, sampleProposal(), [yes('dan', 'ops-2')], sampleFacts({ delegations }))).toEqual(['proposer']);
  });

  it('does not let the proposer choose a voter by delegating', () => {
    const delegations = [{ seat: 'ops-1', from: 'ann', to: 'eve', start: OPENED, end: OPENED + DAY }];
    const proposal = sampleProposal({ proposer: 'ann' });
    expect(whyNot(charter, proposal, [yes('eve', 'ops-1')], sampleFacts({ delegations }))).toEqual(['delegator_excluded']);
  });

  it('counts a delegate once, and never a delegate of a delegate, nor one for longer than allowed', () => {
    const first = { seat: 'ops-2', from: 'bob', to: 'eve', start: OPENED, end: OPENED + DAY };
    const second = { ...first, from: 'eve', to: 'fay' };
    const facts = sampleFacts({ delegations: [first, second] });
    expect(whyNot(charter, sampleProposal(), [yes('eve', 'ops-2'), yes('fay', 'ops-2')], facts)).toEqual([null, 'delegated_twice']);
    const long = sampleFacts({ delegations: [{ ...first, end: OPENED + 11 * DAY }] });
    expect(whyNot(charter, sampleProposal(), [yes('eve', 'ops-2')], long)).toEqual(['no_such_voice']);
    const closed = sampleCharter({ delegation: { allowed: false } });
    expect(whyNot(closed, sampleProposal(), [yes('eve', 'ops-2')], facts)).toEqual(['no_such_voice']);
  });

  it("excludes the proposer's reporting line, above and below, and the author", () => {
    const proposal = sampleProposal({ power: 'record.export', proposer: 'eve', authors: ['ann'] });
    const at = OPENED + 7 * HOUR;
    const votes = [yes('fay', 'ops-3'), yes('dan', 'safety-1', { at }), yes('ann', 'ops-1')];
    expect(whyNot(charter, proposal, votes, sampleFacts({ now: at }))).toEqual(['reporting_line', 'reporting_line', 'author']);
  });

  it('does not count people whose training has run out, by when they voted or since', () => {
    const proposal = sampleProposal({ power: 'charter.amend' });
    const trainings = new Map([['bob', [{ power: null, body: null, until: OPENED + 2 * HOUR }]]]);
    expect(whyNot(charter, proposal, [yes('bob', 'ops-2')], sampleFacts({ trainings }))).toEqual([null]);
    expect(whyNot(charter, proposal, [yes('bob', 'ops-2')], sampleFacts({ trainings, now: OPENED + 3 * HOUR }))).toEqual(['untrained']);
  });

  it('counts a training for the power or for the body of the seat, not one for another role, and says who lacks which', () => {
    const proposal = sampleProposal({ power: 'charter.amend' });
    const until = OPENED + DAY;
    const cast = [yes('bob', 'ops-2')];
    const of = (power: PowerId | null, body: string | null, end = until) => {
      const facts = sampleFacts({ trainings: new Map([['bob', [{ power, body, until: end }]]]) });
      const standing = evaluate(charter, proposal, cast, facts);
      return [standing.tally.judged[0]?.uncounted, standing.tally.untrained.find(({ person }) => person === 'bob')?.lacks];
    };
    for (const role of [of(null, null), of('charter.amend', null), of(null, 'ops')]) expect(role).toEqual([null, undefined]);
    expect(of('latch.release', null)).toEqual([
      'untrained',
      'lacks training for charter.amend or for Operations: theirs is for latch.release',
    ]);
    expect(of(null, 'safety')).toEqual(['untrained', 'lacks training for charter.amend or for Operations: theirs is for Safety']);
    expect(of(null, 'ops', OPENED)).toEqual([
      'untrained',
      'lacks training for charter.amend or for Operations: the last ran out on 2026-03-01',
    ]);
    const words = explain(charter, evaluate(charter, proposal, cast, sampleFacts()), OPENED + HOUR).join(' ');
    expect(words).toContain('Bob lacks training for charter.amend or for Operations: none is recorded, so their vote does not count.');
    // Nobody without it is waited for.
    expect(evaluate(charter, proposal, [], sampleFacts()).tally.openSeats.flatMap(({ who }) => who)).toEqual([]);
  });

  it('lets alternates step in by absence at once and by no answer in their time, in their order', () => {
    const absences = [{ person: 'bob', from: OPENED, until: OPENED + DAY }];
    expect(whyNot(charter, sampleProposal(), [yes('cem', 'ops-2')], sampleFacts({ absences }))).toEqual([null]);
    const at = (hours: number) => OPENED + hours * HOUR;
    const fay = (hours: number) =>
      whyNot(charter, sampleProposal(), [yes('fay', 'ops-1', { at: at(hours) })], sampleFacts({ now: at(hours) }));
    expect([fay(11), fay(12)]).toEqual([['not_yet'], [null]]);
    const never = sampleCharter({ alternates: { onAbsence: false } });
    expect(whyNot(never, sampleProposal(), [yes('cem', 'ops-2')], sampleFacts({ absences }))).toEqual(['not_yet']);
  });

  it('voids votes of a seat whose term ends before the proposal passes, so that holding it back gains nothing', () => {
    const votes = [yes('cem', 'safety-2'), yes('bob', 'ops-2', { at: OPENED + DAY + HOUR })];
    const standing = evaluate(charter, sampleProposal(), votes, sampleFacts({ now: OPENED + DAY + HOUR }));
    expect(standing.tally.judged.map(({ uncounted }) => uncounted)).toEqual(['seat_lost', null]);
    expect(standing.state).toBe('open');
    const eve = [...votes, yes('eve', 'safety-2', { at: OPENED + DAY + HOUR })];
    expect(evaluate(charter, sampleProposal(), eve, sampleFacts({ now: OPENED + DAY + HOUR })).state).toBe('passed');
  });

  it('voids votes of those appointed only after they voted', () => {
    const appointed = { type: 'appointed', seat: 'ops-2', holder: 'eve', alternates: [], term: null, at: OPENED + HOUR } as const;
    const facts = sampleFacts({ now: OPENED + 2 * HOUR, seatEvents: [appointed] });
    expect(whyNot(charter, sampleProposal(), [yes('eve', 'ops-2')], facts)).toEqual(['no_such_voice']);
    expect(whyNot(charter, sampleProposal(), [yes('bob', 'ops-2')], facts)).toEqual(['seat_lost']);
  });

  it('waits for the notice period, in which a veto still comes in time', () => {
    const proposal = sampleProposal({ power: 'charter.amend' });
    const trainings = new Map(['ann', 'bob', 'cem'].map((person) => [person, [{ power: null, body: null, until: OPENED + 9 * DAY }]]));
    const votes = [yes('ann', 'ops-1'), yes('bob', 'ops-2'), yes('cem', 'safety-2')];
    expect(evaluate(charter, proposal, votes, sampleFacts({ trainings }))).toMatchObject({
      state: 'open',
      passesAt: OPENED + 12 * HOUR,
    });
    const later = sampleFacts({ trainings, now: OPENED + 12 * HOUR });
    expect(evaluate(charter, proposal, votes, later)).toMatchObject({ state: 'passed', passedAt: OPENED + 12 * HOUR });
    const veto = yes('dan', 'safety-1', { choice: 'veto', reason: 'not so', at: OPENED + 7 * HOUR });
    expect(evaluate(charter, proposal, [...votes, veto], later)).toMatchObject({ state: 'vetoed', veto: { person: 'dan' } });
    const stranger = yes('bob', 'ops-2', { choice: 'veto', reason: 'no', at: OPENED + HOUR / 2 });
    expect(whyNot(charter, proposal, [stranger], later)).toEqual(['no_such_voice']);
  });

  it('is rejected once nobody left could make up the quorum, and not before', () => {
    const no = (person: string, seat: string) => yes(person, seat, { choice: 'no', reason: 'unsafe' });
    const closed = sampleCharter({ delegation: { allowed: false } });
    expect(evaluate(closed, sampleProposal(), [no('ann', 'safety-1')], sampleFacts()).state).toBe('open');
    expect(evaluate(closed, sampleProposal(), [no('ann', 'safety-1'), no('cem', 'safety-2')], sampleFacts()).state).toBe('rejected');
  });

  it('is superseded by a change of charter, policy or subject, also after it passed', () => {
    const votes = [yes('ann', 'safety-1'), yes('bob', 'ops-2')];
    for (const by of ['charter', 'policy', 'subject'] as const)
      expect(evaluate(charter, sampleProposal(), votes, sampleFacts({ [by]: 'changed' }))).toMatchObject({ state: 'superseded', by });
  });

  it('expires unexecuted, and knows no power that the charter does not list', () => {
    const votes = [yes('ann', 'safety-1'), yes('bob', 'ops-2')];
    const late = sampleFacts({ now: OPENED + HOUR / 2 + DAY + 1 });
    const held = votes.map((vote) => vote);
    expect(evaluate(charter, sampleProposal(), held, late)).toMatchObject({ state: 'expired', stage: 'execution' });
    expect(evaluate(charter, sampleProposal({ power: 'key.rotate' }), votes, sampleFacts()).state).toBe('powerless');
  });
});
