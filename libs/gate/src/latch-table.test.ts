import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { gateWord } from './gate-word.ts';
import { LatchTable } from './latch-table.ts';

const OPEN = gateWord([], 3);
const STOPPED = gateWord(['stop'], 3);
const ROUNDS = 50_000;
/** Some ten microseconds of looking on: time enough for a thread that had passed the gate already to hand its frame over. */
const LOOKS = 600;
const LOG_WORDS = 1 << 16;

describe('the latch table', () => {
  it('names the exact last frame while another thread hands frames over as fast as it can', { timeout: 120_000 }, async () => {
    const table = LatchTable.create(1);
    table.reset(0, STOPPED, 0, 0);
    table.renewLease(1e9);
    const log = new Int32Array(new SharedArrayBuffer((LOG_WORDS + 2) * 4));
    const worker = new Worker(new URL('./hammer.fixture.ts', import.meta.url), { workerData: { table: table.buffer, out: log.buffer } });
    await once(worker, 'message');
    let left = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      table.setGate(0, OPEN);
      const beats = round % 97;
      for (let i = 0; i < beats; i += 1) Atomics.load(log, 0);
      table.setGate(0, STOPPED);
      let out = table.out(0);
      while (out.underWay) out = table.out(0);
      // From here on, this is the acknowledgement: what was handed over is what it says, and nothing follows.
      const handed = Atomics.load(log, 0);
      if (handed !== out.sequence) throw new Error(`round ${round}: the table says ${out.sequence}, ${handed} were handed over`);
      for (let i = 0; i < LOOKS; i += 1)
        if (Atomics.load(log, 0) !== handed) throw new Error(`round ${round}: a frame left after the order`);
      left = handed;
    }
    Atomics.store(log, 1, 1);
    await once(worker, 'exit');
    expect(Atomics.load(log, 0)).toBe(left);
    expect(table.out(0)).toEqual({ sequence: left, underWay: false });
    expect(left).toBeGreaterThan(1000);
    // None is missing and none came twice, among the last that fit into the log.
    const kept = Math.min(left, LOG_WORDS - 1);
    for (let n = left; n > left - kept; n -= 1) expect(log[2 + (n % LOG_WORDS)]).toBe(n);
  });

  it('takes a ticket once, and none but the one in force', () => {
    const table = LatchTable.create(2);
    table.reset(1, OPEN, 0, 0);
    expect(table.useTicket(1, 7)).toBe(false);
    table.setTicket(1, 7);
    table.setTicket(1, 8);
    expect(table.useTicket(1, 7)).toBe(false);
    expect(table.useTicket(1, 8)).toBe(true);
    expect(table.useTicket(1, 8)).toBe(false);
    expect(table.useTicket(0, 8)).toBe(false);
  });

  it('gives a slot to one connection, and frees it for its holder only', () => {
    const table = LatchTable.create(1);
    table.reset(0, OPEN, 0, 0);
    expect(table.claim(0, 1_000_001)).toBe(true);
    expect(table.claim(0, 2_000_001)).toBe(false);
    table.unclaim(0, 2_000_001);
    expect(table.owner(0)).toBe(1_000_001);
    table.unclaim(0, 1_000_001);
    expect(table.claim(0, 2_000_001)).toBe(true);
  });

  it('lets the lease run out by itself, early rather than late', () => {
    const table = LatchTable.create(1);
    expect(table.leased(0)).toBe(false);
    table.renewLease(1049);
    expect(table.leased(999)).toBe(true);
    expect(table.leased(1000)).toBe(false);
    table.renewLease(0);
    expect(table.leased(0)).toBe(false);
  });

  it('keeps its slots apart', () => {
    const table = LatchTable.create(3);
    for (const slot of [0, 1, 2]) table.reset(slot, OPEN, slot, slot * 10);
    table.setGate(1, STOPPED);
    table.setTick(1, 99);
    table.setLevels(1, 7, 8);
    table.countWithheld(1);
    table.countLate(1);
    table.setLeftAt(1, 12.5);
    for (const slot of [0, 2]) {
      expect(table.gate(slot)).toBe(OPEN);
      expect(table.tick(slot)).toBe(slot);
      expect(table.out(slot)).toEqual({ sequence: slot * 10, underWay: false });
      expect([table.levels(slot), table.withheld(slot), table.late(slot), table.leftAt(slot)]).toEqual([[0, 0], 0, 0, 0]);
    }
    expect([table.gate(1), table.tick(1), table.levels(1), table.withheld(1), table.late(1), table.leftAt(1)]).toEqual([
      STOPPED,
      99,
      [7, 8],
      1,
      1,
      12.5,
    ]);
    table.reset(1, OPEN, 0, 0);
    expect([table.levels(1), table.withheld(1), table.late(1), table.leftAt(1)]).toEqual([[0, 0], 0, 0, 0]);
  });
});
