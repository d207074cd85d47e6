import { randomUUID } from 'node:crypto';
import { covers } from '@wheelhouse/gate/coverage';
import type { BookedLatch } from '@wheelhouse/gate/order-book';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Session } from '@wheelhouse/protocol/session';
import { SUPERVISE_PATH, type SuperviseEvent, type SuperviseTicket } from '@wheelhouse/protocol/supervision';
import type { SupervisionVerb, SupervisionView } from '@wheelhouse/protocol/supervisor';
import type { Logger } from 'pino';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import type { DoorCredentials } from '../stream/control-line.ts';
import type { ParsedCommand } from '../stream/supervise-messages.ts';
import { sealPass } from '../stream/supervise-ticket.ts';
import { TICKET_VALID_MS } from '../stream/ticket.ts';
import type { SessionAlarms } from './session-alarms.ts';
import type { SupervisionFloor } from './supervision-floor.ts';
import { mayStay } from './sideband-rights.ts';
import { joinable, mayJoin } from './supervision-rights.ts';
import type { Supervisor } from './supervisor.ts';

/** More than this in one session help nobody; each costs its thread a copy of all sound. */
const MOST_IN_A_SESSION = 8;
const RECHECK_MS = 30_000;

type Parts = {
  readonly floor: SupervisionFloor;
  readonly registry: SessionRegistry;
  readonly sessions: SessionDesk;
  readonly orders: OrderDesk;
  readonly keeper: OrderBookKeeper;
  readonly principals: Principals;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
  readonly alarms: SessionAlarms;
  readonly ticketKey: Uint8Array;
  readonly streamUrl: () => string;
  readonly now: () => number;
  readonly log: Logger;
};

/** Somebody who was handed a ticket and has not come yet. */
type Awaited = {
  readonly principal: Principal;
  readonly credentials: DoorCredentials;
  readonly session: OpenSession;
  readonly until: number;
};
type VerbCommand = Extract<ParsedCommand, { type: 'verb' }>;

/**
 * Humans in live sessions: who may join, what they do there, and that the record knows it. Listening in and speaking beside the engine are recorded
 * first; taking over is an order, and so takes effect first. One human speaks in a session at a time. When the one who had taken over is gone, the
 * latch stays and the session is silent (law 4): the engine never comes back by itself.
 */
