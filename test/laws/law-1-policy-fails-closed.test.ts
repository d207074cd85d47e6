import { VERDICTS } from '@wheelhouse/protocol/policy';
import { decide } from '@wheelhouse/policy/decide';
import { anyRequest, bundleOf, defaultBundle, fittingRequest, loaded } from '@wheelhouse/policy/bundles.fixture';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const PERMIT = '@id("yes") @reason("x") permit (principal, action, resource);';
/** The last two can fail: by an overflow, on some requests. */
const FORBIDS = [
  '@id("a") @reason("x") @verdict("redact") forbid (principal, action, resource) when { context.level >= 4 };',
  '@id("b") @reason("x") @verdict("hold") forbid (principal, action == Action::"tick.output", resource) when { context.signals.speech };',
  '@id("c") @reason("x") forbid (principal is Key, action, resource);',
  '@id("d") @reason("x") @verdict("redact") forbid (principal, action, resource) when { context.level + 9223372036854775804 > 0 };',
  '@id("e") @reason("x") @verdict("hold") forbid (principal, action, resource) when { context.deployment == "echo" && context.level - 9223372036854775807 < -9223372036854775806 };',
];

const strictness = (verdict: (typeof VERDICTS)[number]) => VERDICTS.indexOf(verdict);

describe('law 1, for policy: whatever restricts takes no more than itself', () => {
  it('never becomes milder by a forbid more, not even by one that fails', () => {
    const bundles = new Map<string, ReturnType<typeof loaded>>();
    const policyOf = (forbids: readonly string[]) => {
      const text = [PERMIT, ...forbids].join('\n');
      const known = bundles.get(text) ?? loaded(bundleOf(text));
      bundles.set(text, known);
      return known;
    };
    fc.assert(
      fc.property(fittingRequest, fc.subarray(FORBIDS), fc.constantFrom(...FORBIDS), (request, forbids, more) => {
        const before = decide(policyOf(forbids), request);
        const after = decide(policyOf([...forbids.filter((each) => each !== more), more]), request);
        expect(strictness(after.verdict)).toBeGreaterThanOrEqual(strictness(before.verdict));
        if (after.errors.length > 0) expect(after.verdict).toBe('deny');
      }),
      { numRuns: 200 },
    );
  });

  it('denies everything without a bundle, and everything that the schema does not take', () => {
    const policy = loaded(defaultBundle());
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(decide(null, request)).toMatchObject({ verdict: 'deny', policies: [] });
        const decision = decide(policy, request);
        if (decision.errors.length > 0) expect(decision).toMatchObject({ verdict: 'deny', policies: [] });
        if (decision.verdict !== 'deny') expect(decision.policies.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});
