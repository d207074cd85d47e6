import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';
import type { Latch, OrderAck, Release, RestrictiveOrder, SessionEffect } from '@wheelhouse/protocol/order';
import type { Session } from '@wheelhouse/protocol/session';
import type { SupervisionView } from '@wheelhouse/protocol/supervisor';

/** What became of an order that this page gave. */
export type OrderProgress =
  | { readonly state: 'sent'; readonly trouble: string | null }
  | { readonly state: 'refused'; readonly detail: string }
  | { readonly state: 'in force'; readonly ack: OrderAck; readonly afterMs: number };

export type GivenOrder = {
  readonly request: RestrictiveOrder;
  /** On the clock of `performance.now()`: the moment of the key press or click itself. */
  readonly pressedAt: number;
  readonly progress: OrderProgress;
  /** Index of its ledger entry; null until it is stored. May be known before the acknowledgement when the channel was cut in between. */
  readonly entry: number | null;
};

/** `path`: the page where something can be done about it. */
export type Alarm = { readonly code: string; readonly message: string; readonly path?: string | undefined };

export type LiveState = {
  readonly sessions: ReadonlyMap<string, Session>;
  /** Latches in force, by the order that left them. */
  readonly latches: ReadonlyMap<string, Latch>;
  readonly releases: ReadonlyMap<string, Release>;
  /** Orders given from this page, oldest first. */
  readonly given: ReadonlyMap<string, GivenOrder>;
  readonly alarms: ReadonlyMap<string, Alarm>;
  /** By session: who listens in and speaks, and whether the engine asks for a human. */
  readonly supervision: ReadonlyMap<string, SupervisionView>;
};

export const EMPTY: LiveState = {
  sessions: new Map(),
  latches: new Map(),
  releases: new Map(),
  given: new Map(),
  alarms: new Map(),
  supervision: new Map(),
};

/** The next state after an event of the operator channel. Meters and transcripts are kept apart (`live-store.ts`): they are too frequent. */
export function evolve(state: LiveState, event: OperatorEvent, at: number): LiveState {
  switch (event.event) {
    case 'welcome':
      return welcomed(state, event.data);
    case 'session':
      return { ...state, sessions: withEntry(state.sessions, event.data.id, event.data) };
    case 'latch':
      return { ...state, latches: withEntry(state.latches, event.data.order, event.data) };
    case 'latch.released':
      return { ...state, latches: without(state.latches, event.data.order), releases: without(state.releases, event.data.release) };
    case 'release':
      return {
        ...state,
        releases:
          event.data.state === 'waiting' ? withEntry(state.releases, event.data.id, event.data) : without(state.releases, event.data.id),
      };
    case 'alarm':
      return {
        ...state,
        alarms: event.data.raised ? withEntry(state.alarms, event.data.code, event.data) : without(state.alarms, event.data.code),
      };
    case 'supervision':
      return { ...state, supervision: withEntry(state.supervision, event.data.session, event.data) };
    case 'order.ack':
      return acknowledged(state, event.data, at);
    case 'order.settled':
      return settled(state, event.data.order, event.data.sessions);
    case 'order.stored':
      return amendGiven(state, event.data.order, (order) => ({ ...order, entry: event.data.entry }));
    case 'refused':
      return event.data.request === null ? state : refused(state, event.data.request, event.data.problem.detail);
    case 'meters':
    case 'transcript':
    case 'proposal':
    case 'action':
    case 'notice':
      return state;
  }
}

export function given(state: LiveState, request: RestrictiveOrder, pressedAt: number): LiveState {
  const order: GivenOrder = { request, pressedAt, progress: { state: 'sent', trouble: null }, entry: null };
  return { ...state, given: withEntry(state.given, request.id, order) };
}

/** An order that is in force can no longer be refused: the same id may have been sent on two ways, and the second answer says nothing new. */
export function refused(state: LiveState, order: string, detail: string): LiveState {
  return amendGiven(state, order, (given) =>
    given.progress.state === 'sent' ? { ...given, progress: { state: 'refused', detail } } : given,
  );
}

/** The order is still under way; `trouble` says what stands in its way. */
export function hindered(state: LiveState, order: string, trouble: string): LiveState {
  return amendGiven(state, order, (given) =>
    given.progress.state === 'sent' ? { ...given, progress: { state: 'sent', trouble } } : given,
  );
}

/** A fresh picture replaces ours, but ended sessions that the server no longer lists stay on the page that shows them. */
type Welcome = Extract<OperatorEvent, { event: 'welcome' }>['data'];

function welcomed(state: LiveState, data: Welcome): LiveState {
  const ended = [...state.sessions.values()].filter((session) => session.state === 'ended');
  return {
    ...state,
    sessions: new Map([...ended, ...data.sessions].map((session) => [session.id, session])),
    latches: new Map(data.latches.map((latch) => [latch.order, latch])),
    releases: new Map(data.releases.filter((release) => release.state === 'waiting').map((release) => [release.id, release])),
    // The server says again what is wrong now; an alarm that ended while we were away must not stay.
    alarms: new Map(),
    supervision: new Map((data.supervision ?? []).map((view) => [view.session, view])),
  };
}

/** The first acknowledgement counts: a repeated one would claim a later time than the one at which the gate closed for this page. */
function acknowledged(state: LiveState, ack: OrderAck, at: number): LiveState {
  return amendGiven(state, ack.order, (order) =>
    order.progress.state === 'in force' ? order : { ...order, progress: { state: 'in force', ack, afterMs: at - order.pressedAt } },
  );
}

function settled(state: LiveState, order: string, effects: readonly SessionEffect[]): LiveState {
  const bySession = new Map(effects.map((effect) => [effect.session, effect]));
  return amendGiven(state, order, (given) => {
    if (given.progress.state !== 'in force') return given;
    const sessions = given.progress.ack.sessions.map((effect) => bySession.get(effect.session) ?? effect);
    return { ...given, progress: { ...given.progress, ack: { ...given.progress.ack, sessions } } };
  });
}

function amendGiven(state: LiveState, id: string, amend: (order: GivenOrder) => GivenOrder): LiveState {
  const order = state.given.get(id);
  if (order === undefined) return state;
  const amended = amend(order);
  return amended === order ? state : { ...state, given: withEntry(state.given, id, amended) };
}

function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
