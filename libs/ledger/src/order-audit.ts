import type { Scope } from '@wheelhouse/protocol/scope';
import type { FindingSink, NewFinding } from './findings.ts';
import { scopeCovers } from './scope-cover.ts';
import type { Holes, OrderEffect, SegmentEvidence, SessionEvidence, SessionFacts } from './session-evidence.ts';
import { checkSilence, forgetNumbers, newSilenceAudit, silencesOf } from './silence-audit.ts';
import type { SilenceAudit, SilenceCode } from './silence-audit.ts';

export type OrderCode =
  | SilenceCode
  | 'order_number_missing'
  | 'order_number_repeated'
  | 'order_repeated'
  | 'order_unknown'
  | 'order_part_missing'
  | 'order_part_repeated'
  | 'order_sessions_differ';

/** An order, and what is recorded so far of what it met. */
export type OrderState = {
  readonly orderKind: string;
  readonly number: number;
  readonly time: string;
  /** Null: withheld. */
  readonly scope: Scope | null;
  readonly covered: number;
  /** The holes before it was given. */
  readonly holes: number;
  readonly parts: Set<number>;
  /** Sessions in which it says what it met. */
  readonly met: Set<string>;
  effects: number;
  /** Sessions that it silences: those that it met, and those that began or went on under its latch. */
  readonly silenced: Set<string>;
  /** Output of sessions in which the order has not said what it met, held back until it has named them all: it is recorded after its effect. */
  readonly suspects: Map<string, NewFinding<SilenceCode>>;
  released: boolean;
};

/** Follows orders and what they silence. One object for a whole ledger; memory grows with the orders and the sessions. */
export type OrderAudit = {
  readonly orders: Map<string, OrderState>;
  /** The unreleased orders that silence, by id. */
  readonly inForce: Map<string, OrderState>;
  readonly opened: Map<string, SessionFacts>;
  readonly silence: SilenceAudit;
  /** Numbers that have not come yet though a higher one has. Entries may stand in another order than their numbers: law 2 writes them late. */
  readonly missing: { from: number; to: number }[];
  highest: number;
  /** When the server last started after a crash. */
  lastCrash: string;
  readonly findings: FindingSink<OrderCode>;
  readonly holes: Holes;
};

export function newOrderAudit(findings: FindingSink<OrderCode>, holes: Holes): OrderAudit {
  const maps = { orders: new Map(), inForce: new Map(), opened: new Map() };
  return { ...maps, silence: newSilenceAudit(), missing: [], highest: 0, lastCrash: '', findings, holes };
}

/** Whether everything since the order is shown: else its release, or what it met, may be in what is not. */
function nothingHidden(audit: OrderAudit, state: OrderState): boolean {
  return audit.holes.count === state.holes;
}

const SILENCING: ReadonlySet<string> = new Set(['hold', 'stop', 'take_over']);

type Started = Extract<SessionEvidence, { kind: 'server.started' }>;
type Opened = Extract<SessionEvidence, { kind: 'session.opened' }>;
type Attached = Extract<SessionEvidence, { kind: 'session.attached' }>;
type Given = Extract<SessionEvidence, { kind: 'order.given' }>;
type Applied = Extract<SessionEvidence, { kind: 'order.applied' }>;

export function orderServerStarted(audit: OrderAudit, { time, stoppedCleanly }: Started): void {
  if (!stoppedCleanly && time > audit.lastCrash) audit.lastCrash = time;
}

export function orderGiven(audit: OrderAudit, index: number, given: Given): void {
  const { order, number, orderKind } = given;
  takeNumber(audit, index, number);
  if (audit.orders.has(order)) {
    audit.findings.add({ code: 'order_repeated', index, message: `Order ${order} is recorded a second time.` });
    return;
  }
  const { time, scope, covered } = given;
  const empty = { parts: new Set<number>(), met: new Set<string>(), silenced: new Set<string>(), suspects: new Map() };
  const state: OrderState = { orderKind, number, time, scope, covered, holes: audit.holes.count, ...empty, effects: 0, released: false };
  audit.orders.set(order, state);
  if (SILENCING.has(orderKind)) audit.inForce.set(order, state);
}

/** What an order met in some of its sessions. Comes after the order, in parts. */
export function orderApplied(audit: OrderAudit, index: number, { order, part, sessions }: Applied): void {
  const state = audit.orders.get(order);
  if (state === undefined) {
    const message = `Sessions are recorded for order ${order}, which was never given.`;
    if (audit.holes.count === 0) audit.findings.add({ code: 'order_unknown', index, message });
    return;
  }
  if (state.parts.has(part))
    audit.findings.add({ code: 'order_part_repeated', index, message: `Part ${part} of what order ${order} met is recorded twice.` });
  else state.effects += sessions.length;
  state.parts.add(part);
  for (const effect of sessions) meet(audit, index, { order, state, effect });
  if (state.effects >= state.covered) confirmSuspects(audit, state);
}

function meet(audit: OrderAudit, index: number, at: { order: string; state: OrderState; effect: OrderEffect }): void {
  const { order, state, effect } = at;
  const { session, tick, lastSequence } = effect;
  state.met.add(session);
  state.suspects.delete(session);
  if (state.released || !SILENCING.has(state.orderKind)) return;
  // Numbers from before a crash say nothing about those after it.
  const lossAt = audit.silence.losses.get(session) ?? -1;
  const silence = { tick, lastSequence: tick < lossAt ? undefined : lastSequence, surmised: false };
  state.silenced.add(session);
  silencesOf(audit.silence, session).set(order, silence);
  // Evidence may enter the ledger before the order that it falls under. The last segment speaks for those before it: numbers only rise.
  const last = audit.silence.lastSegments.get(session);
  const finding = last === undefined ? null : checkSilence(last, order, silence, index);
  if (finding !== null && nothingHidden(audit, state)) audit.findings.add(finding);
}

