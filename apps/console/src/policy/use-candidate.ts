import { useEffect, useState } from 'react';
import { Candidate } from './candidate.ts';

const KEY = 'wheelhouse.policy-candidate';

/** The candidate of this tab. It outlives a change of page and a reload, as a charter's draft does. */
export function useCandidate(): readonly [Candidate | null, (candidate: Candidate | null) => void] {
  const [candidate, setCandidate] = useState(stored);
  useEffect(() => {
    try {
      if (candidate === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, JSON.stringify(candidate));
    } catch {
      // No storage (private window, full): the candidate then lives as long as the page.
    }
  }, [candidate]);
  return [candidate, setCandidate];
}

function stored(): Candidate | null {
  try {
    const parsed = Candidate.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
