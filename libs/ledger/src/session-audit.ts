import { findingList } from './findings.ts';
import type { Finding, FindingList } from './findings.ts';
import {
  finishOrders,
  newOrderAudit,
  orderApplied,
  orderGiven,
  orderReleased,
  orderSegment,
  orderServerStarted,
  orderSessionAttached,
  orderSessionOpened,
} from './order-audit.ts';
import type { OrderAudit, OrderCode } from './order-audit.ts';
import type { Sha256 } from './primitives.ts';
import { latchReleased, newReleaseAudit, releaseAsked, releaseDecided, releaseWithdrawn } from './release-audit.ts';
import type { ReleaseAudit, ReleaseCode } from './release-audit.ts';
import { sessionAttached, sessionEnded, sessionOpened, sessionSegment } from './segment-audit.ts';
import type { SegmentAudit, SegmentCode } from './segment-audit.ts';
import { readEvidence } from './session-evidence.ts';
import type { Holes, SessionEvidence } from './session-evidence.ts';

export type SessionAuditCode = 'entry_malformed' | SegmentCode | OrderCode | ReleaseCode;

export type SessionAuditReport = {
  readonly sessions: number;
  /** Sessions without a `session.ended`: they were live when the ledger was read, or the server died. Not a fault. */
  readonly open: readonly string[];
  /** Ticks with evidence. */
  readonly ticks: number;
  readonly orders: number;
  /** Orders that left a latch and have not been released. */
  readonly inForce: readonly string[];
  readonly findings: readonly Finding<SessionAuditCode>[];
  /** Findings beyond the limit. */
  readonly suppressed: number;
  /** All faults, suppressed ones included; the rest are notes. */
  readonly faults: number;
  /** Only where not everything was shown. `whole`: sessions followed from their opening without a hole; `withheld`: entries that say nothing. */
  readonly partial?: { readonly whole: number; readonly withheld: number };
};

export type SessionAuditor = {
  /**
   * The next entry (the value that `decodeEntry` gave), in order of index. Kinds that say nothing about sessions are passed over. `redacted`:
   * fields of it are withheld; what would need them is then not judged.
   */
  readonly entry: (index: number, entry: unknown, redacted?: boolean) => void;
  /** Entries are left out here. What they could explain is not judged; what no entry could explain still is. */
  readonly hole: () => void;
  /**
   * What was found. `underWaySince` is for a ledger that a server may still be writing: what belongs to an order recorded from then on (ISO
   * 8601 in UTC) may be on its way, and is noted where it is not there.
   */
  readonly finish: (underWaySince?: string) => SessionAuditReport;
};

/**
 * Checks what the ledger says about sessions and orders: that every tick of every session is evidenced and chained, that order numbers have no
 * gaps, that each latch was released by two people, a proposal that passed or a glass that was broken, and that nothing left while one was in force
 * (laws 1, 3 and 6). That the entries themselves are genuine is for `openAudit`, who voted and how for the audit of the charter. Begins at the start of the ledger; `limit` faults and as many notes are kept (100 unless given).
 */
export function openSessionAudit(options: { readonly sha256: Sha256; readonly limit?: number }): SessionAuditor {
  const findings = findingList<SessionAuditCode>(options.limit ?? 100);
  const holes: Holes = { count: 0 };
  const segments: SegmentAudit = { sessions: new Map(), findings, sha256: options.sha256, holes };
  const orders = newOrderAudit(findings, holes);
  const releases = newReleaseAudit(findings, holes);
  const audits: Audits = { segments, orders, releases, findings };
  let withheld = 0;
  return {
    entry: (index, entry, redacted = false) => {
      const reading = readEvidence(entry, redacted);
      if (reading.is === 'withheld') {
        withheld += 1;
        holes.count += 1;
      } else if (reading.is === 'malformed') {
        findings.add({ code: 'entry_malformed', index, message: `Entry ${index} (${reading.kind}) is malformed and proves nothing.` });
      } else if (reading.is === 'evidence') takeEvidence(audits, index, reading.evidence);
    },
    hole: () => {
      holes.count += 1;
    },
    finish: (underWaySince) => {
      finishOrders(orders, underWaySince);
      const sessions = [...segments.sessions];
      return {
        sessions: sessions.length,
        open: sessions.filter(([, state]) => !state.ended).map(([session]) => session),
        ticks: sessions.reduce((sum, [, state]) => sum + state.evidenced, 0),
        orders: orders.orders.size,
        inForce: [...orders.orders].filter(([, order]) => !order.released && order.orderKind !== 'whisper').map(([order]) => order),
        findings: findings.list(),
        suppressed: findings.suppressed(),
        faults: findings.faults(),
        ...(holes.count === 0 ? {} : { partial: { whole: sessions.filter(([, state]) => state.whole).length, withheld } }),
      };
    },
  };
}

type Audits = {
  readonly segments: SegmentAudit;
  readonly orders: OrderAudit;
  readonly releases: ReleaseAudit;
  readonly findings: FindingList<SessionAuditCode>;
};

function takeEvidence({ segments, orders, releases }: Audits, index: number, evidence: SessionEvidence): void {
  switch (evidence.kind) {
    case 'server.started':
      orderServerStarted(orders, evidence);
      return;
    case 'session.opened':
      sessionOpened(segments, index, evidence);
      orderSessionOpened(orders, evidence);
      return;
    case 'session.attached':
      sessionAttached(segments, index, evidence);
      orderSessionAttached(orders, evidence);
      return;
    case 'session.segment':
      sessionSegment(segments, index, evidence);
      orderSegment(orders, index, evidence);
      return;
    case 'session.ended':
      sessionEnded(segments, index, evidence);
      return;
    case 'order.given':
      orderGiven(orders, index, evidence);
      return;
    case 'order.applied':
      orderApplied(orders, index, evidence);
      return;
    case 'release.asked':
      releaseAsked(releases, evidence);
      return;
    case 'release.withdrawn':
      releaseWithdrawn(releases, index, evidence);
      return;
    case 'latch.released':
      latchReleased(releases, index, evidence, orderReleased(orders, evidence.latch));
      return;
    case 'proposal.opened':
    case 'proposal.passed':
    case 'proposal.closed':
    case 'glass.asked':
    case 'glass.broken':
      releaseDecided(releases, evidence);
  }
}
