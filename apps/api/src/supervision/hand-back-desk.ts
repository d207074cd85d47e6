import { createHash } from 'node:crypto';
import { covers } from '@wheelhouse/gate/coverage';
import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { HandBack, HandBackRequest } from '@wheelhouse/protocol/supervision';
import type { Logger } from 'pino';
import { actorOf } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { Transcripts } from '../operator/transcripts.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import type { ReleaseDesk } from '../orders/release-desk.ts';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { HandBackStore, Waiting } from './hand-back-store.ts';
import { joinable } from './supervision-rights.ts';

type Parts = {
  readonly store: HandBackStore;
  readonly registry: SessionRegistry;
  readonly keeper: OrderBookKeeper;
  readonly releases: ReleaseDesk;
  readonly streams: StreamHost;
  readonly transcripts: Transcripts;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
  readonly log: Logger;
};

/** Of what the person said meanwhile, the engine is told the last so many lines. */
const MOST_LINES = 40;
const GUIDANCE =
  'A human colleague had taken this conversation over and hands it back to you now. Do not greet again, and do not start anew: go on from their summary.';

/**
 * Hands sessions back to their engines: the release of the take-over is asked for as any is, and when it has taken effect the engine is told what
 * happened while it was not heard.
 */
export class HandBackDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.bulletin.subscribe(({ event }) => {
      if (event.event === 'latch.released') this.#released(event.data.order, event.data.release);
      if (event.event === 'release' && event.data.state === 'withdrawn') this.#drop(event.data.id);
      if (event.event === 'session') this.#sessionChanged(event.data.id, event.data.state);
    });
  }

  /** At start: what waited when the server stopped. A latch that was released in its last moment is so still. */
  load(): void {
    const { store, keeper, registry, log } = this.#parts;
    const lost = store.load();
    if (lost > 0) log.warn({ lost }, 'summaries of sessions that were to be handed back can not be read any more, and are dropped');
    for (const waiting of store.all()) {
      if (registry.get(waiting.session) === undefined) this.#drop(waiting.release);
      else if (!keeper.book.latches.has(waiting.latch)) this.#due(waiting, waiting.release);
    }
  }

  async ask(principal: Principal, id: string, request: HandBackRequest): Promise<HandBack> {
    const { store, registry, releases } = this.#parts;
    const session = joinable(principal, id, registry);
    const latch = this.#latchOf(session, request.latch);
    const digest = createHash('sha256').update(request.summary).digest('base64');
    const before = store.get(request.id);
    if (before !== undefined && (before.latch !== latch || before.digest !== digest))
      throw new Refusal('conflict', 'A hand-back with this id was asked for already, with another summary or latch. Choose a new id.');
    const kept = await store.put({ release: request.id, latch, session: id, by: actorOf(principal), digest, due: false }, request.summary);
    try {
      const release = await releases.ask(principal, { id: request.id, kind: 'release', latch, reason: request.reason });
      return { release, kept: kept ? 'stored' : 'memory' };
    } catch (error) {
      if (before === undefined) this.#drop(request.id);
      throw error;
    }
  }

  /** The engine was told: only now is it in the record that it was. */
  handedBack(session: string, release: string): void {
    const waiting = this.#parts.store.get(release);
    if (waiting === undefined) return;
    const { digest: text, by } = waiting;
    this.#parts.ledger.append('session.handed_back', { session, release, text }, by).catch((error: unknown) => {
      this.#parts.log.error({ err: error, session, release }, 'that a session was handed back could not be recorded');
    });
    this.#drop(release);
  }

  #latchOf({ facts }: OpenSession, asked: string | undefined): string {
    const latches = [...this.#parts.keeper.book.latches.values()].filter(({ kind, scope }) => kind === 'take_over' && covers(scope, facts));
    const own = latches.filter(({ scope }) => scope.type === 'session').sort((a, b) => b.number - a.number);
    const latch = asked === undefined ? own[0] : latches.find(({ order }) => order === asked);
    if (latch !== undefined) return latch.order;
    if (asked !== undefined) throw new Refusal('not_in_force', `Order ${asked} is no take-over in force over this session.`);
    const wider = latches.length === 0 ? '' : ' One with a wider scope is: name its order as latch.';
    throw new Refusal('not_in_force', `Nobody has taken over this session alone.${wider}`);
  }

  /** Whichever release opened it: what was to be handed back with the latch is due. */
  #released(latch: string, release: string): void {
    for (const waiting of this.#parts.store.all()) if (waiting.latch === latch && !waiting.due) this.#due(waiting, release);
  }

  #due(waiting: Waiting, release: string): void {
    this.#stored(this.#parts.store.due(waiting, release), release);
    this.#deliver(waiting.session);
  }

  /** Tells the engine of a session, where it is there to hear it; otherwise its next attachment does. */
  #deliver(id: string): void {
    const { registry, store, streams } = this.#parts;
    const session = registry.get(id);
    if (session?.state !== 'live' || session.thread === null) return;
    for (const { release, latch, session: of, due } of store.all()) {
      const summary = of === id && due ? store.summary(release) : null;
      if (summary === null) continue;
      const handedBack = { release, said: this.#saidSince(id, latch, summary), guidance: GUIDANCE };
      streams.send(session.thread, { type: 'supervise.hand_back', slot: session.slot, session: id, handedBack });
    }
  }

  /** What the person said since the take-over, as far as it was understood, and the human's summary of it all. */
  #saidSince(id: string, latch: string, summary: string): TickExtra['said'] {
    const { transcripts, keeper } = this.#parts;
    const from = keeper.orders.get(latch)?.sessions.find(({ session }) => session === id)?.tick ?? 0;
    const heard = transcripts.of(id).filter(({ who, final, tick, text }) => who === 'heard' && final && tick >= from && text !== '');
    const lines = heard.slice(-MOST_LINES).map(({ text }) => ({ who: 'person', text: text.slice(0, 4000) }) as const);
    return [...lines, { who: 'human', text: summary }];
  }

  #sessionChanged(id: string, state: 'waiting' | 'live' | 'ended'): void {
    if (state === 'live') this.#deliver(id);
    if (state !== 'ended') return;
    for (const { release, session } of this.#parts.store.all()) if (session === id) this.#drop(release);
  }

  #drop(release: string): void {
    this.#stored(this.#parts.store.remove(release), release);
  }

  #stored(work: Promise<void>, release: string): void {
    work.catch((error: unknown) => {
      this.#parts.log.warn({ err: error, release }, 'what is to be handed back could not be stored; it is in memory');
    });
  }
}
