import { CHECKPOINTS, PolicyRequest, VERDICTS } from '@wheelhouse/protocol/policy';
import { NO_SIGNALS } from '@wheelhouse/protocol/signals';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRequest, bundleOf, defaultBundle, fittingRequest, loaded } from './bundles.fixture.ts';
import { plainAnswer } from './cedar-machine.ts';
import { cedarCall } from './cedar-request.ts';
import { decide, NO_BUNDLE } from './decide.ts';
import { runTests } from './run-tests.ts';
import { sampleRequest } from './sample-request.ts';

const NEEDED = [
  ['tick.input', 'signals'],
  ['tick.output', 'signals'],
  ['tool.call', 'tool'],
  ['level.change', 'to'],
  ['record.export', 'profile'],
] as const;

const PERMIT = '@id("yes") @reason("yes") permit (principal, action, resource);\n';

/** A schema whose tool calls need not have a tool: with the right policy text, a trap. */
function looseSchema(): string {
  return defaultBundle().schema.replace('tool: ToolFacts }', 'tool?: ToolFacts }');
}

describe('the bundle that Wheelhouse brings along', () => {
  it('passes its own tests, and has one for each policy', () => {
    const policy = loaded(defaultBundle());
    expect(runTests(policy).filter(({ ok }) => !ok)).toEqual([]);
    const decided = new Set(runTests(policy).flatMap(({ got }) => got.policies));
    expect([...decided].sort()).toEqual([...policy.policies.keys()].sort());
    expect(new Set(policy.bundle.tests.map(({ verdict }) => verdict)).size).toBe(VERDICTS.length);
  });

  it('is answered as plain Cedar answers where every forbid denies: allowed by it exactly where Cedar allows', () => {
    const policy = loaded(defaultBundle());
    fc.assert(
      fc.property(fittingRequest, (request) => {
        const plain = plainAnswer(policy.cedar, cedarCall(request));
        const decision = decide(policy, request);
        expect(decision.errors).toEqual([]);
        expect(decision.verdict === 'allow').toBe(plain.allow);
      }),
      { numRuns: 150 },
    );
  });

  it('denies whatever does not fit the schema, and says so', () => {
    const policy = loaded(defaultBundle());
    fc.assert(
      fc.property(anyRequest, (request) => {
        const plain = plainAnswer(policy.cedar, cedarCall(request));
        const { verdict, errors } = decide(policy, request);
        expect(errors.length > 0).toBe(plain.errors > 0);
        if (errors.length > 0) expect(verdict).toBe('deny');
      }),
      { numRuns: 150 },
    );
  });

  it('needs of each checkpoint what it is about', () => {
    const policy = loaded(defaultBundle());
    for (const checkpoint of CHECKPOINTS) expect(decide(policy, sampleRequest(checkpoint)).errors).toEqual([]);
    for (const [name, field] of NEEDED) {
      const request = sampleRequest(name);
      const context = Object.fromEntries(Object.entries(request.context).filter(([key]) => key !== field));
      const decision = decide(policy, PolicyRequest.parse({ ...request, context }));
      expect(decision.verdict).toBe('deny');
      expect(decision.errors.join()).toContain('context');
    }
  });
});

