import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApprovalStory, audited, codesOf, sha256, StoryPasskey, uuid } from './approval-story.fixture.ts';
import { charterName } from './ballot.ts';

/** Whoever keeps the record and the key of the log can write what they like; the passkeys of others they do not have. */
describe('what is forged of votes and of what they decided', () => {
  it.each<[string, (story: ApprovalStory) => unknown, string[]]>([
    [
      'a choice that was flipped',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1', { choice: 'no' }).bend('vote.cast', () => ({ choice: 'yes' }));
      },
      ['vote_signature'],
    ],
    [
      'a seat that was changed',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1').bend('vote.cast', () => ({ seat: 'operations-1' }));
      },
      ['vote_not_counting', 'vote_signature'],
    ],
    [
      'a vote on one proposal, used for another',
      (story) => {
        const first = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        const second = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(first, 'bob', 'safety-1').bend('vote.cast', () => ({ proposal: second.id }));
      },
      ['vote_other_digest'],
    ],
    [
      'a vote on one proposal, with the digest of another',
      (story) => {
        const first = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        const second = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(first, 'bob', 'safety-1').bend('vote.cast', () => ({ proposal: second.id, digest: second.digest }));
      },
      ['vote_signature'],
    ],
    [
      'a vote with the key of somebody else',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1', { key: story.keyOf('dan') });
      },
      ['signer_key_of_another'],
    ],
    [
      'a vote with a key that nobody enrolled',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1', { key: new StoryPasskey('stranger') });
      },
      ['signer_key_unknown'],
    ],
    [
      'a vote by an authenticator that verified nobody',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1', { how: { verified: false } });
      },
      ['vote_signature'],
    ],
    [
      'a vote signed on another page',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1', { how: { origin: 'https://house.test.evil.example' } });
      },
      ['vote_signature'],
    ],
    [
      'a vote after the end',
      (story) => {
        const release = story.approvedRelease();
        story.released(release, release.latch).vote(release, 'dan', 'safety-2');
      },
      ['vote_after_end'],
    ],
    [
      'a vote after the time to vote',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.minute += 720;
        story.vote(told, 'bob', 'safety-1');
      },
      ['vote_after_end'],
    ],
    [
      "the proposer's own vote",
      (story) => story.vote(story.open({ power: 'latch.release', latch: story.order() }, 'ann'), 'ann', 'operations-1'),
      ['vote_not_counting'],
    ],
    [
      'a vote twice',
      (story) => {
        const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
        story.vote(told, 'bob', 'safety-1');
        const [copy] = story.entries.slice(-1);
        if (copy !== undefined) story.entries.push(copy);
      },
      ['vote_repeated'],
    ],
    [
      'an act without its quorum',
      (story) => {
        const latch = story.order();
        const told = story.open({ power: 'latch.release', latch }, 'ann');
        story.vote(told, 'bob', 'safety-1').passed(told, 60).released(told, latch);
      },
      ['passed_without_quorum', 'effect_without_quorum'],
    ],
    [
      'an act whose quorum is a forged vote',
      (story) => {
        const latch = story.order();
        const told = story.open({ power: 'latch.release', latch }, 'ann');
        story.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2', { how: { verified: false } });
        story.passed(told, 60).released(told, latch);
      },
      ['vote_signature', 'passed_without_quorum', 'effect_without_quorum'],
    ],
    [
      'an act that nothing says has passed',
      (story) => {
        const latch = story.order();
        const told = story.open({ power: 'latch.release', latch }, 'ann');
        story.vote(told, 'bob', 'safety-1').released(told, latch);
      },
      ['effect_without_quorum'],
    ],
    [
      'an act too late',
      (story) => {
        const release = story.approvedRelease();
        story.minute += 61;
        story.released(release, release.latch);
      },
      ['effect_too_late'],
    ],
    [
      'an act twice',
      (story) => {
        const release = story.approvedRelease();
        story.released(release, release.latch).released(release, release.latch);
      },
      ['approval_used_twice'],
    ],
    ['another act', (story) => story.released(story.approvedRelease(), story.order()), ['effect_differs']],
    [
      'an act of another kind',
      (story) => {
        const { id } = story.approvedRelease();
        story.add('subject.erased', { erasure: id, subject: 's', askedBy: 'ann', pieces: 0, proposal: id }, 'cem');
      },
      ['effect_differs'],
    ],
    [
      'an act that nobody proposed',
      (story) => story.add('seat.recalled', { proposal: uuid(1), seat: 'safety-1' }, 'cem'),
      ['approval_unknown'],
    ],
    [
      'an act by two people',
      (story) => story.add('latch.released', { release: uuid(1), latch: story.order(), askedBy: 'ann' }, 'bob'),
      ['two_people_under_charter'],
    ],
    [
      'a policy that nobody voted on, after the one that was shipped',
      (story) => {
        for (const name of ['first', 'second']) story.add('policy.adopted', { bundle: charterName(name, sha256), name, bundleText: name });
      },
      ['effect_without_quorum'],
    ],
    [
      'a first policy that a person put there',
      (story) => story.add('policy.adopted', { bundle: charterName('x', sha256), name: 'x', bundleText: 'x' }, 'ann'),
      ['effect_without_quorum'],
    ],
    [
      'a policy under the name of another',
      (story) => story.add('policy.adopted', { bundle: charterName('x', sha256), name: 'x', bundleText: 'y' }),
      ['effect_differs'],
    ],
  ])('%s is named', async (_, forge, expected) => {
    const story = new ApprovalStory().found();
    forge(story);
    const codes = await codesOf(story);
    expect(codes).toEqual(expect.arrayContaining(expected));
    expect(new Set(codes)).toEqual(new Set(expected));
  });

  it('any change of a signed vote is found, whatever part of it', async () => {
    const parts = ['authenticatorData', 'clientData', 'signature', 'credential'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, at, by) => {
        const story = new ApprovalStory().found();
        story.vote(story.open({ power: 'latch.release', latch: story.order() }, 'ann'), 'bob', 'safety-1');
        story.bend('vote.cast', ({ data: { signed } }) => {
          const bytes = Buffer.from(signed[part], 'base64url');
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ by;
          return { signed: { ...signed, [part]: bytes.toString('base64url') } };
        });
        expect((await audited(story)).faults).toBeGreaterThan(0);
      }),
      { numRuns: 25, examples: [['signature', 1, 4]] },
    );
  });
});
