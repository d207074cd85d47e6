import { RULES_BEFORE_A_CHARTER } from '@wheelhouse/protocol/charter';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { checkDecided } from './approval-actions.ts';
import type { ApprovalBench, Placed, PlacedOf } from './approval-bench.ts';
import { checkReleaseByGlass } from './approval-glass.ts';
import { charterName, digestOf } from './ballot.ts';
import { approvalUsedBy, type CharterEntry, personBehind, timeOf } from './charter-kinds.ts';
import { instantText } from './instant.ts';
import type { ProposalFile } from './proposal-files.ts';
import { readAdopted } from './read-charter.ts';

type Effect = Extract<
  LedgerEntry,
  {
    kind:
      | 'latch.released'
      | 'subject.erased'
      | 'export.confirmed'
      | 'charter.adopted'
      | 'seat.appointed'
      | 'seat.recalled'
      | 'access.granted'
      | 'key.rotated'
      | 'policy.adopted'
      | 'action.decided'
      | 'glass.reviewed';
  }
>;

/** A permissive act that took effect: by an approval that fits and was not used up, by a broken glass, or by two people before any charter. */
export function checkEffect(bench: ApprovalBench, placed: Placed<Effect>): void {
  const { index, entry } = placed;
  if (entry.kind === 'charter.adopted') checkName(bench, placed.index, entry);
  const used = approvalUsedBy(entry);
  if (entry.kind === 'policy.adopted' && takePolicy(bench, { index, entry })) return;
  if (used !== null) checkApproval(bench, placed, used);
  else if (entry.kind === 'action.decided') checkDecided(bench, { index, entry });
  else if (entry.kind === 'latch.released' && entry.data.glass !== undefined) checkReleaseByGlass(bench, { index, entry });
  else checkTwoPeople(bench, placed);
}

/** Checks a bundle's name. Whether it is the one that an installation starts with: any other takes an approval, with a charter or without. */
function takePolicy(bench: ApprovalBench, { index, entry }: PlacedOf<'policy.adopted'>): boolean {
  const { bundle, bundleText, proposal } = entry.data;
  const name = charterName(bundleText, bench.sha256);
  if (name !== bundle)
    bench.book.fault('effect_differs', index, `Entry ${index}: the policy is called ${bundle}, but the digest of its text is ${name}.`);
  const first = !bench.policyAdopted;
  bench.policyAdopted = true;
  // The server lets no other stand.
  if (proposal !== undefined || first) bench.policies.adopt({ digest: bundle });
  if (proposal !== undefined) return false;
  const started = entry.by.kind === 'system' && (first || bench.blind !== null);
  if (!started)
    bench.book.fault('effect_without_quorum', index, `Entry ${index} (policy.adopted): this bundle came into force without an approval.`);
  return true;
}

/** A desk that decided by two people just before the charter was adopted may have written that just after it. */
const CROSSING_MS = 5000;

function checkTwoPeople({ record, book, blind, latest }: ApprovalBench, { index, entry }: Placed<Effect>): void {
  const { inForce } = record;
  if (inForce === null) {
    // A charter may have been adopted where nothing is shown.
    if (blind !== null) book.unsure('effects', 'before');
    else book.checked('effects');
    const askedBy = 'askedBy' in entry.data ? entry.data.askedBy : null;
    // Releases of latches are followed by the audit of sessions and orders.
    if (entry.kind !== 'latch.released' && personBehind(entry) === askedBy)
      book.fault('decided_by_one_person', index, `Entry ${index} (${entry.kind}): ${askedBy} asked for it and confirmed it.`);
    return;
  }
  book.checked('effects');
  const message = `Entry ${index} (${entry.kind}) was decided by two people, though the charter ${inForce.name} was in force since entry ${inForce.entry}.`;
  const crossed = entry.charter === RULES_BEFORE_A_CHARTER && latest <= inForce.adoptedAt + CROSSING_MS;
  if (crossed) book.note('two_people_under_charter', index, `${message} It was under way when the charter was adopted.`);
  else book.fault('two_people_under_charter', index, message);
}

