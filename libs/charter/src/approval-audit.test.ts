import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApprovalStory, audited, codesOf, StoryPasskey, uuid } from './approval-story.fixture.ts';

const founded = () => new ApprovalStory().found();
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
  const { id } = story.granted('dan');
  const fresh = new StoryPasskey('fresh');
  story.enrol('dan', fresh, { proposal: id }).enrol('dan', new StoryPasskey('spare'), { earlier: fresh });
  story.keys.set('dan', fresh);
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
      ...{ keys: 7, people: 5, faults: 0, charter: { version: 1 } },
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
    story.granted('dan');
    expect(await codesOf(story)).toEqual([]);
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
