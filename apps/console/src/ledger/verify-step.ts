/** `open`: it could not be checked, and why is said. `none`: there is nothing to check. */
export type Outcome = 'good' | 'bad' | 'open' | 'none';

/** One hash of a calculation, named; for those who want to follow it. */
export type NamedHash = { readonly name: string; readonly hash: string };

/** One step of a verification: what was checked, with which result, and what that means. */
export type Step = {
  readonly id: 'fields' | 'place' | 'signature' | 'growth' | 'witnesses' | 'text' | 'powers' | 'kept' | 'order';
  readonly title: string;
  readonly outcome: Outcome;
  readonly result: string;
  readonly meaning: string;
  readonly hashes?: readonly NamedHash[];
};

export type Verdict = 'verified' | 'failed' | 'partial';

/** One step that fails condemns the whole; one that could not be made keeps it from being called verified. */
export function verdictOf(steps: readonly Step[]): Verdict {
  if (steps.some(({ outcome }) => outcome === 'bad')) return 'failed';
  return steps.some(({ outcome }) => outcome === 'open') ? 'partial' : 'verified';
}
