import { randomUUID } from 'node:crypto';
import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { genesisHead } from '@wheelhouse/ledger/tick-chain';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { type Level, lowerLevel } from '@wheelhouse/protocol/level';
import type { Principal } from '@wheelhouse/protocol/identity';
import { type Attachment, type Deployment, type EngineKind, type Session, type SessionRequest } from '@wheelhouse/protocol/session';
import type { Segment } from '@wheelhouse/session/evidence';
import type { Logger } from 'pino';
import type { RecordingDesk, RecordingTerms } from '../content/recording-desk.ts';
import type { EngineSession, PrismaClient } from '../generated/prisma/client.ts';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { SYSTEM } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import type { CheckpointGuard } from '../policy/checkpoint-guard.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SharedClock } from '../stream/shared-clock.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { Rest } from '../stream/thread-messages.ts';
import { sealTicket, TICKET_VALID_MS } from '../stream/ticket.ts';
import { EndedSessions, pageOfSessions, type SessionsQuery } from './ended-sessions.ts';
import type { OpenSession, SessionRegistry } from './session-registry.ts';
import { afterCrash, LOST_IN_A_CRASH, restFromLedger } from './session-rest.ts';
import { newSessionRow } from './session-row.ts';
import { openView, StoredTraits } from './session-view.ts';
import { StoredRests } from './stored-rests.ts';

type Parts = {
  readonly registry: SessionRegistry;
  readonly keeper: OrderBookKeeper;
  readonly streams: StreamHost;
  readonly prisma: PrismaClient;
  readonly ledger: Ledger;
  readonly principals: Principals;
  readonly bulletin: Bulletin;
  readonly recording: RecordingDesk;
  /** The checkpoint `session.open`. */
  readonly guard: CheckpointGuard;
  readonly clock: SharedClock;
  readonly ticketKey: Uint8Array;
  readonly streamUrl: () => string;
  readonly log: Logger;
};

