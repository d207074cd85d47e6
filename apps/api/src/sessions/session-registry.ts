import { covers, type SessionFacts, standingOf } from '@wheelhouse/gate/coverage';
import { ENDED, withLatch } from '@wheelhouse/gate/gate-word';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import type { BookedLatch } from '@wheelhouse/gate/order-book';
import type { Level } from '@wheelhouse/protocol/level';
import type { SessionEffect } from '@wheelhouse/protocol/order';
import type { Scope } from '@wheelhouse/protocol/scope';
import type { Deployment, EngineKind } from '@wheelhouse/protocol/session';
import { Refusal } from '../problem/refusal.ts';
import type { Rest } from '../stream/thread-messages.ts';
import { DEPLOYMENTS } from './deployments.ts';

/** A session that has not ended, as the control thread holds it. Its latches and effective level are in its gate word. */
export type OpenSession = {
  readonly facts: SessionFacts;
  readonly engine: EngineKind;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly slot: number;
  state: 'waiting' | 'live';
  thread: number | null;
  /** Where it stood when its client was cut off last; ticks resume there. */
  rest: Rest;
  /** False between an attachment and its clean end: after a crash, up to a few seconds of evidence are missing. */
  cleanRest: boolean;
  waitingSince: number;
  /** The ticket that was handed out last, and until when it is good; null once it was used, or can't be any more. */
  ticket: { readonly number: number; readonly until: number } | null;
  /** Why it is to end as soon as its client has gone; null while nobody asked for that. */
  ending: string | null;
};

/**
 * All sessions that have not ended, and the one place that computes gate words. It runs on the control thread alone, so opening a session
 * and giving an order can't overlap: a session is either covered by the order or opened under its latch.
 */
export class SessionRegistry {
  readonly deployments: readonly Deployment[];
  readonly #table: LatchTable;
  readonly #sessions = new Map<string, OpenSession>();
  readonly #free: number[] = [];
  #watched = false;
  #ceiling: Level = 5;

  /** `deployments`: what is offered to sessions here. */
  constructor(table: LatchTable, deployments: readonly Deployment[] = DEPLOYMENTS) {
    this.deployments = deployments;
    this.#table = table;
    for (let slot = table.capacity - 1; slot >= 0; slot -= 1) this.#free.push(slot);
  }

  get size(): number {
    return this.#sessions.size;
  }

  get capacity(): number {
    return this.#table.capacity;
  }

  get watched(): boolean {
    return this.#watched;
  }

  get(session: string): OpenSession | undefined {
    return this.#sessions.get(session);
  }

  all(): Iterable<OpenSession> {
    return this.#sessions.values();
  }

