import { describe, expect, it } from 'vitest';
import {
  applied,
  asked,
  audit,
  codes,
  effect,
  entry,
  found,
  keyOf,
  opened,
  order,
  person,
  recorder,
  released,
  sha256,
  stopAt,
} from './evidence-fixture.ts';
import { openSessionAudit } from './session-audit.ts';

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
    const restart = (time: string, stoppedCleanly: boolean) => ({
      ...entry('server.started', { version: '1', node: 'n', stoppedCleanly }),
      time,
    });
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

  it.each([
    { type: 'tenant', tenant: 'x' },
    { type: 'level', atLeast: 3 },
    { type: 'session', session: '6f2f3a3e-0d3f-4f0e-9a51-3f1d8a0d2b77' },
  ])('leaves others alone: $type', (scope) => {
    const s = recorder();
    expect(codes(order(1, { scope }), opened(), s.segment(5, 3))).toEqual([]);
  });

  it('silences one that goes on under it, from where it stood', () => {
    const s = recorder();
    const before = [opened(), s.segment(5, 4)];
    expect(codes(...before, order(1), s.attached(0), s.segment(5), s.segment(5))).toEqual([]);
    const t = recorder();
    expect(codes(opened(), t.segment(5, 4), order(1), t.attached(0), t.segment(5, 1))).toEqual(['output_after_order']);
    const crashed = recorder();
    const lost = [
      opened(),
      crashed.segment(5, 4),
      ...stopAt(4, 4),
      crashed.attached(4),
      crashed.segment(5, 0, { out: { first: 9, last: 9 } }),
    ];
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