/** Opens sessions, hands out tickets, and follows their lives: waiting, live, ended. */
export class SessionDesk {
  readonly #parts: Parts;
  readonly #rests: StoredRests;
  readonly #ended: EndedSessions;
  #lastTicket = 0;
  #opening = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#rests = new StoredRests((id, data) => parts.prisma.engineSession.update({ where: { id }, data }), parts.log);
    this.#ended = new EndedSessions(parts);
    parts.recording.onErased((subject) => {
      this.#unrecorded(subject);
    });
  }

  /** At start: sessions that had not ended wait for their clients, under the latches that are still in force. */
  async load(): Promise<void> {
    const rows = await this.#parts.prisma.engineSession.findMany({ where: { endedAt: null } });
    for (const row of rows) {
      const clean = row.restTick !== null && row.restSequence !== null && row.restHead !== null;
      const rest: Rest = clean
        ? { tick: row.restTick ?? 0, sequence: row.restSequence ?? 0, head: row.restHead ?? new Uint8Array() }
        : await restFromLedger(row.id, this.#parts.ledger);
      this.#add(row, rest, clean);
      this.#rests.knows(row.id, clean ? 'rest' : 'attached');
    }
  }

  /** What is offered to sessions. */
  readonly deployments = (): readonly Deployment[] => this.#parts.registry.deployments;

  async open(principal: Principal, request: SessionRequest): Promise<Attachment> {
    const { registry } = this.#parts;
    const { tenant } = principal;
    if (!abilitiesOf(principal).can('open', subject('Session', { tenant }))) throw new Refusal('forbidden', 'You may not open sessions.');
    const deployment = registry.deployments.find(({ name }) => name === request.deployment);
    if (deployment === undefined)
      throw new Refusal('not_found', `There is no deployment ${request.deployment}. GET /v1/deployments lists them.`);
    // Those on their way count: the record of a session that then found no room could not be taken back.
    if (registry.size + this.#opening >= registry.capacity) {
      throw new Refusal('full', `All ${registry.capacity} sessions are taken. End one, or raise WHEELHOUSE_MAX_SESSIONS.`);
    }
    this.#opening += 1;
    try {
      const terms = await this.#parts.recording.agree(principal, request, deployment);
      return await this.#open(principal, { deployment, level: lowerLevel(request.level, deployment.maxLevel), terms });
    } finally {
      this.#opening -= 1;
    }
  }

  async #open(principal: Principal, granted: { deployment: Deployment; level: Level; terms: RecordingTerms }): Promise<Attachment> {
    const { ledger, prisma, bulletin, recording, guard } = this.#parts;
    const { deployment, level, terms } = granted;
    const { tenant } = principal;
    const id = randomUUID();
    const facts = { tenant, deployment: deployment.name, model: deployment.model, level };
    guard.require(principal, {
      ...{ checkpoint: 'session.open', session: id },
      resource: { kind: 'session', id, tenant },
      context: { level, deployment: deployment.name, model: deployment.model },
    });
    const entry = await ledger.appendFirst('session.opened', { session: id, ...facts, ...terms }, actorOf(principal));
    recording.opened(id, tenant, terms, entry);
    const row = newSessionRow({ id, ...facts, engine: deployment.engine, openedById: principal.id });
    await prisma.engineSession.create({ data: row });
    this.#rests.knows(id, 'attached');
    const session = this.#add(row, { tick: 0, sequence: 0, head: genesisHead(id, sha256) }, true);
    bulletin.post({ event: 'session', data: this.view(session) }, tenant);
    return this.#attachment(session);
  }

  /** A fresh ticket for a session that waits for its client. */
  async ticket(principal: Principal, id: string): Promise<Attachment> {
    const session = await this.#allowed(principal, 'open', id);
    refuseAttached(session);
    await this.#rests.mayBeAttached(id);
    if (this.#parts.registry.get(id) !== session) throw new Refusal('session_ended', 'This session has ended; open another.');
    refuseAttached(session);
    return this.#attachment(session);
  }

  async end(principal: Principal, id: string): Promise<void> {
    const session = await this.#allowed(principal, 'end', id);
    await this.#end(session, `ended by ${principal.kind} ${principal.id}`);
  }

  /** Ends sessions that have waited for a client longer than `waitMs`. */
  async sweep(waitMs: number): Promise<void> {
    const now = this.#parts.clock.now();
    const abandoned = [...this.#parts.registry.all()].filter(
      (session) => session.state === 'waiting' && now - session.waitingSince > waitMs,
    );
    for (const session of abandoned) await this.#end(session, 'abandoned');
    this.#restUnused(now);
  }

  /** At the stop, when no client can come any more: what rests is stored. */
  async settle(withinMs: number): Promise<void> {
    this.#restUnused(Number.POSITIVE_INFINITY);
    await this.#rests.settled(withinMs);
  }

  /** Sessions whose ticket ran out unused rest as they did before it was handed out: no tick can have run. */
  #restUnused(now: number): void {
    const { registry } = this.#parts;
    for (const session of registry.all()) {
      const { session: id } = session.facts;
      if (session.state !== 'waiting' || !session.cleanRest || this.#rests.holds(id)) continue;
      if (registry.voidTicket(session, now)) this.#rests.rests(id, session.rest);
    }
  }

  view(session: OpenSession): Session {
    const { registry, recording, principals } = this.#parts;
    const nameOf = (id: string): string => principals.nameOf(id);
    return openView(session, registry, { nameOf, recorded: recording.recorded(session.facts.session) });
  }

  /** Open sessions from memory; ended ones from the database. */
  async list(principal: Principal, query: SessionsQuery): Promise<{ items: Session[]; next: string | null }> {
    const may = abilitiesOf(principal);
    const visible = (tenant: string) => may.can('read', subject('Session', { tenant }));
    const open = [...this.#parts.registry.all()].filter((session) => visible(session.facts.tenant)).map((session) => this.view(session));
    const ended = query.state === null || query.state === 'ended' ? await this.#ended.newest(visible) : [];
    return pageOfSessions([...open, ...ended], query);
  }

  async get(principal: Principal, id: string): Promise<Session> {
    const open = this.#parts.registry.get(id);
    const session = open === undefined ? await this.#ended.find(id) : this.view(open);
    if (session !== null && abilitiesOf(principal).can('read', subject('Session', { tenant: session.tenant }))) return session;
    throw new Refusal('not_found', `There is no session ${id}.`);
  }

  /** A stream thread has a client for a session. */
  attached(message: { slot: number; session: string; tick: number }, thread: number): void {
    const session = this.#parts.registry.get(message.session);
    if (session === undefined) {
      // Ended while its client was on the way in.
      this.#parts.streams.send(thread, { type: 'end', slot: message.slot, session: message.session, reason: 'the session has ended' });
      return;
    }
    const lost = session.cleanRest ? 0 : LOST_IN_A_CRASH;
    const previous = toBase64(session.rest.head);
    session.state = 'live';
    session.thread = thread;
    session.cleanRest = false;
    session.ticket = null;
    this.#later(this.#parts.ledger.append('session.attached', { session: message.session, fromTick: message.tick, previous, lost }));
    this.#announce(session);
  }

  segment(segment: Segment): void {
    this.#later(
      this.#parts.ledger.append('session.segment', {
        ...segment,
        previous: toBase64(segment.previous),
        ticks: segment.ticks.map(toBase64),
        head: toBase64(segment.head),
      }),
    );
    const session = this.#parts.registry.get(segment.session);
    if (session !== undefined) session.rest = { tick: segment.toTick + 1, sequence: segment.out.last, head: segment.head };
  }

  /** The client is gone; the session waits for it, or ends if that was said. */
  detached(message: { session: string; rest: Rest; ended: string | null }): void {
    const session = this.#parts.registry.get(message.session);
    if (session === undefined) return;
    this.#waits(session, message.rest, true);
    // The client may have gone by itself just before it was told of the end.
    const ended = message.ended ?? session.ending;
    if (ended !== null) this.#later(this.#end(session, ended));
    else this.#rests.rests(message.session, message.rest);
    this.#announce(session);
  }

  /** The client for whom a door opened this session never came to be attached, and nobody else was given its ticket. */
  unattended({ session: id, reason }: { session: string; reason: string }): void {
    const session = this.#parts.registry.get(id);
    if (session !== undefined) this.#later(this.#end(session, reason));
  }

  /** A stream thread died: its sessions wait for their clients, with a hole in their evidence that the next attachment names. */
  threadLost(thread: number): void {
    for (const session of this.#parts.registry.all()) {
      if (session.thread !== thread) continue;
      this.#parts.registry.freeClaim(session);
      this.#waits(session, afterCrash(session.rest), false);
      if (session.ending !== null) this.#later(this.#end(session, session.ending));
      this.#announce(session);
    }
  }

  #waits(session: OpenSession, rest: Rest, clean: boolean): void {
    session.state = 'waiting';
    session.thread = null;
    session.rest = rest;
    session.cleanRest = clean;
    session.waitingSince = this.#parts.clock.now();
  }

  async #end(session: OpenSession, reason: string): Promise<void> {
    const { registry, streams, ledger, bulletin } = this.#parts;
    const { session: id, tenant } = session.facts;
    if (session.state === 'live') {
      // The stream thread closes the evidence and says `detached`; then this runs again.
      session.ending = reason;
      streams.broadcast({ type: 'end', slot: session.slot, session: id, reason });
      return;
    }
    if (registry.get(id) !== session) return;
    const endedAt = new Date();
    const view: Session = { ...this.view(session), state: 'ended', endedAt: endedAt.toISOString() };
    registry.remove(id);
    bulletin.post({ event: 'session', data: view }, tenant);
    const { tick, head } = session.rest;
    await ledger.append('session.ended', { session: id, lastTick: tick - 1, head: toBase64(head), reason }, SYSTEM);
    await this.#rests.end(id, session.rest, { endedAt, endReason: reason });
  }

  async #allowed(principal: Principal, action: 'open' | 'end', id: string): Promise<OpenSession> {
    const session = this.#parts.registry.get(id);
    if (session !== undefined && abilitiesOf(principal).can(action, subject('Session', { tenant: session.facts.tenant }))) return session;
    const ended = session === undefined ? await this.#ended.find(id) : null;
    if (ended !== null && abilitiesOf(principal).can(action, subject('Session', { tenant: ended.tenant })))
      throw new Refusal('session_ended', 'This session has ended; open another.');
    throw new Refusal('not_found', `There is no session ${id}.`);
  }

  #attachment(session: OpenSession): Attachment {
    const { registry, clock, ticketKey, streamUrl } = this.#parts;
    this.#lastTicket = (this.#lastTicket % 0x7fffffff) + 1;
    const until = clock.now() + TICKET_VALID_MS;
    registry.setTicket(session, { number: this.#lastTicket, until });
    const { facts, slot, engine, rest } = session;
    const ticket = sealTicket(
      {
        session: facts.session,
        slot,
        number: this.#lastTicket,
        engine,
        tenant: facts.tenant,
        deployment: facts.deployment,
        model: facts.model,
        fromTick: rest.tick,
        recorded: this.#parts.recording.recorded(facts.session),
        head: toBase64(rest.head),
        until,
      },
      ticketKey,
    );
    return { session: this.view(session), url: streamUrl(), ticket, expiresAt: new Date(Date.now() + TICKET_VALID_MS).toISOString() };
  }

  #add(row: EngineSession, rest: Rest, cleanRest: boolean): OpenSession {
    const { registry, keeper, clock } = this.#parts;
    const { tenant, deployment, model } = row;
    const parsed = StoredTraits.parse(row);
    const facts = { session: row.id, tenant, deployment, model, level: parsed.level };
    const engine: EngineKind = parsed.engine;
    const open = {
      facts,
      engine,
      openedAt: row.openedAt.toISOString(),
      openedBy: row.openedById,
      rest,
      cleanRest,
      waitingSince: clock.now(),
    };
    return registry.add(open, keeper.book.latches.values());
  }

  /** What of a data subject was being recorded is so no more: whoever looks at its sessions is told. */
  #unrecorded(subject: string): void {
    for (const session of this.#parts.registry.all())
      if (this.#parts.recording.subjectOf(session.facts.session) === subject) this.#announce(session);
  }

  #announce(session: OpenSession): void {
    this.#parts.bulletin.post({ event: 'session', data: this.view(session) }, session.facts.tenant);
  }

  /**
   * Work that nobody waits for: a failure is logged, never swallowed. The ledger itself keeps what it could not write. One that is read only
   * refuses everything, has said so once, and is not told of again for each second of each session.
   */
  #later(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (error instanceof LedgerUnavailableError && this.#parts.ledger.fault !== null) return;
      this.#parts.log.error({ err: error }, 'a session could not be recorded');
    });
  }
}

function refuseAttached(session: OpenSession): void {
  if (session.state === 'live')
    throw new Refusal('session_attached', 'A client is attached to this session. It has to go before another can come.');
}