export class SupervisionDesk {
  readonly #parts: Parts;
  readonly #awaited = new Map<string, Awaited>();
  #recheck: NodeJS.Timeout | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.bulletin.subscribe(({ event }) => {
      if (event.event === 'session') this.#sessionChanged(event.data.id, event.data.state);
      if (event.event === 'latch.released') this.#latchReleased();
    });
  }

  start(): void {
    this.#recheck = setInterval(() => void this.#checkAgain(), RECHECK_MS);
  }

  stop(): void {
    if (this.#recheck !== null) clearInterval(this.#recheck);
  }

  /** A ticket for joining a session, good for one connection. */
  ticket(principal: Principal, id: string, credentials: DoorCredentials): SuperviseTicket {
    const { registry, sessions, floor, ticketKey, streamUrl, now } = this.#parts;
    const session = joinable(principal, id, registry);
    for (const [supervision, { until }] of this.#awaited) if (until < now()) this.#awaited.delete(supervision);
    const coming = [...this.#awaited.values()].filter((one) => one.session === session).length;
    if (floor.in(id).filter(({ isSideband }) => isSideband !== true).length + coming >= MOST_IN_A_SESSION)
      throw new Refusal('conflict', `${MOST_IN_A_SESSION} people are in this session, or on their way. One of them has to leave first.`);
    const supervision = randomUUID();
    const until = now() + TICKET_VALID_MS;
    this.#awaited.set(supervision, { principal, credentials, session, until });
    const url = new URL(streamUrl());
    url.pathname = `${SUPERVISE_PATH}${id}`;
    return {
      session: { ...sessions.view(session), supervisors: floor.view(id).supervisors },
      supervision,
      url: url.href,
      ticket: sealPass({ supervision, supervises: id, until }, ticketKey),
      expiresAt: new Date(Date.now() + TICKET_VALID_MS).toISOString(),
    };
  }

  view(principal: Principal, session: string): SupervisionView {
    joinable(principal, session, this.#parts.registry);
    return this.#parts.floor.view(session);
  }

  /** A session with whoever is in it, for a caller who may join it; as it was for anybody else. */
  shown(principal: Principal, session: Session): Session {
    if (!mayJoin(principal, session.tenant)) return session;
    return { ...session, supervisors: this.#parts.floor.view(session.id).supervisors };
  }

  /** A supervisor is at the door of a stream thread. That somebody listens is in the record before they hear anything. */
  async admit(supervision: string, thread: number): Promise<Principal> {
    const { floor, ledger, registry } = this.#parts;
    const awaited = this.#awaited.get(supervision);
    this.#awaited.delete(supervision);
    if (awaited === undefined)
      throw new Refusal(
        'unauthenticated',
        'This ticket was used already, or has run out; get another from POST /v1/sessions/:id/supervise.',
      );
    const { principal, credentials, session } = awaited;
    const { session: id } = session.facts;
    if (registry.get(id) !== session) throw new Refusal('session_ended', 'This session has ended.');
    const entry = entryOf('supervision.began', { supervision, session: id, verb: 'monitor' }, actorOf(principal));
    await ledger.appendEntryFirst(entry);
    const at = { supervision, session, principal, credentials, thread, entry };
    floor.add({ ...at, joined: false, connected: false, verb: 'monitor', order: null, engineHears: false });
    return principal;
  }

  joined(supervision: string): void {
    const { floor, registry } = this.#parts;
    const supervisor = floor.get(supervision);
    if (supervisor === undefined) return;
    floor.joined(supervisor);
    const { session } = supervisor;
    if (registry.get(session.facts.session) !== session) floor.close(supervisor, 'The session has ended.');
    // The engine asked for a human.
    if (supervisor.isSideband !== true) {
      floor.setHelp(session.facts.session, null);
      this.#parts.alarms.lower('help_asked', session, 'Somebody is there.');
    }
    floor.announce(session);
  }

  /** What a supervisor asks for. `at`: when it came, on the shared clock. */
  async command(supervision: string, command: ParsedCommand, at: number): Promise<void> {
    const supervisor = this.#parts.floor.get(supervision);
    if (supervisor === undefined || command.type === 'leave') return;
    try {
      if (command.type === 'whisper') this.#whisper(supervisor, command.text, at);
      else await this.#do(supervisor, command, at);
    } catch (error) {
      if (!(error instanceof Refusal)) this.#parts.log.error({ err: error, supervision }, 'what a supervisor asked for failed');
      const problem =
        error instanceof Refusal ? error.problem : new Refusal('internal', 'It failed on our side. It has been logged.').problem;
      this.#tell(supervisor, { type: 'refused', what: command.type, problem });
    }
  }

  /** Their connection is over. `said`: they said that they leave. */
  left(supervision: string, said: boolean): void {
    const supervisor = this.#parts.floor.get(supervision);
    if (supervisor !== undefined) this.#gone(supervisor, said);
  }

  /** A stream thread died, and with it the connections that were on it. */
  threadLost(thread: number): void {
    for (const supervisor of this.#parts.floor.all()) if (supervisor.thread === thread) this.#gone(supervisor, false);
  }

  async #do(supervisor: Supervisor, command: VerbCommand, at: number): Promise<void> {
    switch (command.verb) {
      case 'monitor':
        this.#listen(supervisor, 'You asked for it.');
        return;
      case 'barge':
        await this.#barge(supervisor);
        return;
      case 'take_over':
        this.#takeOver(supervisor, command, at);
    }
  }

  #whisper(supervisor: Supervisor, text: string, at: number): void {
    const order = randomUUID();
    const scope = { type: 'session', session: supervisor.session.facts.session } as const;
    this.#parts.orders.give(supervisor.principal, { id: order, kind: 'whisper', scope, reason: '', text }, at);
    this.#tell(supervisor, { type: 'whispered', order });
  }

  #listen(supervisor: Supervisor, because: string): void {
    if (supervisor.verb !== 'monitor') {
      this.#parts.floor.silence(supervisor);
      supervisor.order = null;
      this.#record(supervisor, 'monitor');
    }
    this.#changed(supervisor, because);
  }

  async #barge(supervisor: Supervisor): Promise<void> {
    const { floor, ledger } = this.#parts;
    const { session } = supervisor.session.facts;
    this.#refuseSecondVoice(supervisor);
    if (supervisor.verb === 'barge') {
      this.#changed(supervisor, 'You speak already.');
      return;
    }
    const before = supervisor.verb;
    // Taken before the record is written, so that nobody else takes it meanwhile; heard only after.
    supervisor.verb = 'barge';
    const entry = this.#entryOf(supervisor, 'barge', null);
    try {
      await ledger.appendEntryFirst(entry);
    } catch (error) {
      supervisor.verb = before;
      throw error;
    }
    if (floor.get(supervisor.supervision) !== supervisor || !this.#isStill(supervisor, 'barge')) return;
    supervisor.entry = entry;
    supervisor.order = null;
    floor.giveVoice(supervisor);
    this.#changed(supervisor, `Everybody in session ${session} hears you.`);
  }

  /** While the record was written they may have asked for something else. */
  #isStill(supervisor: Supervisor, verb: SupervisionVerb): boolean {
    return supervisor.verb === verb;
  }

  /** First the order, which any one human may give at once; then the voice, if it is free. */
  #takeOver(supervisor: Supervisor, command: VerbCommand, at: number): void {
    const { floor, orders, alarms } = this.#parts;
    const { session } = supervisor;
    const scope = { type: 'session', session: session.facts.session } as const;
    const standing = this.#takeOverOf(session);
    const order = standing?.order ?? command.order ?? randomUUID();
    if (standing === undefined) orders.give(supervisor.principal, { id: order, kind: 'take_over', scope, reason: command.reason }, at);
    this.#refuseSecondVoice(supervisor, ` The engine is silent all the same: order ${order} is in force.`);
    supervisor.verb = 'take_over';
    supervisor.order = order;
    supervisor.engineHears = command.engineHears;
    floor.giveVoice(supervisor);
    alarms.lower('supervisor_lost', session, 'Somebody speaks there again.');
    this.#record(supervisor, 'take_over');
    this.#changed(supervisor, 'You speak in the place of the engine.');
  }

  #refuseSecondVoice(supervisor: Supervisor, besides = ''): void {
    const { floor } = this.#parts;
    const other = floor.speaker(supervisor.session.facts.session);
    const claims = floor
      .in(supervisor.session.facts.session)
      .find((one) => one !== supervisor && (one === other || one.verb !== 'monitor'));
    if (claims === undefined) return;
    throw new Refusal('conflict', `${claims.principal.name} speaks in this session. Only one human does at a time.${besides}`);
  }

  #changed(supervisor: Supervisor, because: string): void {
    const { verb, order } = supervisor;
    this.#tell(supervisor, { type: 'verb', verb, order, because });
    this.#parts.floor.announce(supervisor.session);
  }

  #record(supervisor: Supervisor, verb: SupervisionVerb): void {
    supervisor.verb = verb;
    supervisor.entry = this.#entryOf(supervisor, verb, supervisor.order);
    this.#later(supervisor.entry);
  }

  #entryOf({ supervision, session, principal, entry }: Supervisor, verb: SupervisionVerb, order: string | null): LedgerEntry {
    const given = order === null ? null : this.#parts.keeper.orders.get(order)?.entryId;
    const data = { supervision, session: session.facts.session, verb, ...(order === null ? {} : { order }) };
    return entryOf('supervision.began', data, actorOf(principal), { cause: given ?? entry.id });
  }

  #gone(supervisor: Supervisor, said: boolean): void {
    const { floor, registry, alarms } = this.#parts;
    const { session, supervision, principal, entry, verb } = supervisor;
    const { session: id } = session.facts;
    floor.remove(supervisor);
    const lastTick = registry.get(id) === session ? registry.effectOf(session).tick : session.rest.tick;
    this.#later(entryOf('supervision.ended', { supervision, session: id, lastTick }, actorOf(principal), { cause: entry.id }));
    if (verb === 'take_over' && registry.get(id) === session && this.#takeOverOf(session) !== undefined) {
      const how = said ? 'has left' : 'was cut off';
      const message = `${principal.name}, who had taken over session ${id}, ${how}. It is silent: speak there, or hand it back.`;
      alarms.raise('supervisor_lost', session, message);
    }
    floor.announce(session);
  }

  /** The newest take-over in force over a session. */
  #takeOverOf({ facts }: OpenSession): BookedLatch | undefined {
    const over = [...this.#parts.keeper.book.latches.values()].filter(({ kind, scope }) => kind === 'take_over' && covers(scope, facts));
    return over.sort((a, b) => b.number - a.number)[0];
  }

  /** Where no take-over is in force any more, nobody speaks in the engine's place. */
  #latchReleased(): void {
    const { floor, alarms } = this.#parts;
    for (const supervisor of floor.all())
      if (supervisor.verb === 'take_over' && this.#takeOverOf(supervisor.session) === undefined)
        this.#listen(supervisor, 'The session was handed back to the engine.');
    alarms.lowerWhere(
      'supervisor_lost',
      (session) => this.#takeOverOf(session) === undefined,
      'The session was handed back to the engine.',
    );
  }

  #sessionChanged(session: string, state: 'waiting' | 'live' | 'ended'): void {
    const { floor, alarms } = this.#parts;
    for (const supervisor of floor.in(session)) {
      const attached = state === 'live';
      if (state === 'ended') floor.close(supervisor, 'The session has ended.');
      else if (attached !== supervisor.connected) {
        this.#tell(supervisor, { type: 'client', attached });
        if (!attached) supervisor.connected = false;
        floor.connect(supervisor);
      }
    }
    if (state !== 'ended') return;
    floor.setHelp(session, null);
    alarms.forget(session);
  }

  /** A sign-in that ended, a role that was taken away: they are out. */
  async #checkAgain(): Promise<void> {
    const { floor, principals } = this.#parts;
    for (const supervisor of floor.all()) {
      const principal = await principals.of(supervisor.credentials).catch(() => supervisor.principal);
      if (mayStay(supervisor, principal)) supervisor.principal = principal;
      else floor.close(supervisor, 'You are signed out, or may not join this session any more.');
    }
  }

  #tell(supervisor: Supervisor, event: SuperviseEvent): void {
    this.#parts.floor.tell(supervisor, event);
  }

  #later(entry: LedgerEntry): void {
    this.#parts.ledger.appendEntry(entry).catch((error: unknown) => {
      this.#parts.log.error({ err: error, kind: entry.kind }, 'what a supervisor does could not be recorded');
    });
  }
}
