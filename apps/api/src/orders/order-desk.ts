import { createHash, randomUUID } from 'node:crypto';
import { levelOf } from '@wheelhouse/gate/gate-word';
import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { LatchKind, OrderAck, OrderRecord, RestrictiveOrder, SessionEffect } from '@wheelhouse/protocol/order';
import type { Logger } from 'pino';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import { contentOf, eventOfOrder, type GivenOrder, type OrderBookKeeper } from './order-book-keeper.ts';
import type { OrderLog } from './order-log.ts';
import type { OrderObserver } from './order-observer.ts';
import { mayRead, requireGive, tenantOfScope } from './order-rights.ts';

/** An acknowledgement waits this long for frames that are being handed over at this very moment; each takes some microseconds. */
const SPIN_MS = 0.3;
/** A slow client's connection is cut well within this time. */
const SETTLE_MS = 1000;
const SESSIONS_AN_ENTRY = 300;

type Parts = {
  readonly keeper: OrderBookKeeper;
  readonly registry: SessionRegistry;
  readonly streams: StreamHost;
  readonly principals: Principals;
  readonly ledger: Ledger;
  readonly orderLog: OrderLog;
  readonly observer: OrderObserver;
  readonly bulletin: Bulletin;
  readonly log: Logger;
  readonly now: () => number;
};

/** What is known of an order besides what it says. */
type Ordered = { readonly author: Actor; readonly tenant: string; readonly content: string; readonly arrivedAt: number };

