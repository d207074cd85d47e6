import type { HouseChannel, SentKind } from '@wheelhouse/protocol/notice';

/** What a notice of each kind tells. */
export const KIND_WORDS: Readonly<Record<SentKind, string>> = {
  vote_wanted: 'a vote is wanted',
  vote_reminder: 'a vote is still wanted',
  vote_escalated: 'time to vote runs out',
  proposal_closed: 'a proposal has ended',
  glass_broken: 'glass was broken',
  glass_review_due: 'a review is due',
  glass_review_overdue: 'a review is overdue',
  handover_waiting: 'a seat is handed over',
  seat_changed: 'a seat has changed',
  charter_adopted: 'another charter is in force',
  action_wanted: 'an action waits',
  test: 'a test',
};

export const CHANNEL_WORDS: Readonly<Record<HouseChannel['kind'], string>> = { slack: 'Slack', webhook: 'Webhook' };
