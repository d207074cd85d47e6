import { isEntryKind, type LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { ApprovalBench, Placed } from './approval-bench.ts';
import { checkAsked } from './approval-actions.ts';
import { checkEffect, checkJoined } from './approval-effects.ts';
import { checkBroken, checkGlassSignature, finishGlasses } from './approval-glass.ts';
import { checkEnrolment } from './approval-keys.ts';
import { ApprovalBook, type ApprovalCheck, type ApprovalReport } from './approval-report.ts';
import { checkRollback } from './approval-rollback.ts';
import { checkSeatAct } from './approval-seats.ts';
import { checkClosed, checkConflict, checkOpened, checkPassed, checkVote } from './approval-votes.ts';
import type { Sha256 } from './ballot.ts';
import { CHARTER_KINDS, type CharterEntry, msOf } from './charter-kinds.ts';
import { CharterRecord } from './charter-record.ts';
import { PolicyStanding } from './policy-standing.ts';

/** An entry as far as it is shown. `read` gives it whole, but for words that people typed; null where more is withheld. */
export type ShownEntry = { readonly index: number; readonly kind: string; readonly read: () => LedgerEntry | null };

export type ApprovalAuditor = {
  /** The next entry, in order of index, whatever its kind. Entries that are left out between two are noticed by their indexes. */
  readonly take: (shown: ShownEntry) => void;
  /** Checks the signatures that wait; call it now and then in a long ledger, so that they don't pile up. */
  readonly settle: () => Promise<void>;
  /** What was found, after the last entry. Asked again, it says the same. */
  readonly finish: () => Promise<ApprovalReport>;
};

/**
 * Checks offline that every permissive act in a ledger was decided by the charter that was in force: each vote's WebAuthn signature by a key that
 * the ledger itself enrolled, each quorum counted anew, each act against what was voted for (laws 1 and 5). Folds the same state as the server does,
 * and decides by itself. That the entries are genuine is for the ledger's audit. What could only be judged with entries or fields that are not shown
 * is not judged, and the report says so. Never throws for what it reads; `limit` faults and as many notes are kept (100 unless given). Memory grows
 * with the acts of people, not with ticks.
 */
export function openApprovalAudit(options: { readonly sha256: Sha256; readonly limit?: number }): ApprovalAuditor {
  const jobs: (() => Promise<void> | void)[] = [];
  const bench: ApprovalBench = {
    sha256: options.sha256,
    record: new CharterRecord(),
    book: new ApprovalBook(options.limit ?? 100),
    blind: null,
    later: (job) => void jobs.push(job),
    forged: { keys: new Set(), votes: new Set(), glass: new Set(), quorums: new Map() },
    orders: new Map(),
    exports: new Map(),
    actions: new Map(),
    spent: new Set(),
    policyAdopted: false,
    policies: new PolicyStanding(),
    rollbacks: new Set(),
    people: new Map(),
    somebodyHidden: false,
    latest: 0,
  };
  let expected = 0;
  const settle = async (): Promise<void> => {
    // A job may put another one.
    for (let at = 0; at < jobs.length; at += 1) await jobs[at]?.();
    jobs.length = 0;
  };
  let finished: Promise<ApprovalReport> | null = null;
  const conclude = async (): Promise<ApprovalReport> => {
    finishGlasses(bench);
    await settle();
    return reportOf(bench);
  };
  return {
    take: (shown) => {
      if (shown.index > expected) bench.blind ??= holeInWords(expected, shown.index);
      expected = Math.max(expected, shown.index + 1);
      takeShown(bench, shown);
    },
    settle,
    finish: () => (finished ??= conclude()),
  };
}

function holeInWords(from: number, to: number): string {
  return to - from === 1 ? `entry ${from} is not` : `entries ${from} to ${to - 1} are not`;
}

function reportOf({ book, record, blind }: ApprovalBench): ApprovalReport {
  const counting = record.keys.all();
  const { inForce } = record;
  const charter = inForce === null ? null : { name: inForce.name, version: inForce.version };
  return book.report({ keys: counting.length, people: new Set(counting.map(({ person }) => person)).size, charter }, blind);
}

/** Kinds that the audit reads, and what of each is not checked where its fields are withheld; null where only what follows suffers. */
const KINDS: ReadonlyMap<string, ApprovalCheck | null> = new Map<string, ApprovalCheck | null>([
  ...CHARTER_KINDS.map((kind) => [kind, null] as const),
  ['order.given', null],
  ['export.asked', null],
  ['action.asked', null],
  ['proposal.opened', 'proposals'],
  ['voter.enrolled', 'keys'],
  ['vote.cast', 'votes'],
  ['proposal.passed', 'quorums'],
  ['handover.accepted', 'handovers'],
  ['glass.asked', 'glassSignatures'],
  ['glass.signed', 'glassSignatures'],
  ['glass.broken', 'glasses'],
  ...(
    [
      'latch.released',
      'subject.erased',
      'export.confirmed',
      'charter.adopted',
      'seat.appointed',
      'seat.recalled',
      'access.granted',
      'key.rotated',
      'policy.adopted',
      'policy.rolled_back',
    ] as const
  ).map((kind) => [kind, 'effects'] as const),
  ['glass.reviewed', 'effects'],
]);

/** What stands in these changes nothing for anything that comes later, or hardly ever: there are very many actions, and few take a power of the charter. */
const HARMLESS: ReadonlySet<string> = new Set(['person.joined', 'order.given', 'action.asked', 'action.decided']);

function takeShown(bench: ApprovalBench, { index, kind, read }: ShownEntry): void {
  const check = KINDS.get(kind);
  if (check === undefined || !isEntryKind(kind)) return;
  const entry = read();
  if (entry === null) {
    if (check !== null) bench.book.unsure(check, 'withheld');
    if (kind === 'person.joined') bench.somebodyHidden = true;
    if (!HARMLESS.has(kind)) bench.blind ??= `fields of entry ${index} are withheld`;
    return;
  }
  try {
    bench.latest = Math.max(bench.latest, msOf(entry.time));
    remember(bench, entry);
    checkEntry(bench, { index, entry });
    if (isCharterEntry(entry)) bench.record.take(index, entry);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it does not fit';
    bench.book.fault('entry_unfit', index, `Entry ${index} (${kind}) can't be taken: ${why}.`);
    bench.blind ??= `entry ${index} can't be taken`;
  }
}

const FOLDED: ReadonlySet<string> = new Set(CHARTER_KINDS);

function isCharterEntry(entry: LedgerEntry): entry is CharterEntry {
  return FOLDED.has(entry.kind);
}

/** What an effect that comes later has to agree with. */
function remember({ orders, exports, people }: ApprovalBench, entry: LedgerEntry): void {
  if (entry.kind === 'order.given') orders.set(entry.data.order, entry.data.kind);
  if (entry.kind === 'export.asked' && !exports.has(entry.data.export)) exports.set(entry.data.export, entry.data);
  if (entry.kind === 'person.joined') people.set(entry.data.person, { roles: new Set([entry.data.role]), tenant: entry.data.tenant });
  if (entry.kind === 'access.granted' && entry.data.grant === 'administrator') people.get(entry.data.person)?.roles.add('administrator');
}

function checkEntry(bench: ApprovalBench, { index, entry }: Placed): void {
  switch (entry.kind) {
    case 'voter.enrolled':
      checkEnrolment(bench, { index, entry });
      return;
    case 'proposal.opened':
      checkOpened(bench, { index, entry });
      return;
    case 'vote.cast':
      checkVote(bench, { index, entry });
      return;
    case 'conflict.declared':
      checkConflict(bench, { index, entry });
      return;
    case 'proposal.passed':
      checkPassed(bench, { index, entry });
      return;
    case 'proposal.closed':
      checkClosed(bench, { index, entry });
      return;
    case 'person.joined':
      checkJoined(bench, { index, entry });
      return;
    case 'latch.released':
    case 'subject.erased':
    case 'export.confirmed':
    case 'charter.adopted':
    case 'seat.appointed':
    case 'seat.recalled':
    case 'access.granted':
    case 'key.rotated':
    case 'policy.adopted':
    case 'action.decided':
    case 'glass.reviewed':
      checkEffect(bench, { index, entry });
      return;
    case 'action.asked':
      checkAsked(bench, { index, entry });
      return;
    case 'policy.rolled_back':
      checkRollback(bench, { index, entry });
      return;
    case 'glass.asked':
    case 'glass.signed':
      checkGlassSignature(bench, { index, entry });
      return;
    case 'glass.broken':
      checkBroken(bench, { index, entry });
      return;
    default:
      checkSeats(bench, { index, entry });
  }
}

function checkSeats(bench: ApprovalBench, { index, entry }: Placed): void {
  switch (entry.kind) {
    case 'seat.left':
    case 'handover.announced':
    case 'handover.accepted':
    case 'handover.cancelled':
    case 'absence.declared':
    case 'absence.ended':
    case 'delegation.given':
    case 'delegation.ended':
    case 'training.recorded':
      checkSeatAct(bench, { index, entry });
      return;
    default:
  }
}
