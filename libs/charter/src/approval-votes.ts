import type { ApprovalBench, PlacedOf } from './approval-bench.ts';
import { checkSigned } from './approval-keys.ts';
import { ballotChallenge, proposalDigest } from './ballot.ts';
import { msOf, personBehind, timeOf } from './charter-kinds.ts';
import { decideProposal, type ProposalContext } from './decide-proposal.ts';
import { evaluate, type Standing } from './evaluate.ts';
import { instantText } from './instant.ts';
import type { ProposalFile } from './proposal-files.ts';
import { practiceSeal } from './practice-seal.ts';
import { isRefusal } from './refusal.ts';

/** A proposal: its digest is of what it says, under the rules in force. */
export function checkOpened(bench: ApprovalBench, { index, entry }: PlacedOf<'proposal.opened'>): void {
  const { record, book, sha256, blind } = bench;
  const { proposal, power, act, preview, digest, about, authors } = entry.data;
  const { charter = '', policy = '' } = entry;
  const name = `Entry ${index}: proposal ${proposal}`;
  book.checked('proposals');
  if (proposalDigest({ proposal, act, preview, charter, policy, about, authors }, sha256) !== digest)
    book.fault('proposal_digest_differs', index, `${name}: the digest that votes are bound to is not that of what it says.`);
  if (power !== act.power)
    book.fault('proposal_power_differs', index, `${name} is decided by ${power}, but would do what takes ${act.power}.`);
  if (entry.by.kind === 'system') book.fault('proposal_not_by_people', index, `${name} was made by nobody.`);
  if (record.proposals.get(proposal) !== undefined) book.fault('proposal_repeated', index, `${name} is opened a second time.`);
  if (blind !== null) return;
  if (charter !== record.rules)
    book.fault('proposal_rules_differ', index, `${name} is opened under ${charter || 'no rules'}, while ${record.rules} was in force.`);
  const expected = authorsOf(bench, act);
  if (expected !== null && !sameSet(expected, authors))
    book.fault('proposal_authors_differ', index, `${name} names other authors than ${expected.join(', ')}: their votes must not count.`);
}

/** Who made what an act is about, where the ledger tells: the person who would be granted something, and those who broke a glass. */
function authorsOf({ record }: ApprovalBench, act: PlacedOf<'proposal.opened'>['entry']['data']['act']): readonly string[] | null {
  if (act.power === 'access.grant') return [act.person];
  if (act.power === 'break_glass.review') return record.glass.get(act.glass)?.signers.map(({ person }) => person) ?? null;
  return null;
}

export function sameSet(some: readonly string[], others: readonly string[]): boolean {
  const [left, right] = [new Set(some), new Set(others)];
  return left.size === right.size && [...left].every((one) => right.has(one));
}

/** A vote: for this very proposal, in time, by somebody whose vote counts, signed by their key. */
export function checkVote(bench: ApprovalBench, { index, entry }: PlacedOf<'vote.cast'>): void {
  const { record, book, forged, sha256, blind } = bench;
  const { proposal, vote, seat, choice, digest, reason, signed } = entry.data;
  const file = record.proposals.get(proposal);
  const person = entry.by.id;
  const name = `Entry ${index}: the vote of ${person} on ${proposal}`;
  const onForged = () => void forged.votes.add(vote);
  const refuse = (code: Parameters<typeof book.fault>[0], message: string): void => {
    book.fault(code, index, `${name} ${message}`);
    onForged();
  };
  if (entry.by.kind !== 'person') refuse('not_in_person', 'was not cast by a person.');
  if (file === undefined) {
    if (blind === null) refuse('vote_unknown_proposal', 'is on a proposal that was never opened.');
  } else if (file.votes.has(vote)) book.fault('vote_repeated', index, `${name} is recorded a second time.`);
  else if (digest !== file.life.proposal.digest)
    refuse('vote_other_digest', 'is bound to another digest: it was given for something else.');
  else if (file.ended !== null) refuse('vote_after_end', `came after the end: it was ${file.life.state} already.`);
  else if (blind === null) {
    const at = timeOf(entry);
    const cast = { id: vote, person, seat, choice, digest, reason, stepUp: true, at };
    const decided = decideProposal(file.life, { type: 'vote', by: entry.by, vote: cast }, contextAt(bench, file, { at }));
    if (isRefusal(decided)) refuse(decided.refused === 'conflict' ? 'vote_after_end' : 'vote_not_counting', `is void: ${decided.message}`);
  }
  const challenge = ballotChallenge({ digest, vote, person, seat, choice }, sha256);
  checkSigned(bench, { index, person, signed, challenge, what: 'the vote', check: 'votes', code: 'vote_signature', onForged });
}

