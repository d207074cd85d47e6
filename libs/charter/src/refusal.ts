import type { ProblemCode } from '@wheelhouse/protocol/problem';

/** An act that the charter does not allow, and why, in words for the one who tried. */
export type Refusal = { readonly refused: ProblemCode; readonly message: string };

export function isRefusal(answer: readonly unknown[] | Refusal): answer is Refusal {
  return 'refused' in answer;
}
