import type { Vote } from '@wheelhouse/protocol/charter';
import type { Charter, Power } from './charter.ts';
import { type JudgedVote, judgeVotes, voiceContext } from './judge-votes.ts';
import { matching, sizeOf } from './matching.ts';
import { type Proposal, type ProposalFacts, supersededBy, type SupersededBy } from './proposal.ts';
import { seatAt } from './seat-history.ts';
import { isTrained, lackInWords } from './training.ts';
import { type VoiceContext, voicesOf } from './voice.ts';

/** A seat whose vote is still out: who may cast it, and from when. */
export type OpenSeat = {
  readonly seat: string;
  readonly body: string;
  readonly who: readonly { readonly person: string; readonly from: number }[];
};

/** What counts so far, what is missing, and what became of every vote. */
export type Tally = {
  readonly yes: number;
  readonly no: number;
  readonly bodies: readonly string[];
  readonly missingVotes: number;
  readonly missingBodies: number;
  readonly openSeats: readonly OpenSeat[];
  readonly judged: readonly JudgedVote[];
  /** Who has voted for a seat of the power, or could, and lacks the training that it asks for; `lacks` says which, as the end of a sentence. */
  readonly untrained: readonly { readonly person: string; readonly lacks: string }[];
};

/** Where a proposal stands by its votes. `open` with `passesAt`: the quorum is there and the notice period runs until then. */
export type Standing =
  | { readonly state: 'open'; readonly passesAt: number | null; readonly closesAt: number; readonly tally: Tally }
  | { readonly state: 'passed'; readonly passedAt: number; readonly executeBy: number; readonly tally: Tally }
  | { readonly state: 'vetoed'; readonly veto: Vote; readonly tally: Tally }
  | { readonly state: 'rejected'; readonly tally: Tally }
  | { readonly state: 'expired'; readonly stage: 'vote' | 'execution'; readonly at: number; readonly tally: Tally }
  | { readonly state: 'superseded'; readonly by: SupersededBy; readonly tally: Tally }
  | { readonly state: 'powerless'; readonly tally: Tally };

/**
 * Where a proposal stands at `facts.now`. Pure: the same arguments always give the same answer, on every node. Silence never approves: without
 * enough counted votes the answer is at best `open`. `powerless`: the charter does not know the power, so nothing can pass.
 */
export function evaluate(charter: Charter, proposal: Proposal, votes: readonly Vote[], facts: ProposalFacts): Standing {
  const power = charter.powers.get(proposal.power);
  const by = supersededBy(proposal, facts);
  if (power === undefined) {
    const tally = emptyTally(votes);
    return by === null ? { state: 'powerless', tally } : { state: 'superseded', by, tally };
  }
  const context = voiceContext(charter, power, proposal, facts);
  const closesAt = proposal.openedAt + power.voteWithinMs;
  const at = Math.min(facts.now, closesAt);
  const judged = judgeVotes(context, power, votes, at);
  const tally = tallyOf(context, power, judged, at);
  if (by !== null) return { state: 'superseded', by, tally };
  const passesAt = passingMoment(charter, power, judged, proposal.openedAt + power.noticeMs);
  const veto = judged.find((one) => one.uncounted === null && one.vote.choice === 'veto' && one.vote.at <= (passesAt ?? at))?.vote;
  if (veto !== undefined) return { state: 'vetoed', veto, tally };
  if (passesAt !== null && passesAt <= at) {
    const executeBy = passesAt + power.executeWithinMs;
    if (facts.now > executeBy) return { state: 'expired', stage: 'execution', at: executeBy, tally };
    return { state: 'passed', passedAt: passesAt, executeBy, tally };
  }
  if (facts.now > closesAt) return { state: 'expired', stage: 'vote', at: closesAt, tally };
  if (passesAt === null && !isReachable(context, power, judged, at)) return { state: 'rejected', tally };
  return { state: 'open', passesAt, closesAt, tally };
}

/** What counts so far: yes, no, and the bodies that the yes came from. `evaluate` without asking who is still needed, for lists of very many proposals. */
export function countVotes(
  charter: Charter,
  proposal: Proposal,
  votes: readonly Vote[],
  facts: ProposalFacts,
): { readonly yes: number; readonly no: number; readonly bodies: readonly string[] } {
  const power = charter.powers.get(proposal.power);
  if (power === undefined || votes.length === 0) return { yes: 0, no: 0, bodies: [] };
  const context = voiceContext(charter, power, proposal, facts);
  const judged = judgeVotes(context, power, votes, Math.min(facts.now, proposal.openedAt + power.voteWithinMs));
  const yes = counted(judged, 'yes');
  return { yes: yes.length, no: counted(judged, 'no').length, bodies: [...new Set(yes.map(({ seat }) => bodyOf(charter, seat)))] };
}

function counted(judged: readonly JudgedVote[], choice: Vote['choice']): readonly Vote[] {
  return judged.filter((one) => one.uncounted === null && one.vote.choice === choice).map(({ vote }) => vote);
}

function bodyOf(charter: Charter, seat: string): string {
  return charter.seats.get(seat)?.body ?? '';
}

