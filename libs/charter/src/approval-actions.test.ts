import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { ModelCheckpoint } from '@wheelhouse/protocol/policy';
import { describe, expect, it } from 'vitest';
import { ApprovalStory, audited, codesOf, type Told } from './approval-story.fixture.ts';

const DIGEST = 'd'.repeat(64);
type Asking = Partial<EntryOf<'action.asked'>['data']>;

/** Fine-tunes and promotions that somebody asks for, and what becomes of them. */
class ActionStory extends ApprovalStory {
  asked(power: ModelCheckpoint | 'tool', change: Asking = {}): string {
    const action = this.next();
    const common = { tenant: 'house', tool: 'support', digest: DIGEST, policies: ['p'], bundle: 'b', until: this.time(60), reason: '' };
    this.add('action.asked', { action, what: power, outcome: 'pending', ...common, ...change }, 'ann');
    return action;
  }

  /** Proposed under the action's own id, as the server does, and voted for. */
  voted(power: ModelCheckpoint, action: string): Told {
    const told = this.openAs(action, { power, action, name: 'support', digest: DIGEST }, 'ann');
    this.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2');
    return told;
  }

  decided(action: string, change: Partial<EntryOf<'action.decided'>['data']> = {}): this {
    return this.add('action.decided', { action, outcome: 'approved', digest: DIGEST, reason: '', ...change }, 'cem');
  }
}

const codes = async (story: ApprovalStory) => new Set(await codesOf(story));
const founded = () => new ActionStory().found();

describe('a fine-tune or a promotion', () => {
  it('is approved by the votes on it, once', async () => {
    const story = founded();
    const action = story.asked('finetune.create');
    story.passed(story.voted('finetune.create', action), 3 * 1440).decided(action, { proposal: action });
    const { findings, checked } = await audited(story);
    expect(findings).toEqual([]);
    expect(checked.effects).toBe(2);
    expect(await codes(story.decided(action, { proposal: action }))).toEqual(new Set(['approval_used_twice']));
  });

  it('is policy’s and one human’s to let pass before there is a charter, and a call of a tool always', async () => {
    const story = new ActionStory();
    story.asked('deployment.promote', { outcome: 'allowed' });
    story.decided(story.asked('finetune.create'));
    story.found();
    story.asked('tool', { outcome: 'allowed' });
    story.decided(story.asked('tool'));
    for (const outcome of ['denied', 'pending'] as const) story.asked('deployment.promote', { outcome });
    story.decided(story.asked('deployment.promote'), { outcome: 'rejected' });
    expect(await codes(story)).toEqual(new Set());
  });

  it.each<[string, (story: ActionStory) => unknown, string]>([
    ['that policy alone let pass', (story) => story.asked('finetune.create', { outcome: 'allowed' }), 'effect_without_quorum'],
    ['that one human approved', (story) => story.decided(story.asked('deployment.promote')), 'effect_without_quorum'],
    [
      'that one human edited',
      (story) => story.decided(story.asked('deployment.promote'), { outcome: 'edited', edited: 'e'.repeat(64) }),
      'effect_without_quorum',
    ],
    [
      'that was approved before the votes were there',
      (story) => {
        const action = story.asked('finetune.create');
        story.voted('finetune.create', action);
        story.decided(action, { proposal: action });
      },
      'effect_without_quorum',
    ],
    [
      'with other arguments than those that were voted for',
      (story) => {
        const action = story.asked('finetune.create');
        story.passed(story.voted('finetune.create', action), 3 * 1440).decided(action, { proposal: action, edited: 'e'.repeat(64) });
      },
      'effect_differs',
    ],
    [
      'by the votes on another',
      (story) => {
        const [action, other] = [story.asked('finetune.create'), story.asked('finetune.create')];
        story.passed(story.voted('finetune.create', action), 3 * 1440).decided(other, { proposal: action });
      },
      'effect_differs',
    ],
    [
      'that was asked for as something else than was voted for',
      (story) => {
        const action = story.asked('finetune.create', { tool: 'sales' });
        story.passed(story.voted('finetune.create', action), 3 * 1440).decided(action, { proposal: action });
      },
      'effect_differs',
    ],
    [
      'by a proposal that nobody made',
      (story) => story.decided(story.asked('finetune.create'), { proposal: story.next() }),
      'approval_unknown',
    ],
  ])('%s is found', async (_, forge, code) => {
    const story = founded();
    forge(story);
    expect(await codes(story)).toEqual(new Set([code]));
  });

  it('is never called forged where not everything is shown', async () => {
    const story = founded();
    const action = story.asked('finetune.create');
    story.passed(story.voted('finetune.create', action), 3 * 1440).decided(action, { proposal: action });
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
