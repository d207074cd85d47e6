import { describe, expect, it } from 'vitest';
import { asked, audit, codes, entry, keyOf, order, person, released, sha256 } from './evidence-fixture.ts';
import { openSessionAudit } from './session-audit.ts';

const SYSTEM = { kind: 'system', id: 'wheelhouse', role: 'system' };
const opened = (proposal = 'r', latch = 'order-1') =>
  entry('proposal.opened', { proposal, power: 'latch.release', act: { power: 'latch.release', latch } }, person('ann'));
const passed = (proposal = 'r') => entry('proposal.passed', { proposal }, SYSTEM);
const closed = (proposal = 'r') => entry('proposal.closed', { proposal, outcome: 'rejected', because: '', reason: '' }, SYSTEM);
const approved = (by = person('cem'), data: Record<string, unknown> = {}) =>
  entry('latch.released', { release: 'r', latch: 'order-1', askedBy: 'ann', proposal: 'r', ...data }, by);
const glassAsked = (latch = 'order-1') => entry('glass.asked', { glass: 'g', emergency: { power: 'latch.release', latch } }, person('ann'));
const broken = (practice = false) => entry('glass.broken', { glass: 'g', practice }, person('bob'));
const byGlass = (data: Record<string, unknown> = {}) =>
  entry('latch.released', { release: 'g', latch: 'order-1', askedBy: 'ann', glass: 'g', ...data }, person('bob'));

describe('a release that a proposal decided', () => {
  it('is one by the last voter, or by Wheelhouse when the notice ended', () => {
    for (const by of [person('cem'), SYSTEM]) expect(codes(order(1), asked(), opened(), passed(), approved(by))).toEqual([]);
    expect(audit(order(1), asked(), opened(), passed(), approved()).inForce).toEqual([]);
  });

  it.each([
    ['without a proposal', [asked(), approved()], ['release_not_approved']],
    ['of one that had not passed', [asked(), opened(), approved()], ['release_not_approved']],
    ['of one that was closed', [asked(), opened(), closed(), approved()], ['release_not_approved']],
    ['of one that passed after it was closed', [asked(), opened(), closed(), passed(), approved()], ['release_not_approved']],
    ['of one for another latch', [asked(), opened('r', 'order-2'), passed(), approved()], ['release_differs']],
    ['under another id', [asked(), opened('q'), passed('q'), approved(person('cem'), { proposal: 'q' })], ['release_differs']],
    ['that nobody had asked for', [opened(), passed(), approved()], ['release_unknown']],
    ['by a key', [asked(), opened(), passed(), approved(keyOf('cem'))], ['release_not_by_people']],
    ['by the proposer', [asked(), opened(), passed(), approved(person('ann'))], ['release_by_one_person']],
  ])('is found out %s', (_, entries, expected) => {
    expect(codes(order(1), ...entries)).toEqual(expected);
  });

  it('happens once, and not by the system where nobody voted', () => {
    expect(codes(order(1), asked(), opened(), passed(), approved(), approved())).toEqual([
      'latch_released_twice',
      'release_withdrawn',
      'release_approval_used',
    ]);
    const bySystem = { ...released(), by: SYSTEM };
    expect(codes(order(1), asked(), bySystem)).toEqual(['release_not_by_people']);
  });

  it('is not judged by what is not shown', () => {
    const auditor = openSessionAudit({ sha256 });
    for (const [index, one] of [order(1), asked(), opened()].entries()) auditor.entry(index, one);
    auditor.hole();
    auditor.entry(9, approved(SYSTEM));
    expect(auditor.finish().findings).toEqual([]);
    const redacted = openSessionAudit({ sha256 });
    redacted.entry(0, order(1));
    redacted.entry(1, asked());
    redacted.entry(2, { kind: 'proposal.opened', by: { kind: 'person' }, data: { proposal: 'r' } }, true);
    redacted.entry(3, { kind: 'proposal.passed', by: { kind: 'system' }, data: { proposal: 'r' } }, true);
    redacted.entry(4, { kind: 'latch.released', by: { kind: 'system' }, data: { release: 'r', latch: 'order-1' } }, true);
    expect(redacted.finish().findings).toEqual([]);
  });
});

describe('a release by a broken glass', () => {
  it('needs nobody who asks for a release', () => {
    expect(codes(order(1), glassAsked(), broken(), byGlass())).toEqual([]);
  });

  it.each([
    ['without a glass', [byGlass()], ['release_not_approved']],
    ['of one that was not broken', [glassAsked(), byGlass()], ['release_not_approved']],
    ['of a drill', [glassAsked(), broken(true), byGlass()], ['release_not_approved']],
    ['of one for another latch', [glassAsked('order-2'), broken(), byGlass()], ['release_differs']],
    ['by one person', [glassAsked(), broken(), byGlass({ askedBy: 'bob' })], ['release_by_one_person']],
    ['twice', [glassAsked(), broken(), byGlass(), byGlass()], ['latch_released_twice', 'release_approval_used']],
  ])('is found out %s', (_, entries, expected) => {
    expect(codes(order(1), ...entries)).toEqual(expected);
  });
});
