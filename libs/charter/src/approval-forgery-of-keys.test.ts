import { describe, expect, it } from 'vitest';
import { ApprovalStory, codesOf, SALT, sha256, StoryPasskey, uuid } from './approval-story.fixture.ts';
import { charterName, handoverChallenge } from './ballot.ts';

describe('what is forged of keys, charters, seats and broken glasses', () => {
  it.each<[string, (story: ApprovalStory) => unknown, string[]]>([
    [
      'a passkey that none before signed for',
      (story) => {
        const stolen = new StoryPasskey('stolen');
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.enrol('cem', stolen).vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2', { key: stolen }).passed(told, 60);
      },
      ['key_unbacked', 'passed_without_quorum'],
    ],
    [
      'a passkey that somebody else signed for',
      (story) => story.enrol('cem', new StoryPasskey('new'), { earlier: story.keyOf('dan') }),
      ['signer_key_of_another'],
    ],
    [
      'a passkey on a grant that is none',
      (story) => story.enrol('cem', new StoryPasskey('new'), { proposal: uuid(1) }),
      ['key_grant_unknown'],
    ],
    [
      'a grant used twice',
      (story) => {
        const { id } = story.granted('dan');
        story.enrol('dan', new StoryPasskey('one'), { proposal: id }).enrol('dan', new StoryPasskey('two'), { proposal: id });
      },
      ['key_grant_unknown'],
    ],
    [
      'a key that was lost, after another was granted',
      (story) => {
        story.granted('dan');
        story.vote(story.open({ power: 'latch.release', latch: story.order() }, 'ann'), 'dan', 'safety-2');
      },
      ['signer_key_ended'],
    ],
    [
      'a key that was given up as lost',
      (story) => story.enrol('dan', story.keyOf('dan'), { proposal: story.granted('dan').id }),
      ['key_given_up'],
    ],
    [
      'a mistake that is called practice',
      (story) => {
        const { id } = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.add('proposal.closed', { proposal: id, outcome: 'rejected', because: 'no', reason: '', practiceSalt: SALT });
      },
      ['practice_seal_differs'],
    ],
    [
      'practice that took effect',
      (story) => {
        const latch = story.order();
        const told = story.open({ power: 'latch.release', latch }, 'ann', [], true);
        story.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2').passed(told, 60).released(told, latch);
        story.add('proposal.closed', { proposal: told.id, outcome: 'failed', because: 'practice', reason: '', practiceSalt: SALT });
      },
      ['effect_of_practice'],
    ],
    [
      'an administrator whom one person made',
      (story) => story.add('person.joined', { person: 'mallory', role: 'administrator', tenant: 'house' }, 'ann'),
      ['administrator_without_quorum'],
    ],
    ['one key of two people', (story) => story.enrol('fay', story.keyOf('bob')), ['key_shared']],
    [
      'an enrolment that its own key did not sign',
      (story) => story.enrol('fay', new StoryPasskey('new')).bend('voter.enrolled', () => ({ publicKey: new StoryPasskey('x').publicKey })),
      ['key_signature'],
    ],
    [
      'a passkey of another site',
      (story) => story.enrol('fay', new StoryPasskey('new')).bend('voter.enrolled', () => ({ origin: 'https://evil.example' })),
      ['key_other_site', 'key_signature'],
    ],
    [
      'a proposal whose act was changed',
      (story) => {
        const latch = story.order();
        story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.bend('proposal.opened', () => ({ act: { power: 'latch.release', latch } }));
      },
      ['proposal_digest_differs'],
    ],
    [
      'authors that were left out',
      (story) => story.open({ power: 'access.grant', person: 'dan', grant: 'voting_key' }, 'ann'),
      ['proposal_authors_differ'],
    ],
    [
      'a charter under another name',
      (story) => story.bend('charter.adopted', () => ({ name: charterName('other', sha256) })),
      ['effect_differs'],
    ],
    [
      'a first charter without all whom it seats',
      (story) => story.bend('vote.cast', () => ({ choice: 'no', reason: 'never' })),
      ['passed_without_quorum', 'vote_signature', 'effect_without_quorum'],
    ],
    [
      'a handover that the successor did not sign',
      (story) =>
        story.handover().bend('handover.accepted', ({ data: { seat, to, effectiveAt } }) => ({
          signed: story.keyOf('bob').sign(handoverChallenge({ seat: `${seat}x`, to, effectiveAt }, sha256)),
        })),
      ['handover_signature'],
    ],
    [
      'a seat given up by somebody else',
      (story) => story.add('seat.left', { seat: 'safety-1', person: 'bob' }, 'ann'),
      ['not_in_person', 'seat_act_refused'],
    ],
    [
      'an absence declared for somebody else',
      (story) => story.add('absence.declared', { absence: uuid(5), person: 'eve', fromTime: story.time(), until: story.time(9) }, 'ann'),
      ['not_in_person'],
    ],
    ['a glass broken by one', (story) => story.brokenGlass([['bob', 'safety-1']]), ['glass_refused']],
    [
      'a glass broken for a seat that may not',
      (story) =>
        story.brokenGlass([
          ['bob', 'safety-1'],
          ['eve', 'operations-3'],
        ]),
      ['glass_refused'],
    ],
    [
      'a glass broken by who does not represent the seat',
      (story) =>
        story.brokenGlass([
          ['bob', 'safety-1'],
          ['ann', 'operations-2'],
        ]),
      ['glass_refused'],
    ],
    [
      'a glass that stays open longer',
      (story) => {
        story.brokenGlass();
        story.bend('glass.broken', () => ({ endsAt: story.time(600) }));
      },
      ['glass_differs'],
    ],
    [
      'a glass whose second signature is forged',
      (story) => {
        story.brokenGlass();
        story.bend('glass.signed', ({ data: { glass } }) => ({
          signed: story.glassSigned(glass, { power: 'latch.release', latch: uuid(1) }, 'cem', 'operations-2'),
        }));
      },
      ['glass_signature', 'glass_refused'],
    ],
    [
      'a glass used for another latch, and twice',
      (story) => {
        const { glass } = story.brokenGlass();
        story.add('latch.released', { release: glass, latch: story.order(), askedBy: 'bob', glass }, 'cem');
      },
      ['glass_used_twice', 'effect_differs'],
    ],
    [
      'a release by a glass that nobody broke',
      (story) => story.add('latch.released', { release: uuid(1), latch: story.order(), askedBy: 'bob', glass: uuid(1) }, 'cem'),
      ['glass_unknown'],
    ],
  ])('%s is named', async (_, forge, expected) => {
    const story = new ApprovalStory().found();
    forge(story);
    const codes = await codesOf(story);
    expect(codes).toEqual(expect.arrayContaining(expected));
    expect(new Set(codes)).toEqual(new Set(expected));
  });
});
