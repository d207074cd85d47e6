import type { Vote } from '@wheelhouse/protocol/charter';
import type { Charter, Power } from './charter.ts';
import type { Proposal, ProposalFacts } from './proposal.ts';
import { belongsTo, exclusions, type Exclusion, isInForce, type Voice, type VoiceContext, voicesOf } from './voice.ts';
import { seatAt } from './seat-history.ts';
import { isTrained } from './training.ts';

/** Why a vote does not count. */
export type Uncounted =
  | Exclusion
  | 'replayed'
  | 'other_digest'
  | 'late'
  | 'no_such_voice'
  | 'not_yet'
  | 'absent'
  | 'delegator_excluded'
  | 'delegated_twice'
  | 'seat_lost'
  | 'no_step_up'
  | 'untrained'
  | 'replaced'
  | 'seat_taken';

/** A vote and whether it counts: `uncounted` null means that it does. */
export type JudgedVote = { readonly vote: Vote; readonly uncounted: Uncounted | null };

/**
 * Judges every vote on a proposal as of `at`, in the order given. One person counts once, with their last good vote; one seat counts once, by
 * the first in its order. A veto only stops, so exclusions, training and step-up do not hold it back.
 */
export function judgeVotes(context: VoiceContext, power: Power, votes: readonly Vote[], at: number): readonly JudgedVote[] {
  const seen = new Set<string>();
  const judged = votes.map((vote) => {
    const uncounted = seen.has(vote.id) ? 'replayed' : judgeOne(context, power, vote, at);
    seen.add(vote.id);
    return { vote, uncounted };
  });
  const last = new Map(judged.filter(speaks).map(({ vote }) => [vote.person, vote]));
  const single = judged.map((one) =>
    speaks(one) && last.get(one.vote.person) !== one.vote ? { ...one, uncounted: 'replaced' as const } : one,
  );
  const first = firstForSeat(context, single.filter(speaks), at);
  return single.map((one) => (speaks(one) && first.get(one.vote.seat) !== one.vote ? { ...one, uncounted: 'seat_taken' as const } : one));
}

/** A yes or no that counts so far. Vetoes stand by themselves: nothing said later takes one back. */
function speaks({ vote, uncounted }: JudgedVote): boolean {
  return uncounted === null && vote.choice !== 'veto';
}

/** What votes are judged with; the exclusions are worked out once. */
export function voiceContext(charter: Charter, power: Power, proposal: Proposal, facts: ProposalFacts): VoiceContext {
  return { charter, proposal, facts, excluded: exclusions(charter, power, proposal, facts.conflicts) };
}

function judgeOne(context: VoiceContext, power: Power, vote: Vote, at: number): Uncounted | null {
  const { proposal, excluded, facts } = context;
  if (vote.digest !== proposal.digest) return 'other_digest';
  if (vote.at < proposal.openedAt || vote.at > at || vote.at > proposal.openedAt + power.voteWithinMs) return 'late';
  if (!(vote.choice === 'veto' ? power.vetoSeats : power.seats).includes(vote.seat)) return 'no_such_voice';
  if (vote.choice !== 'veto') {
    const exclusion = excluded.get(vote.person);
    if (exclusion !== undefined) return exclusion;
    if (power.stepUp && !vote.stepUp) return 'no_step_up';
    if (!isTrained(context.charter, power, facts.trainings, { ...vote, at })) return 'untrained';
  }
  const voice = voiceFor(context, vote);
  if (voice === undefined) return whyNoVoice(context, vote);
  if (voice.from > vote.at) return 'not_yet';
  return belongsTo(context, vote.seat, voice.delegatedBy ?? vote.person, at) ? null : 'seat_lost';
}

/** As whom a person voted: in their own right before in somebody's place. */
function voiceFor(context: VoiceContext, vote: Vote): Voice | undefined {
  return voicesOf(context, vote.seat, vote.at).find(({ person }) => person === vote.person);
}

function whyNoVoice(context: VoiceContext, { seat, person, at }: Vote): Uncounted {
  const { charter, facts, excluded } = context;
  const given = facts.delegations.filter((d) => d.seat === seat && d.to === person && isInForce(charter, d, at));
  if (charter.delegation.allowed && given.some((d) => excluded.has(d.from) && belongsTo(context, seat, d.from, at)))
    return 'delegator_excluded';
  const chained = given.some((d) => facts.delegations.some((e) => e.seat === seat && e.to === d.from && isInForce(charter, e, at)));
  if (chained) return 'delegated_twice';
  if (!belongsTo(context, seat, person, at)) return 'no_such_voice';
  return facts.absences.some((a) => a.person === person && a.from <= at && at < a.until) ? 'absent' : 'not_yet';
}

/** For each seat the one vote that counts: by the seat's order, then by when it came. */
function firstForSeat(context: VoiceContext, judged: readonly JudgedVote[], at: number): ReadonlyMap<string, Vote> {
  const first = new Map<string, { vote: Vote; rank: number }>();
  for (const { vote } of judged) {
    const rank = rankIn(context, vote, at);
    const best = first.get(vote.seat);
    if (best === undefined || rank < best.rank) first.set(vote.seat, { vote, rank });
  }
  return new Map([...first].map(([seat, { vote }]) => [seat, vote]));
}

/** Place in the seat's order, by what the voter is to the seat: its holder first, then the alternates, each before their delegate. */
function rankIn(context: VoiceContext, vote: Vote, at: number): number {
  const voice = voiceFor(context, vote);
  const owner = voice?.delegatedBy ?? vote.person;
  const state = seatAt(context.charter, context.facts.seatEvents, vote.seat, at);
  const former = state?.outgoing == null ? [] : [state.outgoing.person];
  const place = state === null ? 0 : [state.holder, ...former, ...state.alternates].indexOf(owner);
  return place * 2 + (voice?.delegatedBy === null ? 0 : 1);
}