export function orderSessionOpened(audit: OrderAudit, opened: Opened): void {
  if (audit.opened.has(opened.session)) return;
  audit.opened.set(opened.session, opened);
  silenceByScope(audit, opened, -1);
}

export function orderSessionAttached(audit: OrderAudit, { session, fromTick, lost }: Attached): void {
  if (lost > 0) forgetNumbers(audit.silence, session, fromTick);
  const opened = audit.opened.get(session);
  if (opened !== undefined) silenceByScope(audit, opened, fromTick - 1);
}

/** A session that begins or goes on while a latch covers it comes to stand under that latch, though no order has met it. */
function silenceByScope(audit: OrderAudit, opened: SessionFacts, tick: number): void {
  for (const [order, state] of audit.inForce) {
    if (state.silenced.has(opened.session) || state.scope === null || !scopeCovers(state.scope, opened)) continue;
    state.silenced.add(opened.session);
    silencesOf(audit.silence, opened.session).set(order, { tick, lastSequence: undefined, surmised: true });
  }
}

/** Holds a segment against every latch in force for its session. */
export function orderSegment(audit: OrderAudit, index: number, segment: SegmentEvidence): void {
  audit.silence.lastSegments.set(segment.session, segment);
  for (const [order, silence] of audit.silence.silences.get(segment.session) ?? []) {
    const finding = checkSilence(segment, order, silence, index);
    const state = audit.orders.get(order);
    if (finding === null || (state !== undefined && !nothingHidden(audit, state))) continue;
    const waits = silence.surmised && state !== undefined && state.effects < state.covered;
    if (!waits) audit.findings.add(finding);
    else if (!state.suspects.has(segment.session)) state.suspects.set(segment.session, finding);
  }
}

/** The latch is open: nothing that comes later stands under it. Says whether there was one, or `hidden` where that cannot be seen. */
export function orderReleased(audit: OrderAudit, order: string): 'released' | 'unknown' | 'before' | 'hidden' {
  const state = audit.orders.get(order);
  if (state === undefined && audit.holes.count > 0) return 'hidden';
  if (state === undefined || state.orderKind === 'whisper') return 'unknown';
  if (state.released) return 'before';
  state.released = true;
  audit.inForce.delete(order);
  for (const session of state.silenced) audit.silence.silences.get(session)?.delete(order);
  return 'released';
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

/**
 * At the end of the ledger: the numbers that never came, and the orders that have not said what they met in every session. `underWaySince`:
 * of orders recorded from then on (ISO 8601 in UTC), the parts may still be on their way.
 */
export function finishOrders(audit: OrderAudit, underWaySince: string | undefined): void {
  for (const { from, to } of audit.holes.count === 0 ? audit.missing : [])
    audit.findings.add({
      code: 'order_number_missing',
      message: from === to ? `Order number ${from} is missing.` : `Order numbers ${from} to ${to} are missing.`,
    });
  for (const [order, state] of audit.orders) {
    const underWay = underWaySince !== undefined && state.time >= underWaySince;
    // A server that died between the order and its parts had carried it out, and was not there to write them.
    const crashed = state.time !== '' && state.time < audit.lastCrash;
    finishOrder(audit, order, underWay ? 'under way' : crashed ? 'crashed' : 'due');
  }
}

function finishOrder(audit: OrderAudit, order: string, parts: 'due' | 'under way' | 'crashed'): void {
  const state = audit.orders.get(order);
  if (state === undefined) return;
  const name = `Order ${order} (number ${state.number})`;
  const gap = firstGap(state.parts);
  if (state.effects > state.covered || (state.met.size < state.effects && state.effects === state.covered)) {
    const message = `${name} covered ${state.covered} sessions; what it met is recorded ${state.effects} times, for ${state.met.size} different ones.`;
    audit.findings.add({ code: 'order_sessions_differ', message });
  } else if (!nothingHidden(audit, state)) return;
  else if (state.effects < state.covered || gap !== undefined) {
    const which = gap === undefined ? '' : `; part ${gap} is missing`;
    const why = { due: '.', 'under way': '; the rest may still be on its way.', crashed: '; the server crashed before it wrote the rest.' }[
      parts
    ];
    const message = `${name} covered ${state.covered} sessions; what it met is recorded for ${state.met.size}${which}${why}`;
    audit.findings.add({ code: 'order_part_missing', severity: parts === 'due' || gap !== undefined ? 'fault' : 'note', message });
  }
  if (parts === 'due') confirmSuspects(audit, state);
  else for (const suspect of state.suspects.values()) audit.findings.add({ ...suspect, severity: 'note' });
}

function firstGap(parts: ReadonlySet<number>): number | undefined {
  let part = 1;
  while (parts.has(part)) part += 1;
  return part <= parts.size ? part : undefined;
}

function confirmSuspects(audit: OrderAudit, state: OrderState): void {
  if (nothingHidden(audit, state)) for (const suspect of state.suspects.values()) audit.findings.add(suspect);
  state.suspects.clear();
}
