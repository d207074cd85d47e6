import type { Actor } from '@wheelhouse/protocol/identity';
import { describe, expect, it } from 'vitest';
import { ApprovalStory, audited, codesOf, sha256, type Told, uuid } from './approval-story.fixture.ts';
import { charterName } from './ballot.ts';

const ANN: Actor = { kind: 'person', id: 'ann', role: 'operator' };
const nameOf = (text: string) => charterName(text, sha256);

/** Bundles, as far as a record of them goes: their text is their name. The first is shipped, the others are voted for. */
class PolicyStory extends ApprovalStory {
  constructor() {
    super();
    this.found();
    this.add('policy.adopted', { bundle: nameOf('first'), name: 'first', bundleText: 'first' });
  }

  adopted(...texts: readonly string[]): this {
    for (const text of texts) {
      const bundle = nameOf(text);
      const opened = this.minute;
      const told: Told = this.open({ power: 'policy.change', bundle, text }, 'ann');
      this.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2');
      // The charter has a notice of a day, from the opening on.
      this.minute = opened + 1440 + 1;
      this.passed(told, 2 * 1440);
      this.add('policy.adopted', { proposal: told.id, bundle, name: text, bundleText: text }, 'cem');
    }
    return this;
  }

  rolledBack(from: string, to: string, { by = ANN, order = this.next() }: { by?: Actor; order?: string } = {}): this {
    return this.add('policy.rolled_back', { order, bundle: nameOf(to), replaced: nameOf(from), reason: 'x' }, by);
  }
}

const codes = async (story: ApprovalStory) => new Set(await codesOf(story));

describe('a rollback of policy', () => {
  it('is one person’s, one step after the other, and counted as checked', async () => {
    const story = new PolicyStory().adopted('second', 'third').rolledBack('third', 'second').rolledBack('second', 'first');
    const { findings, checked } = await audited(story.adopted('fourth').rolledBack('fourth', 'first'));
    expect(findings).toEqual([]);
    // The charter, the three bundles that took an approval, and three rollbacks.
    expect(checked.effects).toBe(1 + 3 + 3);
  });

  it('leaves what was adopted while it was on its way into the record', async () => {
    const story = new PolicyStory().adopted('second', 'third').rolledBack('second', 'first').rolledBack('third', 'first');
    expect(await codes(story)).toEqual(new Set());
  });

  it('is an administrator’s who was an operator before', async () => {
    const story = new PolicyStory().adopted('second');
    const granted = story.open({ power: 'access.grant', person: 'eve', grant: 'administrator' }, 'ann', ['eve']);
    story.vote(granted, 'bob', 'safety-1').vote(granted, 'cem', 'operations-2').passed(granted, 1440);
    story.add('access.granted', { proposal: granted.id, person: 'eve', grant: 'administrator' }, 'cem');
    story.rolledBack('second', 'first', { by: { kind: 'person', id: 'eve', role: 'administrator' } });
    expect(await codes(story)).toEqual(new Set());
  });

  it.each<[string, (story: PolicyStory) => unknown]>([
    ['to a bundle that was never in force', (story) => story.adopted('second').rolledBack('second', 'third')],
    ['of two steps at once', (story) => story.adopted('second', 'third').rolledBack('third', 'first')],
    ['to what was adopted only later', (story) => story.rolledBack('first', 'second').adopted('second')],
    [
      'that brings back what was rolled back',
      (story) => story.adopted('second').rolledBack('second', 'first').rolledBack('first', 'second'),
    ],
    [
      'from a bundle that is not in force any more',
      (story) => story.adopted('second').rolledBack('second', 'first').rolledBack('second', 'first'),
    ],
  ])('%s is forged', async (_, forge) => {
    const story = new PolicyStory();
    forge(story);
    expect(await codes(story)).toEqual(new Set(['rollback_unfounded']));
  });

  it('has its effect once', async () => {
    const once = { order: uuid(1) };
    const story = new PolicyStory().adopted('second', 'third').rolledBack('third', 'second', once).rolledBack('second', 'first', once);
    expect(await codes(story)).toEqual(new Set(['rollback_repeated']));
  });

  it.each<[string, Actor]>([
    ['somebody who never joined', { kind: 'person', id: 'mal', role: 'operator' }],
    ['an API key', { kind: 'key', id: 'k', role: 'operator', person: 'ann' }],
    ['nobody', { kind: 'system', id: 'wheelhouse', role: 'system' }],
    ['somebody in a role that was never theirs', { kind: 'person', id: 'ann', role: 'administrator' }],
    ['a developer', { kind: 'person', id: 'dev', role: 'developer' }],
    ['an operator of a tenant', { kind: 'person', id: 'tess', role: 'operator' }],
  ])('by %s is not theirs', async (_, by) => {
    const story = new PolicyStory().adopted('second');
    story.add('person.joined', { person: 'dev', role: 'developer', tenant: 'house' });
    story.add('person.joined', { person: 'tess', role: 'operator', tenant: 'acme' });
    expect(await codes(story.rolledBack('second', 'first', { by }))).toEqual(new Set(['rollback_not_theirs']));
  });

  it('is never called forged where not everything is shown', async () => {
    const story = new PolicyStory().adopted('second', 'third').rolledBack('third', 'second').rolledBack('second', 'first');
    for (const [left, { kind }] of story.entries.entries()) {
      const without = await audited(story, (index) => index !== left);
      const hidden = await audited(
        story,
        () => true,
        (index) => index !== left,
      );
      expect([without.findings, hidden.findings], `without entry ${left}, ${kind}`).toEqual([[], []]);
    }
  });
});
