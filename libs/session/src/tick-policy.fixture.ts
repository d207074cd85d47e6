import { type Decision, NO_OBLIGATIONS, type Obligations, type Verdict } from '@wheelhouse/protocol/policy';
import type { TickPolicy } from './tick-policy.ts';

export function decision(verdict: Verdict, obligations: Partial<Obligations> = {}): Decision {
  const policies = verdict === 'allow' ? ['allow'] : [`${verdict}-it`];
  return { verdict, policies, obligations: { ...NO_OBLIGATIONS, ...obligations }, errors: [], bundle: 'sha256:0' };
}

/** Rules that permit everything at once. */
export const allowing: TickPolicy = {
  input: () => decision('allow'),
  output: () => decision('allow'),
  call: () => decision('allow'),
  listens: false,
};