/** Whoever joins as an administrator of the house under a charter got that role from no quorum. */
export function checkJoined({ record, book, latest }: ApprovalBench, { index, entry }: PlacedOf<'person.joined'>): void {
  const { inForce } = record;
  const { person, role, tenant } = entry.data;
  if (inForce === null || role !== 'administrator' || tenant !== HOUSE_TENANT) return;
  const message = `Entry ${index}: ${person} joined as an administrator of the house, though a charter was in force since entry ${inForce.entry}.`;
  const crossed = entry.charter === RULES_BEFORE_A_CHARTER && latest <= inForce.adoptedAt + CROSSING_MS;
  if (crossed) book.note('administrator_without_quorum', index, message);
  else book.fault('administrator_without_quorum', index, message);
}

function checkApproval(bench: ApprovalBench, { index, entry }: Placed<Effect>, proposal: string): void {
  const { record, book, blind, forged } = bench;
  const name = `Entry ${index} (${entry.kind})`;
  const file = record.proposals.get(proposal);
  if (file === undefined) {
    if (blind !== null) book.unsure('effects', 'before');
    else book.fault('approval_unknown', index, `${name} names the approval ${proposal}, which nobody proposed.`);
    return;
  }
  const { life } = file;
  const differs = differenceOf(bench, file, entry);
  if (differs !== null) book.fault('effect_differs', index, `${name} is not what proposal ${proposal} was voted for: ${differs}.`);
  if (file.practiceSalt !== null)
    book.fault('effect_of_practice', index, `${name} carries out proposal ${proposal}, which was for practice.`);
  if (life.state === 'executed') book.fault('approval_used_twice', index, `${name} uses up proposal ${proposal} a second time.`);
  else if (file.ended !== null) book.fault('approval_ended', index, `${name} carries out proposal ${proposal}, which was ${life.state}.`);
  else if (life.state === 'passed' && timeOf(entry) > life.executeBy)
    book.fault('effect_too_late', index, `${name} carries out proposal ${proposal} after ${instantText(life.executeBy)}, its last moment.`);
  if (blind !== null) {
    book.unsure('effects', 'before');
    return;
  }
  book.checked('effects');
  if (life.state === 'open') book.fault('effect_without_quorum', index, `${name} carries out proposal ${proposal}, which had not passed.`);
  if (life.proposal.charter !== record.rules)
    book.fault(
      'effect_superseded',
      index,
      `${name} carries out proposal ${proposal}, which was opened under ${life.proposal.charter}, while ${record.rules} was in force.`,
    );
  bench.later(() => {
    if (forged.quorums.get(proposal) === false)
      book.fault('effect_without_quorum', index, `${name} carries out proposal ${proposal}, whose quorum was not there.`);
  });
}

/** In what an effect is not the act that was voted for, in words; null where it is. */
function differenceOf(bench: ApprovalBench, { act, life }: ProposalFile, entry: Effect): string | null {
  const asker = 'askedBy' in entry.data ? entry.data.askedBy : null;
  if (asker !== null && asker !== life.proposal.proposer) return `it was proposed by ${life.proposal.proposer}, not by ${asker}`;
  const expected = expectedOf(bench, act, life.proposal.id, entry);
  if (expected === null) return `the approval is for ${act.power}`;
  const same = (value: object) => digestOf(value, bench.sha256);
  const said = saidOf(bench, entry);
  return same(said) === same(expected) ? null : 'it was done to something else, or in another way';
}

