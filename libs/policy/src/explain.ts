import type { Decision, Explanation, PolicyRequest, Verdict } from '@wheelhouse/protocol/policy';
import { deliberate } from './decide.ts';
import type { LoadedPolicy } from './load-bundle.ts';
import type { ReadPolicy } from './read-policies.ts';

const SAID: Readonly<Record<Verdict, string>> = {
  allow: 'Allowed',
  redact: 'Allowed with parts taken out',
  hold: 'Held: a human has to decide',
  deny: 'Denied',
};

/** A decision with every policy that applied, in its author's words. */
export function explain(policy: LoadedPolicy | null, request: PolicyRequest): Explanation {
  const { decision, applied } = deliberate(policy, request);
  return {
    request,
    decision,
    because: applied.map(({ id, effect, verdict, reason, text }) => ({ policy: id, effect, verdict, reason, text })),
    words: inWords(decision, applied, request),
  };
}

function inWords(
  { verdict, policies, errors }: Decision,
  applied: readonly ReadPolicy[],
  { checkpoint, principal }: PolicyRequest,
): string {
  const [error] = errors;
  if (error !== undefined) return `Denied at ${checkpoint}, because policy could not be decided: ${error}`;
  const reasons = applied.filter(({ id }) => policies.includes(id)).map(({ id, reason }) => `${reason} (${id})`);
  if (!applied.some(({ effect }) => effect === 'permit'))
    return [`Denied at ${checkpoint}: no policy permits this to ${principal.kind} ${principal.id} (${principal.role}).`, ...reasons].join(
      ' ',
    );
  return `${SAID[verdict]} at ${checkpoint}: ${reasons.join(' ')}`;
}
