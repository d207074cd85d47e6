import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApprovalStory, audited, codesOf, PEOPLE, sha256, StoryPasskey, uuid } from './approval-story.fixture.ts';
import { ballotChallenge, charterName, handoverChallenge } from './ballot.ts';

const founded = () => new ApprovalStory().found();
const grant = (story: ApprovalStory, person: string) => {
  const told = story.open({ power: 'access.grant', person, grant: 'voting_key' }, 'ann', [person]);
  story.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2').passed(told, 1440);
  story.add('access.granted', { proposal: told.id, person, grant: 'voting_key' }, 'cem');
  return told;
};
/** A whole life: a release, a break glass and its review, a lost key, a handover, an erasure and an export. */
const everything = () => {
  const story = founded();
  const release = story.approvedRelease();
  story.released(release, release.latch);
  const { glass, latch } = story.brokenGlass();
  const review = story.open({ power: 'break_glass.review', glass }, 'ann', ['bob', 'cem']);
  story.vote(review, 'dan', 'safety-2').vote(review, 'eve', 'operations-3').passed(review, 1440);
  story.add('glass.reviewed', { proposal: review.id, glass }, 'eve');
  story.minute += 60;
  story.add('glass.ended', { glass, outcome: 'ended', order: uuid(77) });
  const { id } = grant(story, 'dan');
  const fresh = new StoryPasskey('fresh');
  story.enrol('dan', fresh, { proposal: id }).enrol('dan', story.keyOf('dan'), { earlier: fresh });
  story.add('absence.declared', { absence: uuid(5), person: 'eve', fromTime: story.time(), until: story.time(500) }, 'eve');
  story.add('absence.ended', { absence: uuid(5) }, 'eve');
  story.handover();
  const act = { format: 'bundle', report: null, profile: 'full', filter: {} } as const;
  const asked = story.open({ power: 'record.export', ...act }, 'ann');
  story.add('export.asked', { export: asked.id, format: 'bundle', profile: 'full', filter: {}, reason: 'audit' }, 'ann');
  story.vote(asked, 'bob', 'safety-1').vote(asked, 'dan', 'safety-2', { choice: 'no' }).vote(asked, 'cem', 'operations-2');
  story.passed(asked, 1440).add('export.confirmed', { export: asked.id, askedBy: 'ann', proposal: asked.id }, 'cem');
  return { story, latch };
};

describe('an honest record', () => {
  it('is found honest, and what was checked is counted', async () => {
    const { story } = everything();
    const report = await audited(story);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({
      checked: { proposals: 5, keys: 7, votes: 13, quorums: 5, effects: 6, seats: 2, handovers: 1, glassSignatures: 2, glasses: 1 },
      ...{ keys: 6, people: 5, faults: 0, charter: { version: 1 } },
    });
    expect(report.unchecked.map(({ code }) => code)).toEqual(['first_keys_taken', 'analysis_not_repeated']);
  });

  it('is decided by two people before there is a charter', async () => {
    const story = new ApprovalStory();
    const latch = story.order();
    story.add('latch.released', { release: uuid(1), latch, askedBy: 'ann' }, 'bob');
    story.add('subject.erased', { erasure: uuid(2), subject: 's', askedBy: 'ann', pieces: 0 }, 'bob');
    expect(await codesOf(story)).toEqual([]);
    story.add('subject.erased', { erasure: uuid(3), subject: 't', askedBy: 'bob', pieces: 0 }, 'bob');
    expect(await codesOf(story)).toEqual(['decided_by_one_person']);
  });

  it('may have a release by two people cross the adoption, and no later one', async () => {
    const story = founded();
    story.minute -= 1;
    const rules = story.charter;
    story.charter = 'two-people/1';
    story.add('latch.released', { release: uuid(1), latch: uuid(9), askedBy: 'ann' }, 'bob');
    const report = await audited(story);
    expect(report.findings).toMatchObject([{ code: 'two_people_under_charter', severity: 'note' }]);
    story.add('latch.released', { release: uuid(2), latch: uuid(9), askedBy: 'ann' }, 'bob');
    story.charter = rules;
    story.minute += 10;
    story.add('subject.erased', { erasure: uuid(3), subject: 's', askedBy: 'ann', pieces: 0 }, 'bob');
    expect((await audited(story)).faults).toBe(2);
  });
});