/** What the effect of an act has to say; null where the act has no such effect. */
function expectedOf(
  { orders, exports, actions, blind }: ApprovalBench,
  act: ProposedAct,
  proposal: string,
  { kind, data }: Effect,
): object | null {
  switch (act.power) {
    case 'latch.release':
    case 'level.raise': {
      if (kind !== 'latch.released') return null;
      const left = orders.get(data.latch);
      const takes = left === 'level' ? 'level.raise' : 'latch.release';
      return left !== undefined && takes !== act.power ? null : { release: proposal, latch: act.latch };
    }
    case 'charter.amend':
      return kind === 'charter.adopted' ? { charterText: act.text } : null;
    case 'seat.change':
      return kind === 'seat.appointed' ? { seat: act.seat, holder: act.holder, alternates: act.alternates, term: act.term } : null;
    case 'seat.recall':
      return kind === 'seat.recalled' ? { seat: act.seat } : null;
    case 'break_glass.review':
      return kind === 'glass.reviewed' ? { glass: act.glass } : null;
    case 'access.grant':
      return kind === 'access.granted' ? { person: act.person, grant: act.grant } : null;
    case 'key.rotate':
      return kind === 'key.rotated' ? { key: act.key } : null;
    case 'policy.change':
      return kind === 'policy.adopted' ? { bundle: act.bundle, bundleText: act.text } : null;
    case 'finetune.create':
    case 'deployment.promote': {
      if (kind !== 'action.decided') return null;
      const asked = actions.get(act.action);
      const isIt = asked === undefined || (asked.power === act.power && asked.name === act.name && asked.digest === act.digest);
      return isIt && act.action === proposal ? { action: proposal, digest: act.digest, outcome: 'approved', edited: null } : null;
    }
    case 'record.export': {
      if (kind !== 'export.confirmed') return null;
      // What was asked for may stand where nothing is shown.
      if (blind !== null && !exports.has(data.export)) return { export: proposal, asked: null };
      const { format, report, profile, filter } = act;
      return { export: proposal, asked: { format, report, profile, filter } };
    }
    case 'record.erase':
      return kind === 'subject.erased' ? { erasure: proposal, subject: act.subject } : null;
  }
}

function saidOf({ exports }: ApprovalBench, entry: Effect): object {
  switch (entry.kind) {
    case 'latch.released':
      return { release: entry.data.release, latch: entry.data.latch };
    case 'charter.adopted':
      return { charterText: entry.data.charterText };
    case 'seat.appointed': {
      const { seat, holder = null, alternates, term = null } = entry.data;
      return { seat, holder, alternates, term };
    }
    case 'seat.recalled':
      return { seat: entry.data.seat };
    case 'glass.reviewed':
      return { glass: entry.data.glass };
    case 'access.granted':
      return { person: entry.data.person, grant: entry.data.grant };
    case 'key.rotated':
      return { key: entry.data.key };
    case 'policy.adopted':
      return { bundle: entry.data.bundle, bundleText: entry.data.bundleText };
    case 'action.decided': {
      const { action, digest, outcome, edited = null } = entry.data;
      return { action, digest, outcome, edited };
    }
    case 'export.confirmed': {
      const asked = exports.get(entry.data.export);
      return { export: entry.data.export, asked: asked === undefined ? null : askedFor(asked) };
    }
    case 'subject.erased':
      return { erasure: entry.data.erasure, subject: entry.data.subject };
  }
}

function askedFor({ format, report, profile, filter }: NonNullable<ReturnType<ApprovalBench['exports']['get']>>): object {
  return { format, report: report ?? null, profile, filter };
}

function checkName(
  { book, sha256, record }: ApprovalBench,
  index: number,
  { data }: Extract<CharterEntry, { kind: 'charter.adopted' }>,
): void {
  const name = charterName(data.charterText, sha256);
  if (name !== data.name)
    book.fault('effect_differs', index, `Entry ${index}: the charter is called ${data.name}, but the digest of its text is ${name}.`);
  const reading = readAdopted(data.charterText);
  if (!reading.ok) return;
  if (reading.charter.version !== data.version || data.version <= (record.inForce?.version ?? 0))
    book.fault(
      'effect_differs',
      index,
      `Entry ${index}: the charter's version is recorded as ${data.version}, its text says ${reading.charter.version}; it must be higher than before.`,
    );
}
