import { type Checkpoint, CHECKPOINTS, type PolicyBundle, type PolicyFault, VERDICTS } from '@wheelhouse/protocol/policy';
import type { Sha256 } from './bundle-text.ts';
import { decide, deliberate, REDACTABLE } from './decide.ts';
import { literalsIn } from './literals.ts';
import { loadBundle, type LoadedPolicy } from './load-bundle.ts';
import { randomRequest, steadyDraw } from './random-request.ts';

/** Requests that are tried at each checkpoint for policies that no test touched. */
const TRIALS = 400;

/**
 * Everything that is wrong with a bundle: what keeps it from being loaded, and else what loads and contradicts itself (policies that nothing made apply,
 * checkpoints where all that is permitted is forbidden as well) or does nothing. What a test of the bundle's own shows to work is never called a
 * contradiction. Takes up to a second; the same bundle, the same answer.
 */
export function lintBundle(bundle: PolicyBundle, sha256: Sha256): readonly PolicyFault[] {
  const loading = loadBundle(bundle, sha256);
  if (!loading.ok) return loading.faults;
  const { policy, warnings } = loading;
  const tested = touchedByTests(policy);
  const tried = tryPolicies(policy, tested);
  const faults = [...policy.policies.values()].flatMap(({ id, file, line, effect }): PolicyFault[] => {
    const about = { severity: 'warning', file, policy: id } as const;
    if (tested.has(id)) return [];
    const untested = { ...about, code: 'untested', message: `line ${line}: no test makes the ${effect} apply; write one` };
    if (tried.reached.has(id)) return [untested];
    const message = `line ${line}: of ${TRIALS} requests at each checkpoint none made the ${effect} apply; its conditions may contradict each other`;
    return [untested, { ...about, severity: 'error', code: 'never_applies', message }];
  });
  return [...warnings, ...faults, ...tried.faults, ...meaningless(policy), ...doubled(bundle)];
}

function touchedByTests(policy: LoadedPolicy): ReadonlySet<string> {
  return new Set(policy.bundle.tests.flatMap(({ request }) => deliberate(policy, request).applied.map(({ id }) => id)));
}

type Trials = { readonly reached: ReadonlySet<string>; readonly faults: readonly PolicyFault[] };

function tryPolicies(policy: LoadedPolicy, tested: ReadonlySet<string>): Trials {
  const words = literalsIn([...policy.policies.values()].map(({ json }) => json));
  const reached = new Set<string>();
  const faults: PolicyFault[] = [];
  const passing = new Set(
    policy.bundle.tests.flatMap(({ request }) => (decide(policy, request).verdict === 'deny' ? [] : request.checkpoint)),
  );
  const draw = steadyDraw(1);
  for (const checkpoint of CHECKPOINTS) {
    const seen = { permitted: false, passed: passing.has(checkpoint), taken: false };
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const { decision, applied } = deliberate(policy, randomRequest(checkpoint, words, draw));
      for (const { id } of applied) reached.add(id);
      seen.taken ||= decision.errors.length === 0;
      seen.permitted ||= applied.some(({ effect }) => effect === 'permit');
      seen.passed ||= decision.verdict !== 'deny';
      const all = [...policy.policies.keys()].every((id) => tested.has(id) || reached.has(id));
      if (seen.passed && all) break;
    }
    const fault = deadEnd(checkpoint, seen);
    if (fault !== null) faults.push(fault);
  }
  return { reached, faults };
}

type Seen = { readonly permitted: boolean; readonly passed: boolean; readonly taken: boolean };

function deadEnd(checkpoint: Checkpoint, { permitted, passed, taken }: Seen): PolicyFault | null {
  // Where the schema takes nothing, loading has said so.
  if (passed || !taken) return null;
  const about = { severity: 'warning', file: null, policy: null } as const;
  const tried = `of ${TRIALS} requests`;
  if (!permitted)
    return { ...about, code: 'no_permit', message: `Everything at ${checkpoint} is denied: ${tried} no permit applied to any.` };
  const message = `Everything at ${checkpoint} is denied: ${tried} each that was permitted was also forbidden.`;
  return { ...about, severity: 'error', code: 'always_denied', message };
}

/** `redact` at a checkpoint where there is nothing to take a part out of. */
function meaningless(policy: LoadedPolicy): readonly PolicyFault[] {
  return [...policy.policies.values()].flatMap(({ id, file, line, verdict, json }): PolicyFault[] => {
    const { ids } = literalsIn([json]);
    const elsewhere = CHECKPOINTS.filter((each) => ids.has(each) && !REDACTABLE.has(each));
    if (verdict !== 'redact' || elsewhere.length === 0) return [];
    const message = `line ${line}: there is nothing to redact at ${elsewhere.join(', ')}, where "redact" denies`;
    return [{ severity: 'warning', code: 'nothing_to_redact', file, policy: id, message }];
  });
}

/** Tests of one name and verdict: of each only the last would be seen. */
function doubled({ tests }: PolicyBundle): readonly PolicyFault[] {
  const names = tests.map(({ name, verdict }) => `${VERDICTS.indexOf(verdict)}${name}`);
  return tests
    .filter((_, i) => names.indexOf(names[i] ?? '') < i)
    .map(({ name }) => ({
      severity: 'warning',
      code: 'duplicate_test',
      file: null,
      policy: null,
      message: `Two tests are called "${name}".`,
    }));
}
