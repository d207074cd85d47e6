import { ERASED_WORDS } from '@wheelhouse/ledger/read-entry';

/** A typed reason as the end of a sentence. */
export function because(reason: string): string {
  if (reason === '') return '';
  return reason === ERASED_WORDS ? ': (the reason was erased)' : `: ${reason}`;
}
