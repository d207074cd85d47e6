import type { Charter } from './charter.ts';
import { nameOf } from './charter.ts';
import type { Standing, Tally } from './evaluate.ts';
import { instantText } from './instant.ts';
import type { Uncounted } from './judge-votes.ts';

/** Why a vote does not count, as the end of a sentence. */
export function uncountedInWords(why: Uncounted): string {
  return UNCOUNTED[why];
}

const UNCOUNTED: Readonly<Record<Uncounted, string>> = {
  proposer: 'the proposer never votes on their own proposal, for whichever seat',
  conflict: 'the voter declared a conflict of interest',
  author: 'the voter made what the proposal is about, or is whom it is about',
  reporting_line: "the voter is in the proposer's reporting line",
  replayed: 'the same vote was cast before',
  other_digest: 'it was for another digest, so for something else than this proposal',
  late: 'it was not cast while the vote was open',
  no_such_voice: 'the voter does not speak for this seat, or the seat has no voice in this power',
  not_yet: 'the turn of this alternate has not come',
  absent: 'the voter had declared an absence',
  delegator_excluded: 'whoever delegated the vote may not vote on this proposal either',
  delegated_twice: 'a delegated vote cannot be delegated on',
  seat_lost: 'the voter, or the delegator, does not belong to the seat any more',
  no_step_up: 'it was not signed with user verification',
  untrained: 'the voter has no valid training for this power, nor for the body of the seat',
  replaced: 'the same person voted again later, and a person counts once',
  seat_taken: "somebody earlier in the seat's order voted for it",
};

/**
 * Where a proposal stands at `now` (milliseconds since 1970), in sentences: what happened, who is still needed, from which body, until when, and which votes
 * did not count.
 */
export function explain(charter: Charter, standing: Standing, now: number): readonly string[] {
  return [
    headline(charter, standing),
    ...(standing.state === 'open' ? needs(charter, standing.tally, now) : []),
    ...uncounted(charter, standing.tally),
    ...standing.tally.untrained.map(({ person, lacks }) => `${nameOf(charter, person)} ${lacks}, so their vote does not count.`),
  ];
}

function headline(charter: Charter, standing: Standing): string {
  const { yes, no } = standing.tally;
  switch (standing.state) {
    case 'open': {
      if (standing.passesAt !== null) return `Enough have voted; it passes on ${instantText(standing.passesAt)} unless vetoed before.`;
      return `Open until ${instantText(standing.closesAt)}: ${yes} yes, ${no} no so far.`;
    }
    case 'passed':
      return `Passed on ${instantText(standing.passedAt)}; to be executed by ${instantText(standing.executeBy)}.`;
    case 'vetoed':
      return `Vetoed by ${nameOf(charter, standing.veto.person)}: ${standing.veto.reason}`;
    case 'rejected':
      return `Rejected: with ${no} no, its quorum can't be reached any more.`;
    case 'expired':
      return standing.stage === 'vote'
        ? `Expired on ${instantText(standing.at)} with ${yes} yes; silence never approves.`
        : `Approved, but not executed by ${instantText(standing.at)}; it has to be proposed again.`;
    case 'superseded':
      return `Superseded: the ${standing.by} changed while it was under way; it has to be proposed again.`;
    case 'powerless':
      return 'The charter gives nobody this power.';
  }
}

function needs(charter: Charter, tally: Tally, now: number): string[] {
  const lines: string[] = [];
  if (tally.missingVotes > 0) lines.push(`${tally.missingVotes} more yes needed.`);
  if (tally.missingBodies > 0)
    lines.push(
      `Votes of ${tally.missingBodies} more ${tally.missingBodies === 1 ? 'body' : 'bodies'} needed besides: ${tally.bodies.join(', ') || 'none yet'}.`,
    );
  if (lines.length === 0) return [];
  for (const { seat, body, who } of tally.openSeats) {
    const title = charter.bodies.get(body)?.title ?? body;
    const [first, ...rest] = who;
    if (first === undefined) continue;
    const later = rest.map(({ person, from }) => `${nameOf(charter, person)} from ${instantText(from)}`);
    const turn = first.from > now ? ` from ${instantText(first.from)}` : '';
    lines.push(
      `${title}, ${seat}: ${nameOf(charter, first.person)}${turn}${later.length === 0 ? '' : `; without an answer, ${later.join(', ')}`}`,
    );
  }
  return lines;
}

function uncounted(charter: Charter, { judged }: Tally): string[] {
  return judged.flatMap(({ vote, uncounted: why }) =>
    why === null ? [] : [`The ${vote.choice} of ${nameOf(charter, vote.person)} for ${vote.seat} does not count: ${UNCOUNTED[why]}.`],
  );
}