/** What a proposal was decided under, by the entry at hand. What it is about is taken to be as it was: entries do not show that. */
function contextAt(
  { record }: ApprovalBench,
  file: ProposalFile,
  { at, policy }: { at: number; policy?: string | undefined },
): ProposalContext {
  const { proposal } = file.life;
  const { act, conflicts } = file;
  const moment = { now: at, policy: policy ?? proposal.policy, subject: proposal.subject };
  return record.contextOf({ act, conflicts, proposer: proposal.proposer }, moment);
}

/** That a proposal passed: its votes are counted anew, those whose signatures do not hold left out. */
export function checkPassed(bench: ApprovalBench, { index, entry }: PlacedOf<'proposal.passed'>): void {
  const { record, book, forged, blind } = bench;
  const { proposal, passedAt, executeBy } = entry.data;
  const file = record.proposals.get(proposal);
  const name = `Entry ${index}: proposal ${proposal}`;
  if (blind !== null) {
    book.unsure('quorums', 'before');
    bench.later(() => void forged.quorums.set(proposal, null));
    return;
  }
  if (file === undefined) {
    book.fault('passed_unknown_proposal', index, `${name} is said to have passed, and was never opened.`);
    return;
  }
  book.checked('quorums');
  if (file.ended !== null) book.fault('passed_after_end', index, `${name} is said to have passed after it was ${file.life.state}.`);
  const context = contextAt(bench, file, { at: timeOf(entry), policy: entry.policy });
  const standing = evaluate(context.charter, file.life.proposal, file.life.votes, context.facts);
  if (standing.state !== 'passed') {
    book.fault('passed_without_quorum', index, `${name} is said to have passed, but ${whyNot(standing)}.`);
    bench.later(() => void forged.quorums.set(proposal, false));
    return;
  }
  if (standing.passedAt !== msOf(passedAt) || standing.executeBy !== msOf(executeBy))
    book.fault('passed_times_differ', index, `${name} passed on ${instantText(standing.passedAt)}; other times are recorded.`);
  bench.later(() => {
    const isThere = quorumWithout(forged.votes, standing, { file, context });
    forged.quorums.set(proposal, isThere);
    if (!isThere)
      book.fault(
        'passed_without_quorum',
        index,
        `${name} is said to have passed, but without the votes that prove nothing its quorum is not there.`,
      );
  });
}

type Decided = { readonly file: ProposalFile; readonly context: ProposalContext };

/** Whether the counted votes that are not forged are enough. */
function quorumWithout(bad: ReadonlySet<string>, { tally }: Standing, { file, context: { charter } }: Decided): boolean {
  const power = charter.powers.get(file.life.proposal.power);
  if (power === undefined) return false;
  const good = tally.judged.filter(({ vote, uncounted }) => uncounted === null && vote.choice === 'yes' && !bad.has(vote.id));
  const bodies = new Set(good.map(({ vote }) => charter.seats.get(vote.seat)?.body));
  return good.length >= power.votes && bodies.size >= power.bodies;
}

function whyNot(standing: Standing): string {
  const { yes, missingVotes, missingBodies } = standing.tally;
  switch (standing.state) {
    case 'open':
      if (standing.passesAt !== null) return `its notice ran until ${instantText(standing.passesAt)}`;
      return `of its quorum ${missingVotes} votes and ${missingBodies} bodies were missing, with ${yes} yes that count`;
    case 'passed':
      return 'it had';
    case 'vetoed':
      return `${standing.veto.person} had vetoed it`;
    case 'rejected':
      return 'its quorum was out of reach';
    case 'expired':
      return `it had expired on ${instantText(standing.at)}`;
    case 'superseded':
      return `the ${standing.by} that it was opened under was not in force any more`;
    case 'powerless':
      return 'the charter gives nobody that power';
  }
}

/** That a proposal was for practice: its first entry committed to that, so that no mistake can be called practice afterwards. */
export function checkClosed({ record, book, sha256 }: ApprovalBench, { index, entry }: PlacedOf<'proposal.closed'>): void {
  const { proposal, practiceSalt: salt } = entry.data;
  const file = record.proposals.get(proposal);
  if (salt === undefined || file === undefined) return;
  const name = `Entry ${index}: proposal ${proposal}`;
  if (practiceSeal({ proposal, salt, practice: true }, sha256) !== file.seal)
    book.fault('practice_seal_differs', index, `${name} is said to have been for practice, which its seal does not say.`);
  else if (file.life.state === 'executed')
    book.fault('effect_of_practice', index, `${name} was for practice, and took effect all the same.`);
}

/** Whoever says that they are in conflict says so themselves. */
export function checkConflict({ book }: ApprovalBench, { index, entry }: PlacedOf<'conflict.declared'>): void {
  if (entry.by.kind !== 'person')
    book.fault(
      'not_in_person',
      index,
      `Entry ${index}: a conflict of interest of ${personBehind(entry)} was declared by a ${entry.by.kind}.`,
    );
}
