import { randomUUID } from 'node:crypto';
import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { genesisHead } from '@wheelhouse/ledger/tick-chain';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { type Level, lowerLevel } from '@wheelhouse/protocol/level';
import type { Principal } from '@wheelhouse/protocol/identity';
import {
  type Attachment,
  type Deployment,
  type EngineKind,
  type Session,
  type SessionRequest,
  type SessionState,
} from '@wheelhouse/protocol/session';
import type { Segment } from '@wheelhouse/session/evidence';
import type { Logger } from 'pino';
import type { RecordingDesk, RecordingTerms } from '../content/recording-desk.ts';
import type { EngineSession, PrismaClient } from '../generated/prisma/client.ts';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { SYSTEM } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SharedClock } from '../stream/shared-clock.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { Rest } from '../stream/thread-messages.ts';
import { sealTicket, TICKET_VALID_MS } from '../stream/ticket.ts';
import { DEPLOYMENTS } from './deployments.ts';
import type { OpenSession, SessionRegistry } from './session-registry.ts';
import { afterCrash, LOST_IN_A_CRASH, restFromLedger } from './session-rest.ts';
import { endedView, openView, StoredTraits } from './session-view.ts';

type Parts = {
  readonly registry: SessionRegistry;
  readonly keeper: OrderBookKeeper;
  readonly streams: StreamHost;
  readonly prisma: PrismaClient;
  readonly ledger: Ledger;
  readonly principals: Principals;
  readonly bulletin: Bulletin;
  readonly recording: RecordingDesk;
  readonly clock: SharedClock;
  readonly ticketKey: Uint8Array;
  readonly streamUrl: () => string;
  readonly log: Logger;
};

