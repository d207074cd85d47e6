import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from './base64.ts';
import { openSessionAudit } from './session-audit.ts';
import { chainStep, genesisHead } from './tick-chain.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
type Entry = { kind: string; by: { kind: string; id: string; role: string }; data: Record<string, unknown> };
const person = (id: string) => ({ kind: 'person', id, role: 'operator' });
const entry = (kind: string, data: Record<string, unknown>, by = person('system')): Entry => ({ kind, by, data });

const opened = (session = 'S') => entry('session.opened', { session, tenant: 't', deployment: 'd', model: 'm', level: 2 });
const order = (number: number, data: Record<string, unknown> = {}) =>
  entry(
    'order.given',
    { order: `order-${number}`, number, kind: 'stop', scope: { kind: 'all' }, reason: '', sessions: [], ...data },
    person('ann'),
  );
const asked = (by = 'ann', latch = 'order-1') => entry('release.asked', { release: 'r', latch, reason: 'fine again' }, person(by));
const released = (by = 'bob', askedBy = 'ann') => entry('latch.released', { release: 'r', latch: 'order-1', askedBy }, person(by));
const stopAt = (tick: number, lastSequence: number, number = 1) =>
  order(number, { sessions: [{ session: 'S', tick, lastSequence, settled: true }] });

/** Writes a session's segments as the server does. */
const recorder = (session = 'S') => {
  let head = genesisHead(session, sha256);
  let next = 0;
  let out = 0;
  return {
    segment: (count: number, left = 0, change: Record<string, unknown> = {}): Entry => {
      const previous = toBase64(head);
      const ticks = Array.from({ length: count }, (_, i) => sha256(Buffer.from(`${session} ${next + i}`)));
      head = ticks.reduce((at, tick) => chainStep(at, tick, sha256), head);
      const data = { session, fromTick: next, toTick: next + count - 1, previous, ticks: ticks.map(toBase64), head: toBase64(head) };
      const segment = entry('session.segment', { ...data, out: { first: out, last: out + left }, withheld: 0, late: 0, ...change });
      next += count;
      out += left;
      return segment;
    },
    attached: (lost: number): Entry => {
      next += lost;
      return entry('session.attached', { session, fromTick: next, previous: toBase64(head), lost });
    },
    ended: (): Entry => entry('session.ended', { session, lastTick: next - 1, head: toBase64(head), reason: 'closed' }),
  };
};
const audit = (...entries: Entry[]) => {
  const auditor = openSessionAudit({ sha256 });
  entries.forEach((each, index) => {
    auditor.entry(index, each);
  });
  return auditor.finish();
};
const found = (...entries: Entry[]) => audit(...entries).findings.map(({ code, message }) => `${code}: ${message}`);
const codes = (...entries: Entry[]) => audit(...entries).findings.map(({ code }) => code);

