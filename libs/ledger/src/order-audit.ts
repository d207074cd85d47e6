import type { FindingSink } from './findings.ts';
import type { EvidenceActor, OrderEffect, SegmentEvidence, SessionEvidence } from './session-evidence.ts';

export type OrderCode =
  | 'order_number_missing'
  | 'order_number_repeated'
  | 'order_repeated'
  | 'order_unknown'
  | 'output_after_order'
  | 'latch_unknown'
  | 'latch_released_twice'
  | 'release_unknown'
  | 'release_withdrawn'
  | 'release_differs'
  | 'release_by_one_person'
  | 'release_not_by_people';

/** An order that silences a session: after `tick` nothing of the engine's may have a number above `lastSequence`. */
type Silence = { readonly tick: number; readonly lastSequence: number };
type OrderState = { readonly orderKind: string; readonly sessions: Set<string>; released: boolean };
type ReleaseState = { readonly latch: string; readonly asker: EvidenceActor; state: 'asked' | 'withdrawn' | 'confirmed' };

/** Follows orders, their latches and releases. One object for a whole ledger; memory grows with the orders and the sessions. */
export type OrderAudit = {
  readonly orders: Map<string, OrderState>;
  readonly releases: Map<string, ReleaseState>;
  /** By session, then by order: the latches in force. */
  readonly silences: Map<string, Map<string, Silence>>;
  readonly lastSegments: Map<string, SegmentEvidence>;
  /** Numbers that have not come yet though a higher one has. Entries may stand in another order than their numbers: law 2 writes them late. */
  readonly missing: { from: number; to: number }[];
  highest: number;
  readonly findings: FindingSink<OrderCode>;
};

export function newOrderAudit(findings: FindingSink<OrderCode>): OrderAudit {
  return { orders: new Map(), releases: new Map(), silences: new Map(), lastSegments: new Map(), missing: [], highest: 0, findings };
}

const SILENCING: ReadonlySet<string> = new Set(['hold', 'stop', 'take_over']);

type Given = Extract<SessionEvidence, { kind: 'order.given' }>;
type Covered = Extract<SessionEvidence, { kind: 'order.sessions' }>;
type Released = Extract<SessionEvidence, { kind: 'latch.released' }>;
type Asked = Extract<SessionEvidence, { kind: 'release.asked' }>;
type Withdrawn = Extract<SessionEvidence, { kind: 'release.withdrawn' }>;

export function orderGiven(audit: OrderAudit, index: number, { order, number, orderKind, sessions }: Given): void {
  takeNumber(audit, index, number);
  if (audit.orders.has(order)) {
    audit.findings.add({ code: 'order_repeated', index, message: `Order ${order} is recorded a second time.` });
    return;
  }
  audit.orders.set(order, { orderKind, sessions: new Set(), released: false });
  cover(audit, index, { order, sessions });
}

/** More sessions of an order already given: one entry has room for a few hundred. */
export function orderSessions(audit: OrderAudit, index: number, covered: Covered): void {
  if (audit.orders.has(covered.order)) cover(audit, index, covered);
  else
    audit.findings.add({
      code: 'order_unknown',
      index,
      message: `Sessions are recorded for order ${covered.order}, which was never given.`,
    });
}

function cover(audit: OrderAudit, index: number, { order, sessions }: { order: string; sessions: readonly OrderEffect[] }): void {
  const state = audit.orders.get(order);
  if (state === undefined || state.released || !SILENCING.has(state.orderKind)) return;
  for (const { session, tick, lastSequence } of sessions) {
    state.sessions.add(session);
    const silences = audit.silences.get(session) ?? new Map<string, Silence>();
    silences.set(order, { tick, lastSequence });
    audit.silences.set(session, silences);
    // Evidence may enter the ledger before the order that it falls under. The last segment speaks for those before it: numbers only rise.
    const last = audit.lastSegments.get(session);
    if (last !== undefined) checkSilence(audit, index, { segment: last, order, silence: { tick, lastSequence } });
  }
}

/** Holds a segment against every latch in force for its session. */
export function orderSegment(audit: OrderAudit, index: number, segment: SegmentEvidence): void {
  audit.lastSegments.set(segment.session, segment);
  for (const [order, silence] of audit.silences.get(segment.session) ?? []) checkSilence(audit, index, { segment, order, silence });
}

