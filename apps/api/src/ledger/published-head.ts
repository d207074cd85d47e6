import { parseNote } from '@wheelhouse/ledger/signed-note';
import type { SignedHead } from './ledger.ts';

/** The head that `/log/checkpoint` shows. It only grows, and of one size it only gains cosignatures. */
export class PublishedHead {
  #head: SignedHead | null = null;
  #signatures = 0;

  get head(): SignedHead | null {
    return this.#head;
  }

  /** Shows `head`, unless a larger one, or the same with more signatures, is shown already. Returns whether it is shown now. */
  publish(head: SignedHead): boolean {
    const note = parseNote(head.checkpoint);
    const signatures = note.ok ? note.value.signatures.length : 0;
    const size = this.#head?.size ?? -1;
    if (head.size < size || (head.size === size && signatures < this.#signatures)) return false;
    this.#head = head;
    this.#signatures = signatures;
    return true;
  }
}