/** Takes restrictive orders: effect first, answer second, record third (laws 1 to 3). */
export class OrderDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Carries an order out. Synchronous from the authorisation to the acknowledgement: nothing is awaited, stored or sent before the gates
   * are closed. `arrivedAt` is when the request reached the server, on the shared clock.
   */
  give(principal: Principal, order: RestrictiveOrder, arrivedAt: number): OrderAck {
    const { keeper, registry, principals } = this.#parts;
    const before = keeper.orders.get(order.id);
    const content = contentOf({
      kind: order.kind,
      scope: order.scope,
      reason: order.reason,
      level: levelAsked(order),
      text: textDigest(order),
    });
    if (before !== undefined) return this.#repeat(principal, before, content);
    const tenant = tenantOfScope(order.scope, registry, principals);
    requireGive(principal, order.scope, tenant);
    this.#refuseRaising(order);
    return this.#carryOut(order, { author: actorOf(principal), tenant, content, arrivedAt });
  }

  /**
   * Puts a latch in force by rule, where nobody has to order it: the time box of a break glass has ended. Returns the order's id; null where what it is to
   * cover has ended. The same again changes nothing. People choose the ids of their orders, so one of theirs under this id stands for nothing: the latch
   * is then given under another.
   */
  giveByRule(order: RestrictiveOrder): string | null {
    const { keeper, registry, principals, now } = this.#parts;
    const before = keeper.orders.get(order.id);
    if (before?.author.kind === 'system') return order.id;
    if (order.scope.type === 'session' && registry.get(order.scope.session) === undefined) return null;
    const content = contentOf({ kind: order.kind, scope: order.scope, reason: order.reason, level: levelAsked(order), text: null });
    const tenant = tenantOfScope(order.scope, registry, principals);
    const own = before === undefined ? order : { ...order, id: randomUUID() };
    this.#carryOut(own, { author: SYSTEM, tenant, content, arrivedAt: now() });
    return own.id;
  }

  #carryOut(order: RestrictiveOrder, { author, tenant, content, arrivedAt }: Ordered): OrderAck {
    const { keeper, registry, now } = this.#parts;
    const level = levelAsked(order);
    const covered =
      order.kind === 'whisper' ? registry.covered(order.scope) : registry.latch({ kind: order.kind, level, scope: order.scope });
    const gateClosedUs = Math.max(0, Math.round((now() - arrivedAt) * 1000));
    const sessions = this.#effects(covered);
    const lastLeftAt = registry.lastLeftAt(covered);
    const lastByteUs = lastLeftAt === null ? null : Math.round((lastLeftAt - arrivedAt) * 1000);

    const number = keeper.book.lastNumber + 1;
    const receivedAt = new Date(Date.now() - (now() - arrivedAt)).toISOString();
    const ack: GivenOrder['ack'] = { order: order.id, number, kind: order.kind, scope: order.scope, receivedAt, gateClosedUs, lastByteUs };
    const given: GivenOrder = {
      ack,
      sessions,
      author,
      reason: order.reason,
      level,
      content,
      tenant,
      entry: null,
      entryId: null,
    };
    keeper.orders.set(order.id, given);
    keeper.apply(eventOfOrder(ack, given));
    // After the answer is on its way: everybody else is told, and the record written.
    setImmediate(() => {
      this.#tell(given, order, covered);
      this.#record(given, order, covered).catch((error: unknown) => {
        this.#parts.log.error({ err: error, order: order.id }, 'the order is in force, but could not be recorded');
      });
    });
    return { ...ack, sessions, repeated: false };
  }

  list(principal: Principal, before: number | null, limit: number): OrderRecord[] {
    const visible = [...this.#parts.keeper.orders.values()].filter(
      (given) => mayRead(principal, given.tenant) && (before === null || given.ack.number < before),
    );
    visible.sort((a, b) => b.ack.number - a.ack.number);
    return visible.slice(0, limit).map((given) => this.#parts.keeper.recordView(given));
  }

  get(principal: Principal, order: string): OrderRecord {
    const given = this.#parts.keeper.orders.get(order);
    if (given === undefined || !mayRead(principal, given.tenant)) throw new Refusal('not_found', `No order ${order} was given.`);
    return this.#parts.keeper.recordView(given);
  }

  #repeat(principal: Principal, before: GivenOrder, content: string): OrderAck {
    requireGive(principal, before.ack.scope, before.tenant);
    if (before.content !== content) {
      throw new Refusal(
        'conflict',
        `Order ${before.ack.order} was given already with another content. It stands as it was; give this one a new id.`,
      );
    }
    return { ...before.ack, sessions: before.sessions, repeated: true };
  }

  #refuseRaising(order: RestrictiveOrder): void {
    if (order.kind !== 'level') return;
    const [one] = order.scope.type === 'session' ? this.#parts.registry.covered(order.scope) : [];
    const now = one === undefined ? 5 : levelOf(this.#parts.registry.wordOf(one));
    if (order.level < now) return;
    throw new Refusal(
      'not_restrictive',
      `Level ${order.level} would not lower anything (now ${now}). To raise a level, release the order that lowered it.`,
    );
  }

  /** Reads what each session had let out when its gate closed. A frame in mid-hand-over is waited for, briefly. */
  #effects(covered: readonly OpenSession[]): SessionEffect[] {
    const { registry, now } = this.#parts;
    const effects = covered.map((session) => registry.effectOf(session));
    const until = now() + SPIN_MS;
    for (const [i, session] of covered.entries()) {
      while (effects[i]?.settled === false && now() < until) effects[i] = registry.effectOf(session);
    }
    return effects;
  }

  #tell(given: GivenOrder, order: RestrictiveOrder, covered: readonly OpenSession[]): void {
    const { streams, keeper, bulletin } = this.#parts;
    if (order.kind === 'whisper') {
      for (const session of covered)
        streams.broadcast({ type: 'whisper', slot: session.slot, session: session.facts.session, text: order.text });
      return;
    }
    streams.notice(this.#notices(given, order.kind, covered));
    const latch = keeper.book.latches.get(order.id);
    if (latch !== undefined) bulletin.post({ event: 'latch', data: keeper.latchView(latch) }, given.tenant);
  }

  #notices(given: GivenOrder, kind: LatchKind, covered: readonly OpenSession[]) {
    const { registry } = this.#parts;
    return covered.map((session, i) => {
      const { tick = 0, lastSequence = 0 } = given.sessions[i] ?? {};
      const at = { slot: session.slot, session: session.facts.session };
      if (kind === 'level') return { ...at, event: { type: 'level', level: levelOf(registry.wordOf(session)), tick } as const };
      return { ...at, event: { type: 'flush', order: given.ack.order, kind, tick, lastSequence } as const };
    });
  }

  /** The record, after the effect: the write-ahead file at once, the ledger as soon as it takes it. */
  async #record(given: GivenOrder, order: RestrictiveOrder, covered: readonly OpenSession[]): Promise<void> {
    const { ledger, orderLog, bulletin, log } = this.#parts;
    const text = textDigest(order);
    const first = entryOf(
      'order.given',
      {
        ...given.ack,
        reason: given.reason,
        covered: covered.length,
        ...(given.level === null ? {} : { level: given.level }),
        ...(text === null ? {} : { text }),
      },
      given.author,
    );
    given.entryId = first.id;
    const logged = orderLog.write([first]).catch((error: unknown) => {
      log.error(
        { err: error, order: given.ack.order },
        'the write-ahead file could not be written; the order is in force and waits for the ledger in memory',
      );
    });
    const stored = ledger.appendEntry(first);
    // It is awaited below; a refusal that comes before then must not count as one that nobody looks at.
    stored.catch(() => undefined);
    await this.#settle(given, covered);
    const parts = appliedEntries(given, first.id);
    if (order.kind !== 'whisper' && order.kind !== 'level') this.#parts.observer.await(parts);
    await logged;
    await orderLog.write(parts).catch((error: unknown) => {
      log.error({ err: error, order: given.ack.order }, 'the write-ahead file could not be written');
    });
    try {
      given.entry = await stored;
      await Promise.all(parts.map((part) => ledger.appendEntry(part)));
      await orderLog.stored([first.id, ...parts.map((part) => part.id)]);
      bulletin.post({ event: 'order.stored', data: { order: given.ack.order, entry: given.entry } }, given.tenant);
    } catch (error) {
      log.error({ err: error, order: given.ack.order }, 'the order is in force and in the write-ahead file, but not in the ledger yet');
    }
  }

  /** Frames that were under way to slow clients have left or were cut off; the effect then names the last one exactly. */
  async #settle(given: GivenOrder, covered: readonly OpenSession[]): Promise<void> {
    const { registry, now, bulletin } = this.#parts;
    const open = covered.flatMap((session, i) => (given.sessions[i]?.settled === false ? [{ session, i }] : []));
    if (open.length === 0) return;
    const until = now() + SETTLE_MS;
    const settled: SessionEffect[] = [];
    for (const { session, i } of open) {
      let effect = registry.effectOf(session);
      while (!effect.settled && now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        effect = registry.effectOf(session);
      }
      const tick = given.sessions[i]?.tick ?? effect.tick;
      settled.push({ ...effect, tick });
      given.sessions[i] = { ...effect, tick };
    }
    bulletin.post({ event: 'order.settled', data: { order: given.ack.order, sessions: settled } }, given.tenant);
  }
}

function appliedEntries(given: GivenOrder, cause: string): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let from = 0; from < given.sessions.length; from += SESSIONS_AN_ENTRY) {
    const sessions = given.sessions.slice(from, from + SESSIONS_AN_ENTRY);
    entries.push(entryOf('order.applied', { order: given.ack.order, part: entries.length + 1, sessions }, given.author, { cause }));
  }
  return entries;
}

function levelAsked(order: RestrictiveOrder) {
  return order.kind === 'level' ? order.level : null;
}

/** A whisper's words are content: the ledger gets their digest only. */
function textDigest(order: RestrictiveOrder): string | null {
  return order.kind === 'whisper' ? createHash('sha256').update(order.text).digest('base64') : null;
}
