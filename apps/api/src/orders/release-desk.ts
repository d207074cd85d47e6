import { latchesOf } from '@wheelhouse/gate/gate-word';
import { type BookAct, type BookEvent, decide, personBehind } from '@wheelhouse/gate/order-book';
import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { Latch, Release, ReleaseOrder, SessionEffect } from '@wheelhouse/protocol/order';
import type { Logger } from 'pino';
import type { Approval, Case } from '../charter/act-port.ts';
import type { Court } from '../charter/court.ts';
import { actorOf } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf, type Led, SYSTEM } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import { Refusal } from '../problem/refusal.ts';
import type { Acting } from '../policy/checkpoint-guard.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { LevelGate } from './level-gate.ts';
import type { OrderBookKeeper } from './order-book-keeper.ts';
import { mayRead, requireRelease } from './order-rights.ts';

type Parts = {
  readonly keeper: OrderBookKeeper;
  readonly registry: SessionRegistry;
  readonly streams: StreamHost;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
  /** Where permissive acts are proposed, once a charter is in force. */
  readonly court: Court;
  /** Asked where a release raises a level. */
  readonly levels: LevelGate;
  readonly log: Logger;
};

const SESSIONS_AN_ENTRY = 300;

/**
 * Takes the permissive acts on latches: only what is durable takes effect (laws 1, 2 and 5). Once a charter is in force a release is a proposal, and
 * the votes decide; before, one person asks and another confirms. Where it raises a level, policy is asked when it is asked for, and once more right
 * before it is written.
 */
