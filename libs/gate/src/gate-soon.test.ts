import { beforeEach, expect, test } from 'vitest';
import { gateWord, STOP } from './gate-word.ts';
import { Gate } from './gate.ts';
import { LatchTable } from './latch-table.ts';

/** A wire that hands on at the end of the turn, as TLS does. */
let table: LatchTable;
let gate: Gate;
const soon = () => 'soon' as const;

beforeEach(() => {
  table = LatchTable.create(4);
  table.renewLease(1_000_000);
  table.setGate(0, gateWord([], 3));
  gate = new Gate(table, 0);
});

test('frames of one turn go together, and the acknowledgement waits for all of them', () => {
  expect(gate.pass('engine', 'text', 0, soon)).toEqual({ left: true, sequence: 1 });
  expect(gate.pass('engine', 'audio', 0, soon)).toEqual({ left: true, sequence: 2 });
  expect(table.out(0)).toEqual({ sequence: 2, underWay: true });
  expect(gate.engineUnderWay).toBe(false);
  gate.drained();
  expect(table.out(0)).toEqual({ sequence: 2, underWay: false });
});

test('what is withheld meanwhile does not make what is on its way look settled', () => {
  gate.pass('engine', 'audio', 0, soon);
  table.setGate(0, table.gate(0) | STOP);
  expect(gate.pass('engine', 'audio', 0, soon)).toMatchObject({ left: false, why: 'stop' });
  expect(table.out(0)).toEqual({ sequence: 1, underWay: true });
});

test('what lingers waits for a slow client: nothing joins it, and an order cuts it off', () => {
  gate.pass('engine', 'audio', 0, soon);
  gate.lingers();
  expect(gate.pass('engine', 'audio', 0, soon)).toEqual({ left: false, why: 'busy' });
  expect(gate.engineUnderWay).toBe(true);
  gate.drained();
  expect(gate.pass('engine', 'audio', 0, soon)).toMatchObject({ left: true });
});
