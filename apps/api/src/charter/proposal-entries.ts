import type { ProposalEvent } from '@wheelhouse/charter/decide-proposal';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { entryOf } from '../ledger/new-entry.ts';

/** Who said it and when. `practiceSalt` opens the seal of a proposal that was for practice; null of all others. */
export type Said = { readonly by: Actor; readonly cause: string; readonly now: number; readonly practiceSalt: string | null };

/** The ledger's words for what was decided. `opened`, `voted` and `executed` are written where they are decided. */
export function entriesOf(file: ProposalFile, event: ProposalEvent, { by, cause, now, practiceSalt }: Said): LedgerEntry[] {
  const proposal = file.life.proposal.id;
  const revealed = practiceSalt === null ? {} : { practiceSalt };
  const closed = (outcome: 'vetoed' | 'rejected' | 'expired' | 'withdrawn' | 'superseded' | 'failed', because: string, reason = '') => [
    entryOf('proposal.closed', { proposal, outcome, because, reason, ...revealed }, by, { cause, at: now }),
  ];
  switch (event.type) {
    case 'passed':
      return [
        entryOf('proposal.passed', { proposal, passedAt: isoOf(event.passedAt), executeBy: isoOf(event.executeBy) }, by, {
          cause,
          at: now,
        }),
      ];
    case 'vetoed':
      return closed('vetoed', 'A veto was cast.');
    case 'rejected':
      return closed('rejected', "Its quorum can't be reached any more.");
    case 'expired':
      return closed(
        'expired',
        event.stage === 'vote' ? 'The time to vote was over; silence never approves.' : 'It was not executed in time.',
      );
    case 'withdrawn':
      return closed('withdrawn', 'Its proposer withdrew it.', event.reason);
    case 'superseded':
      return closed(
        'superseded',
        `The ${event.by === 'subject' ? 'thing that it is about' : event.by} changed; propose it again as it is now.`,
      );
    case 'failed':
      return closed('failed', event.why);
    case 'opened':
    case 'voted':
    case 'executed':
      return [];
  }
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