/** Opens sessions, hands out tickets, and follows their lives: waiting, live, ended. */
export class SessionDesk {
  readonly #parts: Parts;
  #lastTicket = 0;
  #opening = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
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
    }
  }

  async open(principal: Principal, request: SessionRequest): Promise<Attachment> {
    const { registry } = this.#parts;
    const { tenant } = principal;
    if (!abilitiesOf(principal).can('open', subject('Session', { tenant }))) throw new Refusal('forbidden', 'You may not open sessions.');
    const deployment = DEPLOYMENTS.find(({ name }) => name === request.deployment);
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
    const { ledger, prisma, bulletin, recording } = this.#parts;
    const { deployment, level, terms } = granted;
    const { tenant } = principal;
    const id = randomUUID();
    const facts = { tenant, deployment: deployment.name, model: deployment.model, level };
    const entry = await ledger.appendFirst('session.opened', { session: id, ...facts, ...terms }, actorOf(principal));
    recording.opened(id, tenant, terms, entry);
    const row: EngineSession = {
      id,
      ...facts,
      engine: deployment.engine,
      openedById: principal.id,
      openedAt: new Date(),
      endedAt: null,
      endReason: null,
      restTick: 0,
      restSequence: 0,
      restHead: Buffer.from(genesisHead(id, sha256)),
    };
    await prisma.engineSession.create({ data: row });
    const session = this.#add(row, { tick: 0, sequence: 0, head: genesisHead(id, sha256) }, true);
    bulletin.post({ event: 'session', data: this.view(session) }, tenant);
    return this.#attachment(session);
  }

  /** A fresh ticket for a session that waits for its client. */
  async ticket(principal: Principal, id: string): Promise<Attachment> {
    const session = await this.#allowed(principal, 'open', id);
    if (session.state === 'live')
      throw new Refusal('session_attached', 'A client is attached to this session. It has to go before another can come.');
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
  }

  view(session: OpenSession): Session {
    return openView(session, this.#parts.registry, this.#nameOf);
  }

  /** Open sessions from memory; ended ones from the database. */
  async list(
    principal: Principal,
    query: { state: SessionState | null; cursor: string | null; limit: number },
  ): Promise<{ items: Session[]; next: string | null }> {
    const may = abilitiesOf(principal);
    const visible = (tenant: string) => may.can('read', subject('Session', { tenant }));
    const open = [...this.#parts.registry.all()].filter((session) => visible(session.facts.tenant)).map((session) => this.view(session));
    const ended = query.state === null || query.state === 'ended' ? await this.#ended(visible) : [];
    const all = [...open, ...ended].filter((session) => query.state === null || session.state === query.state);
    all.sort((a, b) => b.openedAt.localeCompare(a.openedAt) || a.id.localeCompare(b.id));
    const from = query.cursor === null ? 0 : all.findIndex((session) => session.id === query.cursor) + 1;
    const items = all.slice(from, from + query.limit);
    return { items, next: from + query.limit < all.length ? (items.at(-1)?.id ?? null) : null };
  }

  async get(principal: Principal, id: string): Promise<Session> {
    const open = this.#parts.registry.get(id);
    if (open === undefined) {
      const row = await this.#parts.prisma.engineSession.findUnique({ where: { id } });
      if (row !== null && abilitiesOf(principal).can('read', subject('Session', { tenant: row.tenant })))
        return endedView(row, this.#nameOf);
    } else if (abilitiesOf(principal).can('read', subject('Session', { tenant: open.facts.tenant }))) return this.view(open);
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
    this.#later(this.#parts.ledger.append('session.attached', { session: message.session, fromTick: message.tick, previous, lost }));
    this.#later(
      this.#parts.prisma.engineSession.update({
        where: { id: message.session },
        data: { restTick: null, restSequence: null, restHead: null },
      }),
    );
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
    this.#rests(session, message.rest, true);
    // The client may have gone by itself just before it was told of the end.
    const ended = message.ended ?? session.ending;
    if (ended !== null) this.#later(this.#end(session, ended));
    else {
      const { tick, sequence, head } = message.rest;
      this.#later(
        this.#parts.prisma.engineSession.update({
          where: { id: message.session },
          data: { restTick: tick, restSequence: sequence, restHead: Buffer.from(head) },
        }),
      );
    }
    this.#announce(session);
  }

  /** A stream thread died: its sessions wait for their clients, with a hole in their evidence that the next attachment names. */
  threadLost(thread: number): void {
    for (const session of this.#parts.registry.all()) {
      if (session.thread !== thread) continue;
      this.#parts.registry.freeClaim(session);
      this.#rests(session, afterCrash(session.rest), false);
      if (session.ending !== null) this.#later(this.#end(session, session.ending));
      this.#announce(session);
    }
  }

  #rests(session: OpenSession, rest: Rest, clean: boolean): void {
    session.state = 'waiting';
    session.thread = null;
    session.rest = rest;
    session.cleanRest = clean;
    session.waitingSince = this.#parts.clock.now();
  }

  async #end(session: OpenSession, reason: string): Promise<void> {
    const { registry, streams, ledger, prisma, bulletin } = this.#parts;
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
    const { tick, sequence, head } = session.rest;
    await ledger.append('session.ended', { session: id, lastTick: tick - 1, head: toBase64(head), reason }, SYSTEM);
    await prisma.engineSession.update({
      where: { id },
      data: { endedAt, endReason: reason, restTick: tick, restSequence: sequence, restHead: Buffer.from(head) },
    });
  }

  async #allowed(principal: Principal, action: 'open' | 'end', id: string): Promise<OpenSession> {
    const session = this.#parts.registry.get(id);
    if (session !== undefined && abilitiesOf(principal).can(action, subject('Session', { tenant: session.facts.tenant }))) return session;
    const ended = session === undefined ? await this.#parts.prisma.engineSession.findUnique({ where: { id } }) : null;
    if (ended !== null && abilitiesOf(principal).can(action, subject('Session', { tenant: ended.tenant })))
      throw new Refusal('session_ended', 'This session has ended; open another.');
    throw new Refusal('not_found', `There is no session ${id}.`);
  }

  #attachment(session: OpenSession): Attachment {
    const { registry, clock, ticketKey, streamUrl } = this.#parts;
    this.#lastTicket = (this.#lastTicket % 0x7fffffff) + 1;
    registry.setTicket(session, this.#lastTicket);
    const { facts, slot, engine, rest } = session;
    const ticket = sealTicket(
      {
        session: facts.session,
        slot,
        number: this.#lastTicket,
        engine,
        fromTick: rest.tick,
        recorded: this.#parts.recording.hearsSession(facts.session),
        head: toBase64(rest.head),
        until: clock.now() + TICKET_VALID_MS,
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

  async #ended(visible: (tenant: string) => boolean): Promise<Session[]> {
    const rows = await this.#parts.prisma.engineSession.findMany({
      where: { endedAt: { not: null } },
      orderBy: { openedAt: 'desc' },
      take: 1000,
    });
    return rows.filter((row) => visible(row.tenant)).map((row) => endedView(row, this.#nameOf));
  }

  readonly #nameOf = (id: string): string => this.#parts.principals.nameOf(id);

  #announce(session: OpenSession): void {
    this.#parts.bulletin.post({ event: 'session', data: this.view(session) }, session.facts.tenant);
  }

  /** Work that nobody waits for: a failure is logged, never swallowed. The ledger itself keeps what it could not write. */
  #later(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'a session could not be recorded');
    });
  }
}