describe('what somebody forges who has the record, and the key of the log', () => {
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
        const { id } = grant(story, 'dan');
        story.enrol('dan', new StoryPasskey('one'), { proposal: id }).enrol('dan', new StoryPasskey('two'), { proposal: id });
      },
      ['key_grant_unknown'],
    ],
    [
      'a key that was lost, after another was granted',
      (story) => {
        grant(story, 'dan');
        story.vote(story.open({ power: 'latch.release', latch: story.order() }, 'ann'), 'dan', 'safety-2');
      },
      ['signer_key_ended'],
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
        story.handover().bend('handover.accepted', ({ seat, to, effectiveAt }) => ({
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
        story.bend('glass.signed', ({ glass }) => ({
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
    const story = founded();
    forge(story);
    const codes = await codesOf(story);
    expect(codes).toEqual(expect.arrayContaining(expected));
    expect(new Set(codes)).toEqual(new Set(expected));
  });

  it('any change of a signed vote is found, whatever part of it', async () => {
    const parts = ['authenticatorData', 'clientData', 'signature', 'credential'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, at, by) => {
        const story = founded();
        story.vote(story.open({ power: 'latch.release', latch: story.order() }, 'ann'), 'bob', 'safety-1');
        story.bend('vote.cast', ({ signed }) => {
          const bytes = Buffer.from(signed[part], 'base64url');
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ by;
          return { signed: { ...signed, [part]: bytes.toString('base64url') } };
        });
        expect((await audited(story)).faults).toBeGreaterThan(0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('where not everything is shown', () => {
  it('no selection of an honest record is called forged, and what is missing is said', async () => {
    const { story } = everything();
    const size = story.entries.length;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(size - 1)), fc.uniqueArray(fc.nat(size - 1)), async (left, redacted) => {
        const report = await audited(
          story,
          (index) => !left.includes(index),
          (index) => !redacted.includes(index),
        );
        expect(report.findings).toEqual([]);
        const isWhole = left.every((index) => index >= size - 1) && redacted.length === 0;
        if (!isWhole && left.some((index) => index < size - 8))
          expect(report.unchecked.map(({ code }) => code).join(' ')).toMatch(/approvals_/);
      }),
      { numRuns: 60 },
    );
  });

  it('says since when, and still finds what no entry could explain', async () => {
    const story = founded();
    const release = story.approvedRelease();
    story.released(release, release.latch).released(release, release.latch);
    const report = await audited(story, (index) => index !== 3);
    expect(report.findings.map(({ code }) => code)).toEqual(['approval_used_twice']);
    expect(report.unchecked[0]?.message).toContain('(entry 3 is not)');
  });

  it('a vote is checked with the key that counted when it was cast', async () => {
    const story = founded();
    const told = story.open({ power: 'latch.release', latch: story.order() }, 'ann');
    story.vote(told, 'dan', 'safety-2');
    grant(story, 'dan');
    expect(await codesOf(story)).toEqual([]);
    expect(PEOPLE).toContain('dan');
    expect(ballotChallenge({ digest: told.digest, vote: uuid(1), person: 'dan', seat: 's', choice: 'yes' }, sha256)).toHaveLength(32);
  });

  it('a text that is no charter is named, and nothing after it is judged by it', async () => {
    const story = founded().bend('charter.adopted', () => ({ charterText: 'nonsense: [' }));
    const release = story.approvedRelease();
    story.released(release, release.latch);
    const report = await audited(story);
    expect(report.findings.map(({ code }) => code)).toEqual(['effect_differs', 'effect_differs', 'entry_unfit']);
    expect(report.charter).toBeNull();
  });
});
