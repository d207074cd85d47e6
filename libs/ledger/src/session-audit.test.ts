import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from './base64.ts';
import { audit, codes, entry, opened, recorder, sha256 } from './evidence-fixture.ts';
import { openSessionAudit } from './session-audit.ts';

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
    const ended = audit(
      opened(),
      whole.segment(5),
      { ...whole.attached(0), data: { ...whole.attached(0).data, lost: 2 } },
      whole.segment(5),
    );
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