function tallyOf(context: VoiceContext, power: Power, judged: readonly JudgedVote[], at: number): Tally {
  const [yes, no] = [counted(judged, 'yes'), counted(judged, 'no')];
  const bodies = [...new Set(yes.map(({ seat }) => bodyOf(context.charter, seat)))];
  const spent = new Set([...yes, ...no].map(({ seat }) => seat));
  const heard = new Set([...yes, ...no].map(({ person }) => person));
  const openSeats = power.seats
    .filter((seat) => !spent.has(seat))
    .map((seat) => ({
      seat,
      body: bodyOf(context.charter, seat),
      who: voicesOf(context, seat, at)
        .filter(({ person }) => !context.excluded.has(person) && !heard.has(person))
        .map(({ person, from }) => ({ person, from })),
    }));
  const missingVotes = Math.max(0, power.votes - yes.length);
  const missingBodies = Math.max(0, power.bodies - bodies.length);
  const untrained = untrainedOf(context, power, { judged, openSeats }, at);
  return {
    yes: yes.length,
    no: no.length,
    bodies,
    missingVotes,
    missingBodies,
    openSeats: trainedSeats(context, power, openSeats, at),
    judged,
    untrained,
  };
}

/** The same seats with those people only who have the training that the power asks for: others can't be waited for. */
function trainedSeats({ charter, facts }: VoiceContext, power: Power, seats: readonly OpenSeat[], at: number): readonly OpenSeat[] {
  return seats.map((open) => ({
    ...open,
    who: open.who.filter(({ person }) => isTrained(charter, power, facts.trainings, { person, seat: open.seat, at })),
  }));
}

/** Each person once: who could not vote for want of training is told once, whatever seats they stand for. */
function untrainedOf(
  { charter, facts }: VoiceContext,
  power: Power,
  { judged, openSeats }: Pick<Tally, 'judged' | 'openSeats'>,
  at: number,
): Tally['untrained'] {
  if (!power.training) return [];
  const lacking = new Map<string, string>();
  const voted = judged.flatMap(({ vote, uncounted }) => (uncounted === 'untrained' ? [vote] : []));
  const others = openSeats.flatMap(({ seat, who }) => who.map(({ person }) => ({ seat, person })));
  for (const { person, seat } of [...voted, ...others]) {
    const lacks = lackInWords(charter, power, facts.trainings, { person, seat, at });
    if (lacks !== null && !lacking.has(person)) lacking.set(person, lacks);
  }
  return [...lacking].map(([person, lacks]) => ({ person, lacks }));
}

/** When the yes votes that count were enough, no earlier than the notice period's end; null when they are not. */
function passingMoment(charter: Charter, power: Power, judged: readonly JudgedVote[], noticeEnds: number): number | null {
  const yes = [...counted(judged, 'yes')].sort((a, b) => a.at - b.at);
  const bodies = new Set<string>();
  for (const [i, vote] of yes.entries()) {
    bodies.add(bodyOf(charter, vote.seat));
    if (i + 1 >= power.votes && bodies.size >= power.bodies) return Math.max(vote.at, noticeEnds);
  }
  return null;
}

/**
 * Whether the quorum could still be reached if everybody who has not said no said yes, whoever steps in or is delegated to. Generous on
 * purpose: a proposal is called rejected only when nothing can save it.
 */
function isReachable({ charter, facts, excluded }: VoiceContext, power: Power, judged: readonly JudgedVote[], at: number): boolean {
  const no = counted(judged, 'no');
  const closed = new Set(no.map(({ seat }) => seat));
  const lost = (person: string) => excluded.has(person) || no.some((vote) => vote.person === person);
  const seats = power.seats.filter((seat) => !closed.has(seat));
  const owners = seats.map((seat) => {
    const state = seatAt(charter, facts.seatEvents, seat, at);
    return [state?.holder, state?.handover?.to, state?.outgoing?.person, ...(state?.alternates ?? [])].filter(
      (person) => typeof person === 'string',
    );
  });
  // Somebody can have been appointed whom the charter's text does not name.
  const everyone = [...new Set([...charter.people.keys(), ...owners.flat()])].filter((person) => !lost(person));
  const voters = owners.map((own) => {
    return charter.delegation.allowed && own.some((person) => !excluded.has(person)) ? everyone : own.filter((person) => !lost(person));
  });
  const index = new Map(everyone.map((person, i) => [person, i]));
  const edges = voters.map((people) => people.flatMap((person) => index.get(person) ?? []));
  if (sizeOf(matching(edges, everyone.length)) < power.votes) return false;
  const byBody = power.from.map((body) => edges.filter((_, i) => bodyOf(charter, seats[i] ?? '') === body).flat());
  return sizeOf(matching(byBody, everyone.length)) >= power.bodies;
}

function emptyTally(votes: readonly Vote[]): Tally {
  const judged = votes.map((vote) => ({ vote, uncounted: 'no_such_voice' as const }));
  return { yes: 0, no: 0, bodies: [], missingVotes: 0, missingBodies: 0, openSeats: [], judged, untrained: [] };
}
