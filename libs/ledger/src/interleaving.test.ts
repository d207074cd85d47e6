import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audit, entry, genesis, person, segmentOf, type Entry } from './evidence-fixture.ts';

/** What a step does; `pick` chooses a session or order, `delay` how many steps later its record comes. */
const step = fc.record({
  act: fc.constantFrom('open', 'attach', 'attach', 'detach', 'order', 'release', 'tick', 'tick', 'tick', 'tick', 'tick', 'tick', 'crash'),
  pick: fc.nat(7),
  delay: fc.nat(6),
  left: fc.nat(3),
});
type Step = { act: string; pick: number; delay: number; left: number };
type Sim = {
  session: string;
  tenant: string;
  attached: boolean;
  tick: number;
  out: number;
  from: { tick: number; out: number; head: Uint8Array };
  clean: boolean;
};
type SimOrder = { order: string; tenant: string | null; stored: boolean; released: boolean };

/** An honest server in miniature: what it does takes effect at once, what it records comes later, in queues that a crash empties. */
class Server {
  readonly log: Entry[] = [];
  readonly sessions: Sim[] = [];
  readonly orders: SimOrder[] = [];
  #queues = new Map<string, { due: number; entry: Entry; then?: () => void }[]>();
  #stored = new Map<string, { tick: number; out: number; head: Uint8Array }>();
  #now = 0;
  readonly #leaks: boolean;
  leaked = false;

  constructor(leaks: boolean) {
    this.#leaks = leaks;
  }

  run(steps: readonly Step[]): Entry[] {
    for (const each of steps) {
      this.#now += 1;
      this.#drain();
      this.#step(each);
    }
    for (const session of this.sessions) this.#close(session, 0);
    this.#now += 100;
    this.#drain();
    return this.log;
  }

  #step({ act, pick, delay, left }: Step): void {
    const session = this.sessions[pick % Math.max(1, this.sessions.length)];
    const order = this.orders[pick % Math.max(1, this.orders.length)];
    if (act === 'open') this.#open(pick);
    else if (act === 'order') this.#order(pick, delay);
    else if (act === 'crash' && !this.#leaks) this.#crash();
    else if (act === 'release' && order !== undefined && !this.#leaks) this.#release(order);
    else if (session === undefined) return;
    else if (act === 'attach' && !session.attached) this.#attach(session, delay);
    else if (act === 'detach') this.#close(session, delay);
    else if (act === 'tick') for (const each of this.sessions) this.#tick(each, left, delay);
  }

  #time(): string {
    return `2026-01-01T00:00:00.${String(this.#now).padStart(3, '0')}Z`;
  }

  #put(queue: string, delay: number, made: Entry, then?: () => void): void {
    const waiting = this.#queues.get(queue) ?? [];
    // Each queue keeps its order.
    const due = Math.max(this.#now + delay, waiting.at(-1)?.due ?? 0);
    waiting.push({ due, entry: { ...made, time: this.#time() }, ...(then === undefined ? {} : { then }) });
    this.#queues.set(queue, waiting);
  }

  #drain(): void {
    for (const waiting of this.#queues.values()) {
      while ((waiting[0]?.due ?? Infinity) <= this.#now) {
        const next = waiting.shift();
        if (next === undefined) break;
        this.log.push(next.entry);
        next.then?.();
      }
    }
  }

  #open(pick: number): void {
    const session = `S${this.sessions.length}`;
    const tenant = `t${pick % 2}`;
    // Written first: it exists once that is durable.
    this.log.push(entry('session.opened', { session, tenant, deployment: 'd', model: 'm', level: 3 }));
    const from = { tick: 0, out: 0, head: genesis(session) };
    this.sessions.push({ session, tenant, attached: false, tick: 0, out: 0, from, clean: true });
    this.#stored.set(session, from);
  }

  #attach(session: Sim, delay: number): void {
    let lost = 0;
    if (!session.clean) {
      const stored = this.#stored.get(session.session) ?? session.from;
      lost = Math.max(1, session.tick - stored.tick + 2);
      session.tick = stored.tick + lost;
      session.out = stored.out + 100;
      session.from = { tick: session.tick, out: session.out, head: stored.head };
    }
    session.attached = true;
    session.clean = true;
    const data = { session: session.session, fromTick: session.tick, previous: Buffer.from(session.from.head).toString('base64'), lost };
    this.#put(session.session, delay, entry('session.attached', data));
  }

