import { type Checkpoint, type Decision, NO_OBLIGATIONS, type PolicyRequest, VERDICTS, type Verdict } from '@wheelhouse/protocol/policy';
import { applyingTo } from './cedar-machine.ts';
import { cedarCall } from './cedar-request.ts';
import type { LoadedPolicy } from './load-bundle.ts';
import { strictestOf } from './obligations.ts';
import type { ReadPolicy } from './read-policies.ts';

/** Stands for the digest where no bundle is in force. */
export const NO_BUNDLE = 'none';

const LONGEST_ERROR = 1000;
const MOST_ERRORS = 20;

/** Where there is something that a part can be taken out of. Elsewhere `redact` denies. */
export const REDACTABLE: ReadonlySet<Checkpoint> = new Set<Checkpoint>(['tick.input', 'tick.output']);

/** A decision with every policy that applied, the ones that a stricter one overruled too. */
export type Deliberation = { readonly decision: Decision; readonly applied: readonly ReadPolicy[] };

/**
 * What policy says to a request, by Cedar and nothing else: no memory, no clock. Anything that goes wrong is `deny` with `errors`. Cedar by itself skips
 * a policy that fails, so that a forbid that reads what is not there would allow; here it denies.
 */
export function decide(policy: LoadedPolicy | null, request: PolicyRequest): Decision {
  return deliberate(policy, request).decision;
}

/** `decide` with what it rests on. */
export function deliberate(policy: LoadedPolicy | null, request: PolicyRequest): Deliberation {
  if (policy === null) return { decision: failed(['There is no policy bundle in force that can be loaded.'], NO_BUNDLE), applied: [] };
  const { permits, forbids, errors } = applyingTo(policy.cedar, cedarCall(request));
  if (errors.length > 0) return { decision: failed(errors, policy.digest), applied: [] };
  const applied = [...permits, ...forbids].flatMap((id) => policy.policies.get(id) ?? []);
  const strictest = permits.length === 0 ? 'deny' : strictestVerdict(applied);
  const decision: Decision = {
    verdict: strictest === 'redact' && !REDACTABLE.has(request.checkpoint) ? 'deny' : strictest,
    policies: applied
      .filter((each) => each.verdict === strictest)
      .map(({ id }) => id)
      .sort(),
    obligations: strictestOf(applied.map(({ asks }) => asks)),
    errors: [],
    bundle: policy.digest,
  };
  return { decision, applied };
}

function strictestVerdict(policies: readonly ReadPolicy[]): Verdict {
  return VERDICTS[Math.max(...policies.map(({ verdict }) => VERDICTS.indexOf(verdict)))] ?? 'deny';
}

function failed(errors: readonly string[], bundle: string): Decision {
  const obligations = { ...NO_OBLIGATIONS, notify: ['operators'], record: true };
  const clipped = errors.slice(0, MOST_ERRORS).map((error) => error.toWellFormed().slice(0, LONGEST_ERROR).toWellFormed());
  return { verdict: 'deny', policies: [], obligations, errors: clipped, bundle };
}
