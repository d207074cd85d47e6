import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { describe, expect, it } from 'vitest';
import { cutOff, heardGate, nameOf, type TalkState } from './talk-state.ts';

const session = '11111111-1111-4111-8111-111111111111';
const order = '22222222-2222-4222-8222-222222222222';
const READY: GateEvent = {
  type: 'ready',
  session,
  tick: 0,
  level: 3,
  sampleRate: 16_000,
  tickMs: 200,
  latched: [],
  recorded: [],
  holdBack: 1,
};
const STOPPED: GateEvent = { type: 'flush', order, kind: 'stop', tick: 9, lastSequence: 41 };

function after(...events: GateEvent[]): TalkState {
  return events.reduce<TalkState>(heardGate, { phase: 'connecting', trouble: null });
}

describe('the state of a talk', () => {
  const TABLE: readonly [string, GateEvent[], string][] = [
    ['connecting', [], 'connecting'],
    ['ready', [READY], 'live'],
    ['stopped', [READY, STOPPED], 'latched'],
    ['released', [READY, STOPPED, { type: 'released', order, latched: [], tick: 30 }], 'live'],
    ['released from one of two latches', [READY, STOPPED, { type: 'released', order, latched: ['hold'], tick: 30 }], 'latched'],
    ['attached to a session that was stopped before', [{ ...READY, latched: ['stop'] }], 'latched'],
    ['only lowered', [READY, { ...STOPPED, kind: 'level' }], 'live'],
    ['ended', [READY, { type: 'ended', reason: 'the client ended it' }], 'ended'],
  ];

  it.each(TABLE)('%s', (_, events, name) => {
    expect(nameOf(after(...events))).toBe(name);
  });

  it('knows what is recorded from the moment it is attached', () => {
    expect(after({ ...READY, recorded: ['audio'] })).toMatchObject({ phase: 'attached', talk: { recorded: ['audio'] } });
  });

  it('stays stopped over a cut and keeps the order that did it', () => {
    const cut = cutOff(after(READY, STOPPED), 'the connection was lost');
    expect(nameOf(cut)).toBe('reconnecting');
    const back = heardGate(cut, { ...READY, tick: 20, latched: ['stop'] });
    expect(nameOf(back)).toBe('latched');
    expect(back).toMatchObject({ talk: { order: { id: order, kind: 'stop' }, cut: null } });
  });

  it('forgets an order that was released during the cut', () => {
    expect(heardGate(cutOff(after(READY, STOPPED), 'lost'), READY)).toMatchObject({ talk: { order: null, latched: [] } });
  });

  it('shows a lost lease until it is held again', () => {
    expect(after(READY, { type: 'lease', held: false, tick: 3 })).toMatchObject({ talk: { leased: false } });
    expect(after(READY, { type: 'lease', held: false, tick: 3 }, { type: 'lease', held: true, tick: 4 })).toMatchObject({
      talk: { leased: true },
    });
  });

  it('ignores a cut after the end', () => {
    expect(nameOf(cutOff(after(READY, { type: 'ended', reason: 'over' }), 'lost'))).toBe('ended');
  });
});