  #silent({ tenant }: Sim): boolean {
    return this.orders.some((order) => !order.released && (order.tenant === null || order.tenant === tenant));
  }

  #tick(session: Sim, left: number, delay: number): void {
    if (!session.attached) return;
    const silent = this.#silent(session);
    if (!silent || (this.#leaks && left === 3)) {
      session.out += left;
      this.leaked ||= silent && left > 0;
    }
    session.tick += 1;
    if (session.tick - session.from.tick === 5) this.#segment(session, delay);
  }

  #segment(session: Sim, delay: number): void {
    if (session.tick === session.from.tick) return;
    const { made, head } = segmentOf(session.session, session.from, { tick: session.tick, out: session.out });
    const at = { tick: session.tick, out: session.out, head };
    session.from = at;
    this.#put(session.session, delay, made, () => this.#stored.set(session.session, at));
  }

  #close(session: Sim, delay: number): void {
    if (!session.attached) return;
    this.#segment(session, delay);
    session.attached = false;
  }

  #order(pick: number, delay: number): void {
    const tenant = pick > 4 ? null : `t${pick % 2}`;
    const covered = this.sessions.filter((session) => tenant === null || session.tenant === tenant);
    const id = `order-${this.orders.length + 1}`;
    const order: SimOrder = { order: id, tenant, stored: false, released: false };
    this.orders.push(order);
    const sessions = covered.map(({ session, tick, out }) => ({ session, tick, lastSequence: out, settled: true }));
    const scope = tenant === null ? { type: 'everything' } : { type: 'tenant', tenant };
    const given = entry('order.given', { order: id, number: this.orders.length, kind: 'stop', scope, reason: '', covered: covered.length });
    // The order itself is in the write-ahead file at once; what it met may be a second later.
    this.#put('orders', 0, given, () => (order.stored = true));
    for (let part = 0; part * 2 < sessions.length; part += 1)
      this.#put(
        'applied',
        delay + 1,
        entry('order.applied', { order: id, part: part + 1, sessions: sessions.slice(part * 2, part * 2 + 2) }),
      );
  }

  #release(order: SimOrder): void {
    if (order.released || !order.stored) return;
    const release = `release of ${order.order}`;
    this.log.push(entry('release.asked', { release, latch: order.order, reason: 'x' }, person('ann')));
    this.log.push(entry('latch.released', { release, latch: order.order, askedBy: 'ann' }, person('bob')));
    order.released = true;
  }

  #crash(): void {
    for (const session of this.sessions) {
      session.clean &&= !session.attached && (this.#queues.get(session.session) ?? []).length === 0;
      session.attached = false;
    }
    const orders = this.#queues.get('orders') ?? [];
    this.#queues = new Map([['orders', orders]]);
    this.#now += 1;
    this.log.push({ ...entry('server.started', { version: '1', node: 'n', stoppedCleanly: false }), time: this.#time() });
  }
}

describe('what an honest server records, late and in whatever order', () => {
  it('shows no fault', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120 }), (steps) => {
        const { findings } = audit(...new Server(false).run(steps));
        expect(findings.filter(({ severity }) => severity === 'fault')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('shows a gate that leaked', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120 }), (steps) => {
        const server = new Server(true);
        const { findings } = audit(...server.run(steps));
        expect(findings.some(({ code }) => code === 'output_after_order')).toBe(server.leaked);
      }),
      { numRuns: 300 },
    );
  });
});
