import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';
import type { Latch, OrderAck, Release, RestrictiveOrder } from '@wheelhouse/protocol/order';
import { problemOf } from '@wheelhouse/protocol/problem';
import type { Session } from '@wheelhouse/protocol/session';
import { describe, expect, it } from 'vitest';
import { EMPTY, evolve, given, hindered, refused, type LiveState } from './live-state.ts';

const ORDER = '22222222-2222-4222-8222-222222222222';
const SESSION: Session = {
  id: '11111111-1111-4111-8111-111111111111',
  tenant: 'house',
  deployment: 'relay',
  model: 'relay-1',
  engine: 'relay',
  level: 3,
  effectiveLevel: 3,
  state: 'live',
  openedAt: '2026-01-01T00:00:00.000Z',
  openedByName: 'Ada',
  endedAt: null,
  latched: [],
  recorded: [],
  tick: 0,
  lastSequence: 0,
};
const STOP: RestrictiveOrder = { id: ORDER, kind: 'stop', scope: { type: 'session', session: SESSION.id }, reason: '' };
const EFFECT = { session: SESSION.id, tick: 12, lastSequence: 60, settled: false };
const ACK: OrderAck = {
  order: ORDER,
  number: 7,
  kind: 'stop',
  scope: STOP.scope,
  receivedAt: '2026-01-01T00:00:01.000Z',
  gateClosedUs: 42,
  lastByteUs: -30,
  sessions: [EFFECT],
  repeated: false,
};
const PERSON = { kind: 'person', id: 'p1', role: 'operator' } as const;
const LATCH: Latch = {
  order: ORDER,
  number: 7,
  kind: 'stop',
  level: null,
  scope: STOP.scope,
  reason: '',
  author: PERSON,
  authorName: 'Ada',
  givenAt: '2026-01-01T00:00:01.000Z',
};
const RELEASE: Release = {
  id: '33333333-3333-4333-8333-333333333333',
  latch: ORDER,
  reason: 'checked',
  askedBy: PERSON,
  askedByName: 'Ada',
  askedAt: '2026-01-01T00:00:02.000Z',
  state: 'waiting',
  confirmedBy: null,
  confirmedAt: null,
};

function after(state: LiveState, ...events: OperatorEvent[]): LiveState {
  return events.reduce((before, event) => evolve(before, event, 130), state);
}

const PRESSED = given(EMPTY, STOP, 100);
const acknowledged: OperatorEvent = { event: 'order.ack', data: ACK };

describe('an order given here', () => {
  it('is in force from its acknowledgement, counted from the press', () => {
    expect(after(PRESSED, acknowledged).given.get(ORDER)?.progress).toEqual({ state: 'in force', ack: ACK, afterMs: 30 });
  });

  it('keeps its first acknowledgement when the second way answers too', () => {
    const twice = evolve(after(PRESSED, acknowledged), { event: 'order.ack', data: { ...ACK, repeated: true } }, 900);
    expect(twice.given.get(ORDER)?.progress).toMatchObject({ afterMs: 30 });
  });

  it('cannot be refused once it is in force, nor look hindered', () => {
    const inForce = after(PRESSED, acknowledged);
    expect(refused(inForce, ORDER, 'no')).toBe(inForce);
    expect(hindered(inForce, ORDER, 'slow')).toBe(inForce);
  });

  it('says why it was refused', () => {
    const state = after(PRESSED, { event: 'refused', data: { request: ORDER, problem: problemOf('forbidden', 'Not your tenant.') } });
    expect(state.given.get(ORDER)?.progress).toEqual({ state: 'refused', detail: 'Not your tenant.' });
  });

  it('is in force even if one way refused it before the other acknowledged', () => {
    expect(after(refused(PRESSED, ORDER, 'no'), acknowledged).given.get(ORDER)?.progress.state).toBe('in force');
  });

  it('learns that its last frame settled', () => {
    const state = after(PRESSED, acknowledged, {
      event: 'order.settled',
      data: { order: ORDER, sessions: [{ ...EFFECT, lastSequence: 61, settled: true }] },
    });
    expect(state.given.get(ORDER)?.progress).toMatchObject({ ack: { sessions: [{ lastSequence: 61, settled: true }] } });
  });

  it('learns its ledger entry, also before the acknowledgement', () => {
    const stored: OperatorEvent = { event: 'order.stored', data: { order: ORDER, entry: 5 } };
    expect(after(PRESSED, stored, acknowledged).given.get(ORDER)?.entry).toBe(5);
    expect(after(PRESSED, acknowledged, stored).given.get(ORDER)?.entry).toBe(5);
  });

  it('is not invented from the acknowledgement of an order given elsewhere', () => {
    expect(after(EMPTY, acknowledged).given.size).toBe(0);
  });
});

describe('latches and releases', () => {
  const latched = after(EMPTY, { event: 'latch', data: LATCH }, { event: 'release', data: RELEASE });

  it('are in force until released, and the release goes with its latch', () => {
    expect([latched.latches.size, latched.releases.size]).toEqual([1, 1]);
    const released = after(latched, { event: 'latch.released', data: { order: ORDER, release: RELEASE.id } });
    expect([released.latches.size, released.releases.size]).toEqual([0, 0]);
  });

  it('stay in force when a release is withdrawn', () => {
    const state = after(latched, { event: 'release', data: { ...RELEASE, state: 'withdrawn' } });
    expect([state.latches.size, state.releases.size]).toEqual([1, 0]);
  });
});

describe('a welcome after a cut', () => {
  const me = { ...PERSON, name: 'Ada', tenant: 'house', person: 'p1' };
  const welcome: OperatorEvent = { event: 'welcome', data: { me, sessions: [], latches: [], releases: [] } };

  it('replaces what was known, and keeps the orders given here', () => {
    const state = after(PRESSED, { event: 'session', data: SESSION }, { event: 'latch', data: LATCH }, acknowledged, welcome);
    expect([state.sessions.size, state.latches.size, state.given.size]).toEqual([0, 0, 1]);
  });

  it('keeps ended sessions, which it does not list, and drops alarms, which it says again', () => {
    const ended: OperatorEvent = { event: 'session', data: { ...SESSION, state: 'ended' } };
    const alarm: OperatorEvent = { event: 'alarm', data: { code: 'ledger', message: 'full', raised: true } };
    const state = after(EMPTY, ended, alarm, welcome);
    expect([state.sessions.size, state.alarms.size]).toEqual([1, 0]);
  });
});

describe('alarms', () => {
  it('stay until they are lowered', () => {
    const raised = after(EMPTY, { event: 'alarm', data: { code: 'ledger', message: 'full', raised: true } });
    expect(raised.alarms.get('ledger')?.message).toBe('full');
    expect(after(raised, { event: 'alarm', data: { code: 'ledger', message: '', raised: false } }).alarms.size).toBe(0);
  });
});
