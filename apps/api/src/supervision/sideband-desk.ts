import { randomUUID } from 'node:crypto';
import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { covers } from '@wheelhouse/gate/coverage';
import type { BookedLatch } from '@wheelhouse/gate/order-book';
import type { Principal } from '@wheelhouse/protocol/identity';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import type { DoorCredentials, SidebandAct, SidebandFacts } from '../stream/control-line.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import { attachable } from './sideband-rights.ts';
import type { SupervisionFloor } from './supervision-floor.ts';
import type { Supervisor } from './supervisor.ts';

/** Beside the people in a session; each costs its thread a copy of all sound. */
const MOST_IN_A_SESSION = 4;
/** The reason by which a mute of a sideband's is told from any other, also after a restart. */
const INPUT_MUTED = 'Muted by a sideband: the engine’s sound is withheld, and the person’s is kept from the engine';

type Parts = {
  readonly floor: SupervisionFloor;
  readonly registry: SessionRegistry;
  readonly sessions: SessionDesk;
  readonly orders: OrderDesk;
  readonly keeper: OrderBookKeeper;
  readonly principals: Principals;
  readonly streams: StreamHost;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
};

/**
 * Sidebands of the OpenAI Live protocol: a developer's backend that listens to a session with an API key. It hears what a human who monitors hears, and what it
 * asks for are orders, with their latches, acknowledgements and records. It never speaks, and nothing permissive is done on its word.
 */
export class SidebandDesk {
  readonly #parts: Parts;
  /** Sessions whose engine does not hear its person now. */
  readonly #deaf = new Set<string>();

  /** Made before the supervision desk, so that a sideband hears of a session's end before its connection is closed. */
  constructor(parts: Parts) {
    this.#parts = parts;
    parts.bulletin.subscribe(({ event }) => {
      if (event.event === 'session') this.#sessionChanged(event.data.id, event.data.state);
      if (event.event === 'latch.released') this.#latchReleased();
    });
  }

  /** A sideband is at the door of a stream thread. That it listens is in the record before it hears anything. */
  async attach(principal: Principal, id: string, at: { credentials: DoorCredentials; thread: number }): Promise<SidebandFacts> {
    const { floor, registry, ledger } = this.#parts;
    const session = attachable(principal, id, registry);
    if (floor.in(id).filter(({ isSideband }) => isSideband === true).length >= MOST_IN_A_SESSION)
      throw new Refusal('conflict', `${MOST_IN_A_SESSION} sidebands are attached to this session. One of them has to leave first.`);
    const supervision = randomUUID();
    const entry = entryOf('supervision.began', { supervision, session: id, verb: 'monitor' }, actorOf(principal));
    const state = { joined: false, connected: false, verb: 'monitor', order: null, engineHears: false } as const;
    // Counted from here on, so that many at once are not more than may be.
    const supervisor: Supervisor = { ...at, ...state, supervision, session, principal, entry, isSideband: true };
    floor.add(supervisor);
    try {
      await ledger.appendEntryFirst(entry);
    } catch (error) {
      floor.remove(supervisor);
      throw error;
    }
    return { supervision, model: session.facts.deployment, openedAt: Date.parse(session.openedAt) / 1000 };
  }

  /** What a sideband asks for; the session's tick at which it was done. `at`: when it came, on the shared clock. */
  async act(supervision: string, act: SidebandAct, at: number): Promise<{ principal: Principal; tick: number }> {
    const { floor, principals, registry } = this.#parts;
    const supervisor = floor.get(supervision);
    if (supervisor?.isSideband !== true) throw new Refusal('not_found', 'This sideband is not attached to a session any more.');
    const principal = principals.remembered(supervisor.credentials) ?? (await principals.of(supervisor.credentials));
    if (principal === null) throw new Refusal('unauthenticated', 'This API key is not valid any more.');
    const session = attachable(principal, supervisor.session.facts.session, registry);
    switch (act.type) {
      case 'whisper':
        return { principal, tick: this.#whisper(principal, session, { text: act.text, at }) };
      case 'mute':
        return { principal, tick: this.#mute(principal, session, at) };
      case 'unmute':
        throw this.#unmuted(session);
      case 'close':
        return { principal, tick: await this.#close(principal, session) };
    }
  }

  #whisper(principal: Principal, session: OpenSession, { text, at }: { text: string; at: number }): number {
    const scope = { type: 'session', session: session.facts.session } as const;
    const ack = this.#parts.orders.give(principal, { id: randomUUID(), kind: 'whisper', scope, reason: 'From a sideband', text }, at);
    return ack.sessions[0]?.tick ?? 0;
  }

  /** The order first: the engine's sound is withheld at once. Then the engine stops hearing its person. */
  #mute(principal: Principal, session: OpenSession, at: number): number {
    const { orders, registry } = this.#parts;
    const scope = { type: 'session', session: session.facts.session } as const;
    if (this.#muteOf(session) === undefined) orders.give(principal, { id: randomUUID(), kind: 'mute', scope, reason: INPUT_MUTED }, at);
    this.#deafen(session);
    return registry.effectOf(session).tick;
  }

  #unmuted(session: OpenSession): Refusal {
    const mute = this.#muteOf(session);
    if (mute === undefined) return new Refusal('not_in_force', 'No sideband has muted this session.');
    return new Refusal(
      'forbidden',
      `A human has to release order ${mute.order}: no key lets anything loose. Ask for it with POST /v1/orders {"kind": "release"}; people confirm it in the console.`,
    );
  }

  async #close(principal: Principal, session: OpenSession): Promise<number> {
    const { registry, sessions } = this.#parts;
    const { tenant, session: id } = session.facts;
    if (!abilitiesOf(principal).can('end', subject('Session', { tenant })))
      throw new Refusal('forbidden', 'This API key may not end sessions: it needs the scope sessions:open.');
    const { tick } = registry.effectOf(session);
    await sessions.end(principal, id);
    return tick;
  }

  /** The mute in force that a sideband of this session gave. */
  #muteOf({ facts }: OpenSession): BookedLatch | undefined {
    const { keeper } = this.#parts;
    return [...keeper.book.latches.values()].find(
      ({ order, kind, scope }) =>
        kind === 'mute' && scope.type === 'session' && covers(scope, facts) && keeper.orders.get(order)?.reason === INPUT_MUTED,
    );
  }

  #deafen(session: OpenSession): void {
    this.#deaf.add(session.facts.session);
    this.#tellThread(session, true);
  }

  #tellThread({ slot, thread, facts }: OpenSession, isDeaf: boolean): void {
    if (thread === null) return;
    this.#parts.streams.send(thread, { type: 'supervise.deafen', slot, session: facts.session, isDeaf });
  }

  #sessionChanged(id: string, state: 'waiting' | 'live' | 'ended'): void {
    const { registry, floor } = this.#parts;
    const session = registry.get(id);
    if (state === 'ended') {
      this.#deaf.delete(id);
      for (const one of floor.in(id)) if (one.isSideband === true) floor.tell(one, { type: 'ended', reason: 'The session has ended.' });
    } else if (session !== undefined && state === 'live' && this.#muteOf(session) !== undefined) this.#deafen(session);
  }

  #latchReleased(): void {
    const { registry } = this.#parts;
    for (const id of this.#deaf) {
      const session = registry.get(id);
      if (session !== undefined && this.#muteOf(session) !== undefined) continue;
      this.#deaf.delete(id);
      if (session !== undefined) this.#tellThread(session, false);
    }
  }
}
