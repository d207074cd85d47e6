import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from './base64.ts';
import { openSessionAudit } from './session-audit.ts';
import { chainStep, genesisHead } from './tick-chain.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
type By = { kind: string; id: string; role: string; person?: string };
type Entry = { kind: string; by: By; time?: string; data: Record<string, unknown> };
const person = (id: string): By => ({ kind: 'person', id, role: 'operator' });
const keyOf = (id: string): By => ({ kind: 'key', id: `key-${id}`, role: 'operator', person: id });
const entry = (kind: string, data: Record<string, unknown>, by = person('system')): Entry => ({ kind, by, data });

const opened = (session = 'S') => entry('session.opened', { session, tenant: 't', deployment: 'd', model: 'm', level: 2 });
const order = (number: number, data: Record<string, unknown> = {}) =>
  entry(
    'order.given',
    { order: `order-${number}`, number, kind: 'stop', scope: { type: 'everything' }, reason: '', covered: 0, ...data },
    person('ann'),
  );
const effect = (tick: number, lastSequence: number, session = 'S') => ({ session, tick, lastSequence, settled: true });
const applied = (sessions: ReturnType<typeof effect>[], part = 1, number = 1) =>
  entry('order.applied', { order: `order-${number}`, part, sessions }, person('ann'));
const asked = (by = 'ann', latch = 'order-1') => entry('release.asked', { release: 'r', latch, reason: 'fine again' }, person(by));
const released = (by = 'bob', askedBy = 'ann') => entry('latch.released', { release: 'r', latch: 'order-1', askedBy }, person(by));
const stopAt = (tick: number, lastSequence: number, number = 1) => [
  order(number, { covered: 1 }),
  applied([effect(tick, lastSequence)], 1, number),
];

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
    expect(report).toEqual({ sessions: 2, open: ['B'], ticks: 17, orders: 0, inForce: [], findings: [], suppressed: 0, faults: 0 });
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

  it('lost ticks in a crash, which is noted', () => {
    const s = recorder();
    const report = audit(opened(), s.segment(5, 1), s.attached(3), s.segment(5, 2, { out: { first: 8, last: 9 } }), s.ended());
    expect(report.findings).toEqual([
      {
        code: 'ticks_lost',
        severity: 'note',
        index: 2,
        session: 'S',
        fromTick: 5,
        toTick: 7,
        message: 'Session S: a crash took the evidence of up to 3 ticks; ticks 5 to 7 have none.',
      },
    ]);
    expect(report.faults).toBe(0);
    const liar = recorder();
    const lie = [opened(), liar.segment(5), { ...liar.attached(3) }];
    const few = audit(...lie.map((each) => (each.kind === 'session.attached' ? entry(each.kind, { ...each.data, lost: 2 }) : each)));
    expect(few.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['ticks_lost', 'note'],
      ['ticks_missing', 'fault'],
    ]);
    const whole = recorder();
    const ended = audit(opened(), whole.segment(5), { ...whole.attached(0), data: { ...whole.attached(0).data, lost: 2 } }, whole.segment(5));
    expect(ended.findings.map(({ message }) => message)).toEqual(['Session S: a crash took the evidence of up to 2 ticks before tick 5.']);
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
      ...stopAt(7, 6),
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
    expect(codes(opened(), s.segment(5, 4), ...stopAt(4, 9), s.segment(5))).toEqual([]);
  });

  it('show every frame that left against them', () => {
    const s = recorder();
    const report = audit(opened(), s.segment(5, 4), ...stopAt(4, 4), s.segment(5), s.segment(5, 1), s.segment(5));
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
    expect(codes(opened(), s.segment(5, 4), s.segment(5, 1), ...stopAt(4, 4))).toEqual(['output_after_order']);
    const quiet = recorder();
    expect(codes(opened(), quiet.segment(5, 4), quiet.segment(5), ...stopAt(4, 4))).toEqual([]);
  });

  it('stay in force while another one is released', () => {
    const s = recorder();
    expect(codes(opened(), s.segment(5), ...stopAt(4, 0), ...stopAt(4, 0, 2), asked(), released(), s.segment(5, 1))).toEqual([
      'output_after_order',
    ]);
  });

  it('hold in the very segment that they fell into', () => {
    const s = recorder();
    expect(codes(opened(), s.segment(5, 4), ...stopAt(7, 5), s.segment(5, 2))).toEqual(['output_after_order']);
    const quick = recorder();
    expect(codes(opened(), quick.segment(5, 4), ...stopAt(7, 5), asked(), released(), quick.segment(5, 2))).toEqual([]);
  });

  it('of other kinds silence nothing', () => {
    const s = recorder();
    const mute = [order(1, { kind: 'mute', covered: 1 }), applied([effect(0, 0)])];
    expect(codes(opened(), ...mute, s.segment(5), s.segment(5, 3))).toEqual([]);
  });

  it('name their sessions in parts, without a gap and as many as they covered', () => {
    const part = (n: number, session: string) => applied([effect(4, 0, session)], n);
    expect(codes(order(1, { covered: 2 }), part(2, 'B'), part(1, 'A'))).toEqual([]);
    expect(codes(part(1, 'A'))).toEqual(['order_unknown']);
    expect(found(order(1, { covered: 3 }), part(1, 'A'))).toEqual([
      'order_part_missing: Order order-1 (number 1) covered 3 sessions; what it met is recorded for 1.',
    ]);
    expect(found(order(1, { covered: 3 }), part(1, 'A'), part(3, 'B'))).toEqual([
      'order_part_missing: Order order-1 (number 1) covered 3 sessions; what it met is recorded for 2; part 2 is missing.',
    ]);
    expect(codes(order(1, { covered: 1 }), part(7_000_000_000, 'A'))).toEqual(['order_part_missing']);
    expect(codes(order(1, { covered: 1 }), part(1, 'A'), part(2, 'B'))).toEqual(['order_sessions_differ']);
    expect(codes(order(1, { covered: 2 }), part(1, 'A'), part(2, 'A'))).toEqual(['order_sessions_differ']);
    expect(codes(order(1, { covered: 1 }), part(1, 'A'), part(1, 'A'))).toEqual(['order_part_repeated']);
  });

  it('may have parts under way, or lost in a crash, which is noted', () => {
    const late = { ...order(1, { covered: 1 }), time: '2026-01-01T00:00:10.000Z' };
    const auditor = openSessionAudit({ sha256 });
    auditor.entry(0, late);
    expect(auditor.finish('2026-01-01T00:00:09.000Z').findings).toMatchObject([{ code: 'order_part_missing', severity: 'note' }]);
    expect(audit(late).findings).toMatchObject([{ severity: 'fault' }]);
    const restart = (time: string, stoppedCleanly: boolean) => ({ ...entry('server.started', { version: '1', node: 'n', stoppedCleanly }), time });
    expect(audit(late, restart('2026-01-01T00:00:11.000Z', false)).findings).toMatchObject([{ severity: 'note' }]);
    expect(audit(late, restart('2026-01-01T00:00:11.000Z', true)).findings).toMatchObject([{ severity: 'fault' }]);
    expect(audit(restart('2026-01-01T00:00:09.000Z', false), late).findings).toMatchObject([{ severity: 'fault' }]);
  });
});