export class ReleaseDesk {
  readonly #parts: Parts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ask(principal: Principal, order: ReleaseOrder): Promise<Release> {
    const { court } = this.#parts;
    if (court.inForce) {
      const power = this.#parts.keeper.book.latches.get(order.latch)?.kind === 'level' ? 'level.raise' : 'latch.release';
      await court.propose(principal, { id: order.id, act: { power, latch: order.latch }, reason: order.reason });
      return this.#view(order.id);
    }
    return this.#inTurn(async () => {
      requireRelease(principal, 'ask', this.#tenantOf(order.latch));
      const by = actorOf(principal);
      const known = this.#parts.keeper.book.releases.get(order.id);
      if (known?.latch === order.latch && known.reason === order.reason && personBehind(known.askedBy) === personBehind(by))
        return this.#view(order.id);
      const at = new Date().toISOString();
      const events = this.#decided({ type: 'ask', release: order.id, latch: order.latch, by, reason: order.reason, at });
      this.requireLevel(order.latch, by, { by, ...causedBy(this.#entryOf(order.latch)) });
      const data = { release: order.id, latch: order.latch, reason: order.reason };
      const entry = entryOf('release.asked', data, by, causedBy(this.#entryOf(order.latch)));
      await this.#parts.ledger.appendEntryFirst(entry);
      this.#parts.keeper.askedEntries.set(order.id, entry.id);
      return this.#adopt(events, order.id);
    });
  }

  confirm(principal: Principal, release: string): Promise<Release> {
    return this.#inTurn(async () => {
      const { latch, askedBy } = this.#known(release);
      requireRelease(principal, 'confirm', this.#tenantOf(latch));
      this.#parts.court.refuseOneMore(`POST /v1/proposals/${release}/votes`);
      const by = actorOf(principal);
      const events = this.#decided({ type: 'confirm', release, by, at: new Date().toISOString() });
      this.requireLevel(latch, askedBy, { by, ...this.#askedFor(release) });
      const entry = entryOf('latch.released', { release, latch, askedBy: personBehind(askedBy) }, by, this.#askedFor(release));
      await this.#parts.ledger.appendEntryFirst(entry);
      const view = this.#adopt(events, release);
      this.#open(latch, release, entry.id);
      return view;
    });
  }

  async withdraw(principal: Principal, release: string): Promise<Release> {
    if (this.#parts.court.has(release)) {
      await this.#parts.court.withdraw(principal, release);
      return this.#view(release);
    }
    return this.#inTurn(async () => {
      const { latch } = this.#known(release);
      requireRelease(principal, 'ask', this.#tenantOf(latch));
      const by = actorOf(principal);
      const events = this.#decided({ type: 'withdraw', release, by });
      await this.#parts.ledger.appendFirst('release.withdrawn', { release, latch }, by, this.#askedFor(release));
      return this.#adopt(events, release);
    });
  }

  /** Refuses where releasing this latch raises a level and policy denies that. Law 1: what lowers one never comes here. */
  requireLevel(latch: string, asker: Actor, acting: Acting): void {
    const inForce = this.#parts.keeper.book.latches.get(latch);
    if (inForce !== undefined) this.#parts.levels.require(inForce, asker, acting);
  }

  /** The tenant of the order that left a latch; refuses for one that never was given. */
  tenantOf(latch: string): string {
    return this.#tenantOf(latch);
  }

  /** Books what a proposal asks for, under the proposal's id. */
  begin(latch: string, { proposal, by, reason }: Case): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#parts.keeper.book.releases.get(proposal);
      if (known !== undefined) {
        const same = known.state === 'waiting' && known.latch === latch && known.reason === reason;
        if (same && personBehind(known.askedBy) === personBehind(by)) return;
        throw new Refusal('conflict', 'A release with this id exists already; choose a new id.');
      }
      const events = this.#decided({ type: 'ask', release: proposal, latch, by, reason, at: new Date().toISOString() });
      this.requireLevel(latch, by, { by, ...causedBy(this.#entryOf(latch)) });
      const entry = entryOf('release.asked', { release: proposal, latch, reason }, by, causedBy(this.#entryOf(latch)));
      await this.#parts.ledger.appendEntryFirst(entry);
      this.#parts.keeper.askedEntries.set(proposal, entry.id);
      this.#adopt(events, proposal);
    });
  }

  /** Releases a latch by a quorum's approval. */
  release(latch: string, { proposal, proposer, by, at, cause, record }: Approval): Promise<void> {
    return this.#inTurn(async () => {
      const events = this.#decided({ type: 'approve', release: proposal, latch, by, at: new Date(at).toISOString() });
      this.requireLevel(latch, proposer, { by, cause });
      const data = { release: proposal, latch, askedBy: personBehind(proposer), proposal };
      const entry = entryOf('latch.released', data, by, { cause, at });
      await record(entry);
      this.#adopt(events, proposal);
      this.#open(latch, proposal, entry.id);
    });
  }

  /** Opens what a latch kept closed after a glass was broken for it; that it was is in the ledger, in the entry `cause`. */
  releaseByGlass(latch: string, { glass, cause }: { readonly glass: string; readonly cause: string }): void {
    this.#parts.keeper.apply({ type: 'released', release: glass, latch, by: SYSTEM, at: new Date().toISOString() });
    this.#open(latch, glass, cause);
  }

  /** The proposal came to nothing, and with it what was asked for. */
  abandon({ proposal, cause }: Case): Promise<void> {
    return this.#inTurn(async () => {
      const waiting = this.#parts.keeper.book.releases.get(proposal);
      if (waiting?.state !== 'waiting') return;
      const events = this.#decided({ type: 'withdraw', release: proposal, by: SYSTEM });
      await this.#parts.ledger.appendFirst('release.withdrawn', { release: proposal, latch: waiting.latch }, SYSTEM, causedBy(cause));
      this.#adopt(events, proposal);
    });
  }

  latches(principal: Principal): Latch[] {
    const { book } = this.#parts.keeper;
    return [...book.latches.values()]
      .filter((latch) => mayRead(principal, this.#tenantOf(latch.order)))
      .map((latch) => this.#parts.keeper.latchView(latch));
  }

  releases(principal: Principal, state: Release['state'] | null): Release[] {
    const { book } = this.#parts.keeper;
    return [...book.releases.values()]
      .filter((release) => (state === null || release.state === state) && mayRead(principal, this.#tenantOf(release.latch)))
      .map(({ id }) => this.#view(id));
  }

  /** Opens the gates that no other latch keeps closed. Runs only after the release is durable. */
  #open(latch: string, release: string, cause: string): void {
    const { keeper, registry, streams, bulletin } = this.#parts;
    const changed = registry.restand(keeper.book.latches.values());
    streams.notice(
      changed.map((session) => {
        const event = {
          type: 'released',
          order: latch,
          latched: latchesOf(registry.wordOf(session)),
          tick: registry.effectOf(session).tick,
        } as const;
        return { slot: session.slot, session: session.facts.session, event };
      }),
    );
    this.#record(
      release,
      changed.map((session) => ({ ...registry.effectOf(session), settled: true })),
      cause,
    );
    bulletin.post({ event: 'latch.released', data: { order: latch, release } }, this.#tenantOf(latch));
  }

  /** Which gates opened, and in which ticks: after the fact, and without anybody waiting for it. */
  #record(release: string, opened: readonly SessionEffect[], cause: string): void {
    for (let from = 0; from < opened.length; from += SESSIONS_AN_ENTRY) {
      const data = { release, part: from / SESSIONS_AN_ENTRY + 1, sessions: opened.slice(from, from + SESSIONS_AN_ENTRY) };
      this.#parts.ledger.append('release.applied', data, SYSTEM, { cause }).catch((error: unknown) => {
        this.#parts.log.error({ err: error, release }, 'the release took effect, but which gates opened could not be recorded');
      });
    }
  }

  #entryOf(latch: string): string | null | undefined {
    return this.#parts.keeper.orders.get(latch)?.entryId;
  }

  #askedFor(release: string): Led {
    return causedBy(this.#parts.keeper.askedEntries.get(release));
  }

  #decided(act: BookAct): readonly BookEvent[] {
    const decision = decide(this.#parts.keeper.book, act);
    if ('refused' in decision) throw new Refusal(decision.refused, decision.message);
    return decision;
  }

  #adopt(events: readonly BookEvent[], release: string): Release {
    for (const event of events) this.#parts.keeper.apply(event);
    const view = this.#view(release);
    this.#parts.bulletin.post({ event: 'release', data: view }, this.#tenantOf(view.latch));
    return view;
  }

  #view(release: string): Release {
    const view = this.#parts.keeper.releaseView(this.#known(release));
    return this.#parts.court.has(release) ? { ...view, proposal: release } : view;
  }

  #known(release: string) {
    const found = this.#parts.keeper.book.releases.get(release);
    if (found === undefined) throw new Refusal('not_found', `No release ${release} was asked for.`);
    return found;
  }

  #tenantOf(order: string): string {
    const given = this.#parts.keeper.orders.get(order);
    if (given === undefined) throw new Refusal('not_in_force', `Order ${order} was never given, so it has no latch to release.`);
    return given.tenant;
  }

  /** One permissive act after the other: what was decided still holds when it is written. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function causedBy(entry: string | null | undefined): Led {
  return entry == null ? {} : { cause: entry };
}
