import type { FrameKind } from '@wheelhouse/protocol/frame';
import { FRAME_KINDS } from '@wheelhouse/protocol/frame';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, standingOf, type SessionFacts } from './coverage.ts';
import { anyFacts, anyLatch } from './gate.fixture.ts';
import { Gate } from './gate.ts';
import { withLatch } from './gate-word.ts';
import { LatchTable } from './latch-table.ts';

type Latch = typeof anyLatch extends fc.Arbitrary<infer T> ? T : never;
type Step =
  | { readonly type: 'order'; readonly latch: Latch }
  | { readonly type: 'release'; readonly which: number }
  | { readonly type: 'frame'; readonly slot: number; readonly kind: FrameKind; readonly taken: boolean }
  | { readonly type: 'drain'; readonly slot: number }
  | { readonly type: 'pause'; readonly ms: number }
  | { readonly type: 'renew' }
  | { readonly type: 'watch'; readonly watched: boolean }
  | { readonly type: 'restart' };

const SLOTS = 3;
const LEASE_MS = 1000;
const slot = fc.integer({ min: 0, max: SLOTS - 1 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: anyLatch.map((latch) => ({ type: 'order', latch }) as const) },
  { weight: 4, arbitrary: fc.nat(7).map((which) => ({ type: 'release', which }) as const) },
  { weight: 12, arbitrary: fc.record({ type: fc.constant('frame'), slot, kind: fc.constantFrom(...FRAME_KINDS), taken: fc.boolean() }) },
  { weight: 4, arbitrary: slot.map((at) => ({ type: 'drain', slot: at }) as const) },
  { weight: 2, arbitrary: fc.nat(800).map((ms) => ({ type: 'pause', ms }) as const) },
  { weight: 3, arbitrary: fc.constant({ type: 'renew' } as const) },
  { weight: 1, arbitrary: fc.boolean().map((watched) => ({ type: 'watch', watched }) as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' } as const) },
);

/** The house in small: a table, a gate a session, and a control thread that writes words; beside it what the laws say, in plain words. */
class World {
  table = LatchTable.create(SLOTS);
  gates: Gate[] = [];
  latches: Latch[] = [];
  watched = false;
  now = 1000;
  leaseUntil = 0;
  readonly left: number[] = [0, 0, 0];
  readonly facts: readonly SessionFacts[];

  constructor(facts: readonly SessionFacts[]) {
    this.facts = facts;
    this.restart();
  }

  /** As after a crash: memory is new, the latches and the last sequences come from the record. */
  restart(): void {
    this.table = LatchTable.create(SLOTS);
    this.leaseUntil = 0;
    for (const [i, facts] of this.facts.entries()) this.table.reset(i, standingOf(facts, this.latches, this.watched), 0, this.left[i] ?? 0);
    this.gates = this.facts.map((_, i) => new Gate(this.table, i));
  }

  restand(): void {
    for (const [i, facts] of this.facts.entries()) this.table.setGate(i, standingOf(facts, this.latches, this.watched));
  }

  /** The laws in plain words, asked of latches and lease rather than of any word. */
  mayLeave(at: number, kind: FrameKind): boolean {
    const facts = this.facts[at];
    if (facts === undefined) return false;
    const over = this.latches.filter((latch) => covers(latch.scope, facts));
    if (over.some((latch) => latch.kind === 'stop' || latch.kind === 'hold' || latch.kind === 'take_over')) return false;
    if (over.some((latch) => latch.kind === 'level' && latch.level === 1) || facts.level === 1) return false;
    if (over.some((latch) => latch.kind === 'mute') && (kind === 'audio' || kind === 'video')) return false;
    return this.now < Math.floor(this.leaseUntil / 50) * 50;
  }

  take(step: Step): void {
    switch (step.type) {
      case 'order':
        this.latches.push(step.latch);
        for (const [i, facts] of this.facts.entries()) {
          if (covers(step.latch.scope, facts)) this.table.setGate(i, withLatch(this.table.gate(i), step.latch.kind, step.latch.level));
        }
        return;
      case 'release':
        this.latches = this.latches.filter((_, i) => i !== step.which);
        this.restand();
        return;
      case 'frame':
        this.#frame(step);
        return;
      case 'drain':
        this.gates[step.slot]?.drained();
        return;
      case 'pause':
        this.now += step.ms;
        return;
      case 'renew':
        this.leaseUntil = this.now + LEASE_MS;
        this.table.renewLease(this.leaseUntil);
        return;
      case 'watch':
        this.watched = step.watched;
        this.restand();
        return;
      case 'restart':
        this.restart();
    }
  }

  #frame({ slot: at, kind, taken }: Extract<Step, { type: 'frame' }>): void {
    const gate = this.gates[at];
    const before = this.left[at] ?? 0;
    const busy = gate?.underWay === true;
    let handed = 0;
    const passage = gate?.pass('engine', kind, this.now, (sequence) => {
      handed += 1;
      expect(sequence).toBe(before + 1);
      this.left[at] = sequence;
      return taken;
    });
    expect(handed).toBe(!busy && this.mayLeave(at, kind) ? 1 : 0);
    expect(passage?.left).toBe(handed === 1);
    const out = this.table.out(at);
    expect(out.sequence).toBe(this.left[at]);
    expect(out.underWay).toBe(gate?.underWay);
  }
}

describe('the gate', () => {
  it('passes exactly what the laws allow, over any interleaving of orders, releases, frames, leases, watches and restarts', () => {
    fc.assert(
      fc.property(fc.tuple(anyFacts, anyFacts, anyFacts), fc.array(anyStep, { maxLength: 80 }), (facts, steps) => {
        const world = new World(facts);
        for (const step of steps) world.take(step);
      }),
      { numRuns: 1500 },
    );
  });

  it('drops a frame rather than queue it behind one that the client has not taken', () => {
    const table = LatchTable.create(1);
    table.reset(0, standingOf({ session: 's', tenant: 't', deployment: 'd', model: 'm', level: 3 }, [], true), 0, 4);
    table.renewLease(1000);
    const gate = new Gate(table, 0);
    expect(gate.pass('engine', 'audio', 0, () => false)).toEqual({ left: true, sequence: 5 });
    expect(gate.pass('engine', 'audio', 0, () => true)).toEqual({ left: false, why: 'busy' });
    expect(table.out(0)).toEqual({ sequence: 5, underWay: true });
    gate.drained();
    expect(table.out(0)).toEqual({ sequence: 5, underWay: false });
    expect(gate.pass('engine', 'audio', 0, () => true)).toEqual({ left: true, sequence: 6 });
  });
});