describe('a latch that covers a new session', () => {
  const scopes = [
    { type: 'everything' },
    { type: 'tenant', tenant: 't' },
    { type: 'deployment', deployment: 'd' },
    { type: 'model', model: 'm' },
    { type: 'level', atLeast: 2 },
  ];
  it.each(scopes)('silences it from its start: $type', (scope) => {
    const [s, after] = [recorder(), recorder()];
    expect(codes(order(1, { scope }), opened(), s.attached(0), s.segment(5), s.segment(5, 1))).toEqual(['output_after_order']);
    expect(codes(order(1, { scope, kind: 'mute' }), opened(), s.attached(0))).not.toContain('output_after_order');
    expect(codes(order(1, { scope }), opened(), after.segment(5), asked(), released(), after.segment(5, 1))).toEqual([]);
  });

  it.each([{ type: 'tenant', tenant: 'x' }, { type: 'level', atLeast: 3 }, { type: 'session', session: '6f2f3a3e-0d3f-4f0e-9a51-3f1d8a0d2b77' }])(
    'leaves others alone: $type',
    (scope) => {
      const s = recorder();
      expect(codes(order(1, { scope }), opened(), s.segment(5, 3))).toEqual([]);
    },
  );

  it('silences one that goes on under it, from where it stood', () => {
    const s = recorder();
    const before = [opened(), s.segment(5, 4)];
    expect(codes(...before, order(1), s.attached(0), s.segment(5), s.segment(5))).toEqual([]);
    const t = recorder();
    expect(codes(opened(), t.segment(5, 4), order(1), t.attached(0), t.segment(5, 1))).toEqual(['output_after_order']);
    const crashed = recorder();
    const lost = [opened(), crashed.segment(5, 4), ...stopAt(4, 4), crashed.attached(4), crashed.segment(5, 0, { out: { first: 9, last: 9 } })];
    expect(codes(...lost)).toEqual(['ticks_lost']);
    expect(codes(...lost, crashed.segment(5, 0, { out: { first: 9, last: 10 } }))).toEqual(['ticks_lost', 'output_after_order']);
  });

  it('waits for the order to say whether it met the session, which is recorded later', () => {
    const s = recorder();
    // The session was attached and spoke before the order took effect in tick 7; all of it was recorded after the order.
    const late = [order(1, { covered: 1 }), opened(), s.attached(0), s.segment(5, 4), s.segment(5, 2)];
    expect(codes(...late, applied([effect(7, 6)]), s.segment(5))).toEqual([]);
    expect(codes(...late, applied([effect(7, 5)]))).toEqual(['output_after_order']);
    expect(codes(...late, applied([effect(7, 6, 'T')]))).toEqual(['output_after_order']);
    expect(codes(...late)).toEqual(['order_part_missing', 'output_after_order']);
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

  it('count the person behind an API key', () => {
    const askedByKey = { ...asked(), by: keyOf('ann') };
    expect(codes(order(1), askedByKey, released())).toEqual([]);
    expect(codes(order(1), askedByKey, released('ann'))).toEqual(['release_by_one_person']);
    expect(codes(order(1), askedByKey, released('bob', 'key-ann'))).toEqual(['release_differs']);
    expect(codes(order(1), asked(), { ...released(), by: keyOf('bob') })).toEqual(['release_not_by_people']);
    const posing = { ...person('ann'), person: 'bob' };
    expect(codes(order(1), asked(), { ...released(), by: posing })).toEqual(['release_by_one_person']);
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
