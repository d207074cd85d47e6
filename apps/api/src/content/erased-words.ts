import { ERASED_WORDS } from '@wheelhouse/ledger/read-entry';
import type { Actor } from '@wheelhouse/protocol/identity';

/** People whose words were erased since this process started; of those before, the ledger has none to give. One process has one ledger. */
const erased = new Set<string>();

/** From now on nothing that this person typed is shown. For the room that erases. */
export function eraseWordsOf(person: string): void {
  erased.add(person);
}

/** What somebody typed, as it may be shown now: memory outlives the key that the ledger's words were encrypted under. */
export function shownWords(author: Actor | string, words: string): string {
  const person = typeof author === 'string' ? author : (author.person ?? author.id);
  return words !== '' && erased.has(person) ? ERASED_WORDS : words;
}