  /** The sessions that a scope covers now. */
  covered(scope: Scope): OpenSession[] {
    if (scope.type === 'session') {
      const one = this.#sessions.get(scope.session);
      return one === undefined ? [] : [one];
    }
    return [...this.#sessions.values()].filter((session) => covers(scope, session.facts));
  }

  /** Gives a session its slot, with the latches in force already on it. Throws a `full` refusal. */
  add(parts: Omit<OpenSession, 'slot' | 'state' | 'thread' | 'ticket' | 'ending'>, latches: Iterable<BookedLatch>): OpenSession {
    const slot = this.#takeSlot();
    if (slot === null)
      throw new Refusal('full', `All ${this.#table.capacity} sessions are taken. End one, or raise WHEELHOUSE_MAX_SESSIONS.`);
    this.#table.reset(slot, standingOf(parts.facts, latches, this.#watched, this.#ceiling), parts.rest.tick, parts.rest.sequence);
    const session: OpenSession = { ...parts, slot, state: 'waiting', thread: null, ticket: null, ending: null };
    this.#sessions.set(parts.facts.session, session);
    return session;
  }

  /**
   * Ends a session for good: its gate closes, its ticket is void, its slot is free. A client that attached at this very moment still holds the
   * slot; nothing leaves to it any more, and the slot is not given out again before it has gone.
   */
  remove(session: string): void {
    const open = this.#sessions.get(session);
    if (open === undefined) return;
    this.#table.setGate(open.slot, ENDED);
    this.#table.setTicket(open.slot, 0);
    this.#sessions.delete(session);
    this.#free.push(open.slot);
  }

  #takeSlot(): number | null {
    const at = this.#free.findLastIndex((slot) => this.#table.owner(slot) === 0);
    return at < 0 ? null : (this.#free.splice(at, 1)[0] ?? null);
  }

  /** The order itself: closes the gate of every covered session, and returns them. Nothing stands between this and the effect. */
  latch(latch: Pick<BookedLatch, 'kind' | 'level' | 'scope'>): OpenSession[] {
    const sessions = this.covered(latch.scope);
    for (const { slot } of sessions) this.#table.setGate(slot, withLatch(this.#table.gate(slot), latch.kind, latch.level));
    for (const { slot } of sessions) this.#table.countCut(slot);
    return sessions;
  }

  /** Computes all gate words anew, after a release or a change of the watch. Returns the sessions whose word changed. */
  restand(latches: Iterable<BookedLatch>, watched: boolean = this.#watched): OpenSession[] {
    this.#watched = watched;
    const inForce = [...latches];
    const changed: OpenSession[] = [];
    for (const session of this.#sessions.values()) {
      const word = standingOf(session.facts, inForce, watched, this.#ceiling);
      if (this.#table.gate(session.slot) === word) continue;
      this.#table.setGate(session.slot, word);
      changed.push(session);
    }
    return changed;
  }

  /** Caps every session at a level, those that are opened later too. Returns the sessions whose word changed. */
  cap(ceiling: Level, latches: Iterable<BookedLatch>): OpenSession[] {
    this.#ceiling = ceiling;
    return this.restand(latches);
  }

  /** What a session is doing at this moment, for an acknowledgement: read after its gate word was written. */
  effectOf(session: OpenSession): SessionEffect {
    const out = this.#table.out(session.slot);
    return { session: session.facts.session, tick: this.#table.tick(session.slot), lastSequence: out.sequence, settled: !out.underWay };
  }

  /** When the last engine byte of any of these was handed to its socket, on the shared clock; null when none ever was. */
  lastLeftAt(sessions: readonly OpenSession[]): number | null {
    const last = sessions.reduce((latest, { slot }) => Math.max(latest, this.#table.leftAt(slot)), 0);
    return last === 0 ? null : last;
  }

  wordOf(session: OpenSession): number {
    return this.#table.gate(session.slot);
  }

  /** [id, tick, last frame out, input level 0..1, output level 0..1, gate word] */
  metersOf({ slot, facts }: OpenSession): [string, number, number, number, number, number] {
    const [levelIn, levelOut] = this.#table.levels(slot);
    return [facts.session, this.#table.tick(slot), this.#table.out(slot).sequence, levelIn / 1000, levelOut / 1000, this.#table.gate(slot)];
  }

  /** Sets the one ticket that may attach to a session now. */
  setTicket(session: OpenSession, ticket: NonNullable<OpenSession['ticket']>): void {
    session.ticket = ticket;
    this.#table.setTicket(session.slot, ticket.number);
  }

  /**
   * Whether no client can attach with the ticket that was handed out last: it has run out, and is used up here so that nobody else can. False
   * while it is good, and where a client has used it and is on its way.
   */
  voidTicket(session: OpenSession, now: number): boolean {
    const { ticket } = session;
    if (ticket === null) return true;
    if (now < ticket.until || !this.#table.useTicket(session.slot, ticket.number)) return false;
    session.ticket = null;
    return true;
  }

  /** After a stream thread died: its slots are free to be claimed again. */
  freeClaim(session: OpenSession): void {
    this.#table.unclaim(session.slot, this.#table.owner(session.slot));
    const { sequence } = this.#table.out(session.slot);
    this.#table.settle(session.slot, sequence);
  }
}
