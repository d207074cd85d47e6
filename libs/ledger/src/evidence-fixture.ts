import { createHash } from 'node:crypto';
import { toBase64 } from './base64.ts';
import { openSessionAudit } from './session-audit.ts';
import { chainStep, genesisHead } from './tick-chain.ts';

export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
export type By = { kind: string; id: string; role: string; person?: string };
export type Entry = { kind: string; by: By; time?: string; data: Record<string, unknown> };
export const person = (id: string): By => ({ kind: 'person', id, role: 'operator' });
export const keyOf = (id: string): By => ({ kind: 'key', id: `key-${id}`, role: 'operator', person: id });
export const entry = (kind: string, data: Record<string, unknown>, by = person('system')): Entry => ({ kind, by, data });

export const opened = (session = 'S') => entry('session.opened', { session, tenant: 't', deployment: 'd', model: 'm', level: 2 });
export const order = (number: number, data: Record<string, unknown> = {}) =>
  entry(
    'order.given',
    { order: `order-${number}`, number, kind: 'stop', scope: { type: 'everything' }, reason: '', covered: 0, ...data },
    person('ann'),
  );
export const effect = (tick: number, lastSequence: number, session = 'S') => ({ session, tick, lastSequence, settled: true });
export const applied = (sessions: ReturnType<typeof effect>[], part = 1, number = 1) =>
  entry('order.applied', { order: `order-${number}`, part, sessions }, person('ann'));
export const asked = (by = 'ann', latch = 'order-1') => entry('release.asked', { release: 'r', latch, reason: 'fine again' }, person(by));
export const released = (by = 'bob', askedBy = 'ann') => entry('latch.released', { release: 'r', latch: 'order-1', askedBy }, person(by));
export const stopAt = (tick: number, lastSequence: number, number = 1) => [
  order(number, { covered: 1 }),
  applied([effect(tick, lastSequence)], 1, number),
];

/** Writes a session's segments as the server does. */
export const recorder = (session = 'S') => {
  let head = genesisHead(session, sha256);
  let next = 0;
  let out = 0;
  return {
    segment: (count: number, left = 0, change: Record<string, unknown> = {}): Entry => {
      const previous = toBase64(head);
      const ticks = Array.from({ length: count }, (_, i) => sha256(Buffer.from(`${session} ${next + i}`)));
      head = ticks.reduce((at, tick) => chainStep(at, tick, sha256), head);
      const data = { session, fromTick: next, toTick: next + count - 1, previous, ticks: ticks.map(toBase64), head: toBase64(head) };
      const segment = entry('session.segment', { ...data, out: { first: out, last: out + left }, withheld: 0, late: 0, ...change });
      next += count;
      out += left;
      return segment;
    },
    attached: (lost: number): Entry => {
      next += lost;
      return entry('session.attached', { session, fromTick: next, previous: toBase64(head), lost });
    },
    ended: (): Entry => entry('session.ended', { session, lastTick: next - 1, head: toBase64(head), reason: 'closed' }),
  };
};
export const audit = (...entries: Entry[]) => {
  const auditor = openSessionAudit({ sha256 });
  entries.forEach((each, index) => {
    auditor.entry(index, each);
  });
  return auditor.finish();
};
export const found = (...entries: Entry[]) => audit(...entries).findings.map(({ code, message }) => `${code}: ${message}`);
export const codes = (...entries: Entry[]) => audit(...entries).findings.map(({ code }) => code);

export const genesis = (session: string) => genesisHead(session, sha256);

/** The segment of a session between two points of it, and the head that it leads to. */
export const segmentOf = (session: string, from: { tick: number; out: number; head: Uint8Array }, to: { tick: number; out: number }) => {
  const ticks = Array.from({ length: to.tick - from.tick }, (_, i) => sha256(Buffer.from(`${session} ${from.tick + i}`)));
  const head = ticks.reduce((at, tick) => chainStep(at, tick, sha256), from.head);
  const data = {
    session,
    fromTick: from.tick,
    toTick: to.tick - 1,
    previous: toBase64(from.head),
    ticks: ticks.map(toBase64),
    head: toBase64(head),
  };
  return { made: entry('session.segment', { ...data, out: { first: from.out, last: to.out }, withheld: 0, late: 0 }), head };
};