describe('a decision', () => {
  it('falls into no trap: a forbid that reads what is not there denies, where Cedar by itself would allow', () => {
    const trap = `${PERMIT}@id("trap") @reason("no") @verdict("hold") forbid (principal, action == Action::"tool.call", resource) when { context.level + 9223372036854775807 > 0 };`;
    const policy = loaded(bundleOf(trap));
    const request = sampleRequest('tool.call');
    expect(plainAnswer(policy.cedar, cedarCall(request))).toEqual({ ok: true, allow: true, errors: 1 });
    const decision = decide(policy, request);
    expect(decision).toMatchObject({ verdict: 'deny', policies: [], obligations: { notify: ['operators'], record: true } });
    expect(decision.errors.join()).toContain('trap');
  });

  it('is deny without a bundle', () => {
    expect(decide(null, sampleRequest('tick.output'))).toMatchObject({ verdict: 'deny', policies: [], bundle: NO_BUNDLE });
    expect(decide(null, sampleRequest('tick.output')).errors).toHaveLength(1);
  });

  it('is deny where only a holding forbid applies and no permit does', () => {
    const policy = loaded(
      bundleOf(
        `@id("elsewhere") @reason("x") permit (principal, action == Action::"session.open", resource);
         @id("holds") @reason("x") @verdict("hold") forbid (principal, action == Action::"tool.call", resource);`,
      ),
    );
    expect(decide(policy, sampleRequest('tool.call'))).toMatchObject({ verdict: 'deny', policies: [], errors: [] });
  });

  it('is the strictest of what forbids, and names those', () => {
    const verdicts = ['redact', 'hold', 'deny'] as const;
    for (const strictest of [1, 2, 3]) {
      const forbids = verdicts
        .slice(0, strictest)
        .map((verdict) => `@id("${verdict}") @reason("x") @verdict("${verdict}") forbid (principal, action, resource);`);
      const policy = loaded(bundleOf(PERMIT + forbids.join('\n')));
      const last = verdicts[strictest - 1] ?? 'deny';
      expect(decide(policy, sampleRequest('tick.output'))).toMatchObject({ verdict: last, policies: [last] });
    }
  });

  it('denies where there is nothing to redact', () => {
    const policy = loaded(bundleOf(`${PERMIT}@id("r") @reason("x") @verdict("redact") forbid (principal, action, resource);`));
    expect(decide(policy, sampleRequest('tick.output')).verdict).toBe('redact');
    expect(decide(policy, sampleRequest('tool.call'))).toMatchObject({ verdict: 'deny', policies: ['r'] });
  });

  it('binds to the strictest of what all that applies asks for', () => {
    const policy = loaded(
      bundleOf(
        `@id("a") @reason("x") @holdBack("1") @onTimeout("pass") @watermark("true") permit (principal, action, resource);
         @id("b") @reason("x") @holdBack("4") @onTimeout("hold") permit (principal, action, resource);
         @id("c") @reason("x") @onTimeout("stop") permit (principal, action, resource) when { context.level == 5 };
         @id("d") @reason("x") @verdict("redact") @notify("operators") @record("true") forbid (principal, action, resource) when { context.level == 5 };`,
      ),
    );
    const request = sampleRequest('tick.output');
    expect(decide(policy, request).obligations).toEqual({ holdBack: 4, onTimeout: 'hold', watermark: true, notify: [], record: false });
    expect(decide(policy, { ...request, context: { ...request.context, level: 5 } })).toMatchObject({
      verdict: 'redact',
      obligations: { holdBack: 4, onTimeout: 'stop', watermark: true, notify: ['operators'], record: true },
    });
  });

  it('is made by the bundle that it is asked of, however many are loaded', () => {
    const policies = Array.from({ length: 20 }, (_, i) => loaded(bundleOf(PERMIT.replaceAll('"yes"', `"p${i}"`))));
    for (let round = 0; round < 2; round += 1)
      for (const [i, policy] of policies.entries())
        expect(decide(policy, sampleRequest('tick.output'))).toMatchObject({ policies: [`p${i}`], bundle: policy.digest });
  });

  it('sees no field where a field is undefined', () => {
    const policy = loaded(
      bundleOf(`@id("t") @reason("x") permit (principal, action == Action::"tool.call", resource) unless { context has tool };`, {
        schema: looseSchema(),
      }),
    );
    const { tool, ...context } = sampleRequest('tool.call').context;
    expect(tool).toBeDefined();
    expect(decide(policy, { ...sampleRequest('tool.call'), context: { ...context, signals: NO_SIGNALS } }).verdict).toBe('allow');
  });
});
