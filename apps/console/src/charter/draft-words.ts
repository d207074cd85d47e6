import type { CheckedCharter } from '@wheelhouse/protocol/charter-view';

const VERSION = /^(\s*"?version"?\s*:\s*)(\d+)/m;

/** The text with its version counted up: an amendment has to, and nobody should have to think of it. */
export function nextVersion(text: string): string {
  return text.replace(VERSION, (_all, key: string, version: string) => `${key}${Number(version) + 1}`);
}

/** What stands in the way of proposing a text; null where nothing does. */
export function cannotBeProposed(facts: {
  readonly isUnchanged: boolean;
  readonly isChecking: boolean;
  readonly checked: CheckedCharter | null;
}): string | null {
  if (facts.isUnchanged) return 'It says nothing else than the charter in force.';
  if (facts.isChecking || facts.checked === null) return 'It is being checked.';
  const { faults, analysis } = facts.checked;
  if (faults.length > 0) return `It cannot be used: ${faults.length === 1 ? 'one fault' : `${faults.length} faults`} to mend.`;
  if (analysis === null) return 'It could not be analysed.';
  const breaches = analysis.breaches.length;
  return breaches === 0 ? null : `It breaks law 5 in ${breaches === 1 ? 'one way' : `${breaches} ways`}: such a charter is refused.`;
}
