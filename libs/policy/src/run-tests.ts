import type { PolicyBundle, PolicyTestResult } from '@wheelhouse/protocol/policy';
import { type Deliberation, deliberate } from './decide.ts';
import type { LoadedPolicy } from './load-bundle.ts';

type Test = PolicyBundle['tests'][number];

/** Runs a bundle's own tests. Where a test names policies, exactly these must have decided. */
export function runTests(policy: LoadedPolicy): readonly PolicyTestResult[] {
  return policy.bundle.tests.map((test) => resultOf(test, deliberate(policy, test.request)));
}

function resultOf({ name, verdict, policies }: Test, { decision }: Deliberation): PolicyTestResult {
  const named = policies === undefined || [...policies].sort().join('\n') === decision.policies.join('\n');
  return { name, ok: decision.errors.length === 0 && decision.verdict === verdict && named, expected: verdict, got: decision };
}