describe('a session', () => {
  it('is whole from open to end', () => {
    const [a, b] = [recorder('A'), recorder('B')];
    const report = audit(opened('A'), opened('B'), a.attached(0), a.segment(5, 3), b.segment(5), a.segment(5, 2), a.ended(), b.segment(2));
    expect(report).toEqual({ sessions: 2, open: ['B'], ticks: 17, orders: 0, inForce: [], findings: [], suppressed: 0 });
  });

  it('has a hole', () => {
    const s = recorder();
    const entries = [opened(), s.segment(120, 4), s.segment(5), s.segment(5)];
    const report = audit(...entries.filter((_, i) => i !== 2));
    expect(report.findings).toMatchObject([
      {
        code: 'ticks_missing',
        index: 2,
        session: 'S',
        fromTick: 120,
        toTick: 124,
        message: 'Session S: ticks 120 to 124 have no evidence.',
      },
      { code: 'chain_broken', index: 2 },
    ]);
  });

  it('lost ticks in a crash, which is said and found', () => {
    const s = recorder();
    expect(found(opened(), s.segment(5, 1), s.attached(3), s.segment(5, 2), s.ended())).toEqual([
      'ticks_lost: Session S: ticks 5 to 7 have no evidence; the server says that a crash took it.',
    ]);
    const liar = recorder();
    const lie = [opened(), liar.segment(5), { ...liar.attached(3) }];
    expect(codes(...lie.map((each) => (each.kind === 'session.attached' ? entry(each.kind, { ...each.data, lost: 2 }) : each)))).toEqual([
      'ticks_lost',
      'ticks_missing',
    ]);
  });

  it.each([
    ['a digest that was changed', { ticks: Array(5).fill(toBase64(sha256(Buffer.from('x')))) }, ['head_differs']],
    ['a digest less', { ticks: [toBase64(sha256(Buffer.from('S 5')))] }, ['segment_length', 'head_differs']],
    ['another head', { head: toBase64(sha256(Buffer.from('x'))) }, ['head_differs', 'chain_broken']],
    ['another head before', { previous: toBase64(sha256(Buffer.from('x'))) }, ['chain_broken', 'head_differs']],
    ['a later first tick', { fromTick: 6, toTick: 10 }, ['ticks_missing', 'ticks_repeated']],
    ['an earlier first tick', { fromTick: 4 }, ['ticks_repeated', 'segment_length']],
    ['ticks that run backwards', { toTick: 4 }, ['segment_length', 'ticks_missing']],
    ['output that jumped before it', { out: { first: 9, last: 9 } }, ['output_gap', 'output_gap']],
    ['output that went back', { out: { first: 3, last: 2 } }, ['output_backwards', 'output_gap']],
    ['a hash that is none', { head: 'x' }, ['entry_malformed', 'ticks_missing', 'chain_broken']],
    ['a number that is text', { toTick: '9' }, ['entry_malformed', 'ticks_missing', 'chain_broken']],
    ['no output numbers', { out: null }, ['entry_malformed', 'ticks_missing', 'chain_broken']],
  ])('has a segment with %s', (_, change, expected) => {
    const s = recorder();
    expect(codes(opened(), s.segment(5, 3), s.segment(5, 0, change), s.segment(5), s.ended()).sort()).toEqual([...expected].sort());
  });

  it('was never opened, opened twice, or goes on after its end', () => {
    const [a, b, c] = [recorder(), recorder(), recorder()];
    expect(codes(a.segment(5))).toEqual(['session_unknown']);
    expect(codes(opened(), b.segment(5), opened(), b.segment(5))).toEqual(['session_reopened']);
    expect(codes(opened(), c.segment(5), c.ended(), c.segment(5))).toEqual(['session_after_end']);
  });

  it('ends too early', () => {
    const s = recorder();
    const entries = [opened(), s.segment(5), s.segment(5), s.ended()];
    expect(codes(...entries.filter((_, i) => i !== 2))).toEqual(['ticks_missing', 'chain_broken']);
  });

  it('shows any segment that is taken out, doubled or swapped', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 8 }), fc.nat(), fc.nat(2), (sizes, pick, how) => {
        const s = recorder();
        const segments = sizes.map((size) => s.segment(size, 1));
        const at = pick % (sizes.length - 1);
        const damaged = [...segments];
        if (how === 0) damaged.splice(at, 1);
        if (how === 1) damaged.splice(at, 0, ...segments.slice(at, at + 1));
        if (how === 2) damaged.splice(at, 2, ...segments.slice(at, at + 2).reverse());
        const end = s.ended();
        expect(codes(opened(), ...segments, end)).toEqual([]);
        expect(codes(opened(), ...damaged, end).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('orders', () => {
  it('have numbers without gaps, in whatever order they were stored', () => {
    expect(codes(order(1), order(3), order(2), order(4))).toEqual([]);
    expect(found(order(1), order(6), order(3), order(8))).toEqual([
      'order_number_missing: Order number 2 is missing.',
      'order_number_missing: Order numbers 4 to 5 are missing.',
      'order_number_missing: Order number 7 is missing.',
    ]);
    expect(codes(order(1), order(2), order(1, { order: 'other' }))).toEqual(['order_number_repeated']);
    expect(codes(order(1), order(2, { order: 'order-1' }))).toEqual(['order_repeated']);
    expect(codes(order(2))).toEqual(['order_number_missing']);
    expect(codes(order(0))).toEqual(['entry_malformed']);
  });

  it('silence what they cover until the release', () => {
    const s = recorder();
    const report = audit(
      opened(),
      s.segment(5, 4),
      s.segment(5, 2),
      stopAt(7, 6),
      s.segment(5),
      s.segment(5),
      asked(),
      released(),
      s.segment(5, 3),
    );
    expect(report).toMatchObject({ findings: [], orders: 1, inForce: [] });
  });

  it('leave a human free to speak: the acknowledged number counts those frames too', () => {
    const s = recorder();
    expect(codes(opened(), s.segment(5, 4), stopAt(4, 9), s.segment(5))).toEqual([]);
  });

  it('show every frame that left against them', () => {
    const s = recorder();
    const report = audit(opened(), s.segment(5, 4), stopAt(4, 4), s.segment(5), s.segment(5, 1), s.segment(5));
    expect(report.findings.map(({ code, fromTick, toTick }) => [code, fromTick, toTick])).toEqual([
      ['output_after_order', 10, 14],
      ['output_after_order', 15, 19],
    ]);
    expect(report.findings[0]?.message).toBe(
      'Session S, ticks 10 to 14: output went from #4 to #5, though order order-1 closed the gate in tick 4 after #4 and had not been released.',
    );
    expect(report.inForce).toEqual(['order-1']);
  });

  it('bind evidence that was stored before them', () => {
    const s = recorder();
    expect(codes(opened(), s.segment(5, 4), s.segment(5, 1), stopAt(4, 4))).toEqual(['output_after_order']);
    const quiet = recorder();
    expect(codes(opened(), quiet.segment(5, 4), quiet.segment(5), stopAt(4, 4))).toEqual([]);
  });

  it('stay in force while another one is released', () => {
    const s = recorder();
    expect(codes(opened(), s.segment(5), stopAt(4, 0), stopAt(4, 0, 2), asked(), released(), s.segment(5, 1))).toEqual([
      'output_after_order',
    ]);
  });

  it('of other kinds silence nothing', () => {
    const s = recorder();
    const mute = order(1, { kind: 'mute', sessions: [{ session: 'S', tick: 0, lastSequence: 0, settled: true }] });
    expect(codes(opened(), mute, s.segment(5), s.segment(5, 3))).toEqual([]);
  });

  it('may name their sessions in further entries', () => {
    const s = recorder();
    const more = entry('order.sessions', { order: 'order-1', sessions: [{ session: 'S', tick: 4, lastSequence: 0 }] });
    expect(codes(opened(), s.segment(5), order(1), more, s.segment(5, 1))).toEqual(['output_after_order']);
    expect(codes(more)).toEqual(['order_unknown']);
  });
});

describe('releases', () => {
  it('need two people', () => {
    expect(codes(order(1), asked(), released())).toEqual([]);
    expect(codes(order(1), asked(), released('ann'))).toEqual(['release_by_one_person']);
    expect(codes(order(1), asked('ann'), released('ann', 'bob'))).toEqual(['release_differs', 'release_by_one_person']);
    expect(codes(order(1), asked(), { ...released(), by: { kind: 'key', id: 'k', role: 'developer' } })).toEqual(['release_not_by_people']);
    expect(codes(order(1), { ...asked(), by: { kind: 'system', id: 'ann', role: '' } }, released())).toEqual(['release_not_by_people']);
  });

  it('need a latch, an asker, and that nobody withdrew', () => {
    const withdrawn = entry('release.withdrawn', { release: 'r', latch: 'order-1' });
    expect(codes(asked(), released())).toEqual(['latch_unknown']);
    expect(codes(order(1, { kind: 'whisper' }), asked(), released())).toEqual(['latch_unknown']);
    expect(codes(order(1), released())).toEqual(['release_unknown']);
    expect(codes(withdrawn)).toEqual(['release_unknown']);
    expect(codes(order(1), asked(), withdrawn, released())).toEqual(['release_withdrawn']);
    expect(codes(order(1), asked('ann', 'order-9'), released())).toEqual(['release_differs']);
    expect(codes(order(1), asked(), released(), released())).toEqual(['latch_released_twice', 'release_withdrawn']);
    expect(codes(order(1), asked(), { ...released(), by: { kind: 'person', id: '', role: '' } })).toEqual(['entry_malformed']);
  });
});

describe('the audit', () => {
  it('passes over what it does not know, and stumbles over nothing', () => {
    expect(codes(entry('charter.amended', {}))).toEqual([]);
    const auditor = openSessionAudit({ sha256, limit: 4 });
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('session.opened', 'session.segment', 'order.given', 'latch.released'), (value, kind) => {
        auditor.entry(0, value);
        auditor.entry(0, { kind, data: value, by: value });
      }),
    );
    const report = auditor.finish();
    expect(report.findings).toHaveLength(4);
    expect(report.suppressed).toBeGreaterThan(100);
  });
});