/**
 * In a segment that lies wholly behind the order nothing may leave, and nothing above the acknowledged number may have left. The engine's last
 * number may be below it: the acknowledged one counts a human's frames as well.
 */
function checkSilence(audit: OrderAudit, index: number, at: { segment: SegmentEvidence; order: string; silence: Silence }): void {
  const { session, fromTick, toTick, outFirst, outLast } = at.segment;
  const { tick, lastSequence } = at.silence;
  if (fromTick <= tick || (outFirst === outLast && outLast <= lastSequence)) return;
  audit.findings.add({
    code: 'output_after_order',
    index,
    session,
    fromTick,
    toTick,
    message:
      `Session ${session}, ticks ${fromTick} to ${toTick}: output went from #${outFirst} to #${outLast}, though order ${at.order} ` +
      `closed the gate in tick ${tick} after #${lastSequence} and had not been released.`,
  });
}

export function releaseAsked(audit: OrderAudit, { release, latch, by }: Asked): void {
  if (!audit.releases.has(release)) audit.releases.set(release, { latch, asker: by, state: 'asked' });
}

export function releaseWithdrawn(audit: OrderAudit, index: number, { release }: Withdrawn): void {
  const asked = audit.releases.get(release);
  if (asked === undefined)
    audit.findings.add({ code: 'release_unknown', index, message: `Release ${release} is withdrawn, but nobody asked for it.` });
  else if (asked.state === 'asked') asked.state = 'withdrawn';
}

export function latchReleased(audit: OrderAudit, index: number, released: Released): void {
  const { latch, release } = released;
  const add = (code: OrderCode, message: string): void => {
    audit.findings.add({ code, index, message: `Latch ${latch}, release ${release}: ${message}` });
  };
  const order = audit.orders.get(latch);
  if (order === undefined || order.orderKind === 'whisper') add('latch_unknown', 'no order left such a latch.');
  else if (order.released) add('latch_released_twice', 'it had been released before.');
  else {
    order.released = true;
    for (const session of order.sessions) audit.silences.get(session)?.delete(latch);
  }
  checkRelease(audit.releases.get(release), released, add);
}

function checkRelease(asked: ReleaseState | undefined, released: Released, add: (code: OrderCode, message: string) => void): void {
  const { latch, askedBy, by } = released;
  if (asked === undefined) add('release_unknown', 'nobody asked for it.');
  else {
    if (asked.state !== 'asked') add('release_withdrawn', `it was ${asked.state} before.`);
    if (asked.latch !== latch) add('release_differs', `it was asked for another latch, ${asked.latch}.`);
    if (asked.asker.id !== askedBy) add('release_differs', `it was asked by ${asked.asker.id}, not by ${askedBy}.`);
    if (asked.asker.kind !== 'person') add('release_not_by_people', `it was asked by a ${asked.asker.kind}.`);
    asked.state = 'confirmed';
  }
  if (by.kind !== 'person') add('release_not_by_people', `it was confirmed by a ${by.kind}.`);
  if (by.id === askedBy || by.id === asked?.asker.id) add('release_by_one_person', `${by.id} asked for it and confirmed it.`);
}

function takeNumber(audit: OrderAudit, index: number, number: number): void {
  if (number > audit.highest) {
    if (number > audit.highest + 1) audit.missing.push({ from: audit.highest + 1, to: number - 1 });
    audit.highest = number;
    return;
  }
  const at = audit.missing.findIndex(({ from, to }) => from <= number && number <= to);
  const gap = audit.missing[at];
  if (gap === undefined) {
    audit.findings.add({ code: 'order_number_repeated', index, message: `Order number ${number} was given twice.` });
    return;
  }
  const rest = [
    { from: gap.from, to: number - 1 },
    { from: number + 1, to: gap.to },
  ];
  audit.missing.splice(at, 1, ...rest.filter(({ from, to }) => from <= to));
}

/** At the end of the ledger: the numbers that never came. */
export function finishOrders(audit: OrderAudit): void {
  for (const { from, to } of audit.missing)
    audit.findings.add({
      code: 'order_number_missing',
      message: from === to ? `Order number ${from} is missing.` : `Order numbers ${from} to ${to} are missing.`,
    });
}
