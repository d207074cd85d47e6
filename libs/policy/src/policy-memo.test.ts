import { isDeepStrictEqual } from 'node:util';
import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import { NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRequest, anySignals, bundleOf, defaultBundle, fittingRequest, loaded } from './bundles.fixture.ts';
import { decide } from './decide.ts';
import type { LoadedPolicy } from './load-bundle.ts';
import { PolicyMemo } from './policy-memo.ts';
import { packSignals } from './request-key.ts';
import { sampleRequest } from './sample-request.ts';

const PERMIT = '@id("yes") @reason("yes") permit (principal, action, resource);\n';

/** Policies that tell principals and resources apart by their ids, and one that fails. */
const NAMING = `${PERMIT}
@id("a") @reason("x") @verdict("hold") forbid (principal == Person::"ann", action, resource);
@id("b") @reason("x") forbid (principal, action, resource) when { principal is Engine && [Engine::"named", Engine::"\\u{fffd}"].contains(principal) };
@id("c") @reason("x") @verdict("redact") forbid (principal, action, resource == Session::"one");
@id("d") @reason("x") forbid (principal, action, resource) when { principal.tenant != resource.tenant && context.level == 4 };
@id("e") @reason("x") @verdict("hold") forbid (principal, action == Action::"tick.output", resource) when { context.level + 9223372036854775803 > 0 };`;

const ENUMERATED = defaultBundle().schema.replace(
  'entity Engine, Person, Key = { role: String, tenant: String };',
  'entity Engine, Person, Key = { role: String, tenant: String };\nentity Colour enum ["ann", "echo"];',
);

describe('a memo', () => {
  it.each<[string, LoadedPolicy | null]>([
    ['the default bundle', loaded(defaultBundle())],
    ['a bundle that names ids and fails', loaded(bundleOf(NAMING))],
    ['a bundle with an enumerated type', loaded(bundleOf(PERMIT, { schema: ENUMERATED }))],
    ['no bundle', null],
  ])('is plain Cedar, for %s, on any requests in any order', (_, policy) => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyRequest, fittingRequest), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(5)),
        (requests, again) => {
          const memo = new PolicyMemo(policy);
          const asked = [...requests, ...again.flatMap((i) => requests[i % requests.length] ?? [])];
          for (const request of asked) expect(memo.decide(request)).toEqual(decide(policy, request));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is plain Cedar for ticks, for sessions that share it, across epochs', () => {
    const epochs = [loaded(defaultBundle()), loaded(bundleOf(NAMING)), null];
    const tick = fc.tuple(fc.constantFrom('one', 'two', 'named'), anySignals, fc.constantFrom(1 as const, 4 as const, 5 as const));
    fc.assert(
      fc.property(fc.array(tick, { minLength: 1, maxLength: 4 }), (ticks) => {
        for (const policy of epochs) {
          const memo = new PolicyMemo(policy);
          const bound = new Map(
            ['one', 'two', 'named'].map((id) => {
              const principal = { kind: 'engine', id, role: 'engine', tenant: 'house' } as const;
              const resource = { kind: 'session', id, tenant: 'house' } as const;
              return [
                id,
                { principal, resource, decideTick: memo.bind('tick.output', principal, resource, { deployment: 'relay', model: 'm' }) },
              ];
            }),
          );
          for (const [id, signals, level] of [...ticks, ...ticks]) {
            const session = bound.get(id);
            if (session === undefined) throw new Error('unbound');
            const { principal, resource, decideTick } = session;
            const request: PolicyRequest = {
              ...{ checkpoint: 'tick.output', principal, resource },
              context: { level, deployment: 'relay', model: 'm', signals },
            };
            expect(decideTick(signals, level)).toEqual(decide(policy, request));
            expect(memo.decide(request)).toBe(decideTick(signals, level));
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('remembers once what it can say to every session, and for each what names it', () => {
    const memo = new PolicyMemo(loaded(bundleOf(NAMING)));
    const request = sampleRequest('session.open');
    for (let i = 0; i < 50; i += 1) memo.decide({ ...request, resource: { ...request.resource, id: `s${i}` } });
    expect(memo.size).toBe(1);
    expect(memo.decide({ ...request, principal: { ...request.principal, id: 'ann' } }).verdict).toBe('hold');
    expect(memo.size).toBe(2);
  });

  it('is bounded', () => {
    const memo = new PolicyMemo(null);
    const request = sampleRequest('session.open');
    for (let i = 0; i < 25_000; i += 1) {
      memo.decide({ ...request, resource: { ...request.resource, id: `s${i}` } });
      expect(memo.size).toBeLessThanOrEqual(10_000);
    }
    expect(memo.takeTally().length).toBeLessThanOrEqual(10_000);
  });

  it('counts what it is asked, once', () => {
    const memo = new PolicyMemo(loaded(defaultBundle()));
    const { principal, resource, context } = sampleRequest('tick.output');
    const decideTick = memo.bind('tick.output', principal, resource, context);
    for (let i = 0; i < 5; i += 1) decideTick(NO_SIGNALS, 3);
    memo.decide(sampleRequest('session.open'));
    expect(memo.takeTally().map(({ request, count }) => [request.checkpoint, count])).toEqual([
      ['tick.output', 5],
      ['session.open', 1],
    ]);
    expect(memo.takeTally()).toEqual([]);
    decideTick(NO_SIGNALS, 3);
    expect(memo.takeTally().map(({ count }) => count)).toEqual([1]);
  });

  it('gives out what nobody can change', () => {
    const memo = new PolicyMemo(loaded(defaultBundle()));
    const decision = memo.decide(sampleRequest('tick.output'));
    expect(() => decision.policies.push('x')).toThrow(TypeError);
    expect(() => {
      decision.obligations.holdBack = 0;
    }).toThrow(TypeError);
    expect(memo.decide(sampleRequest('tick.output'))).toBe(decision);
  });
});

describe('signals as a number', () => {
  it('are the same number exactly where they are the same signals', () => {
    const spelt = (signals: Signals) => ({
      ...signals,
      found: [...signals.found].sort(),
      foundOnScreen: [...signals.foundOnScreen].sort(),
    });
    fc.assert(
      fc.property(anySignals, anySignals, (a, b) => {
        expect(packSignals(a) === packSignals(b)).toBe(isDeepStrictEqual(spelt(a), spelt(b)));
        expect(Number.isSafeInteger(packSignals(a) * 8 + 5)).toBe(true);
      }),
    );
  });
});
