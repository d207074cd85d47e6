import { signatureFault, signatureFaultInWords } from '@wheelhouse/charter/passkey-signature';
import type { VotingKeyRecord } from '@wheelhouse/charter/voting-keys';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import { Refusal } from '../problem/refusal.ts';
import type { CharterKeeper } from './charter-keeper.ts';

/** Checks what people sign, with the keys that the ledger says are theirs: the database's own table of passkeys is not asked. */
export class Signatures {
  readonly #keeper: CharterKeeper;

  constructor(keeper: CharterKeeper) {
    this.#keeper = keeper;
  }

  /** Refuses unless `person` signed this challenge with a key of theirs that counts, verified by the authenticator. */
  async require(person: string, signed: Signed, challenge: Uint8Array): Promise<void> {
    const key = this.requireKey(person, signed.credential);
    const fault = await signatureFault(signed, challenge, key, sha256);
    if (fault !== null) throw new Refusal('bad_signature', `This signature proves nothing: ${signatureFaultInWords(fault)}.`);
  }

  /** The key with this id; refuses when it is not this person's, or does not count any more. */
  requireKey(person: string, credential: string): VotingKeyRecord {
    const key = this.#keeper.record.keys.get(credential);
    if (key?.person === person && key.until === null) return key;
    throw new Refusal(
      'bad_signature',
      'This passkey does not count for signing yet, or not any more. Enrol it first: POST /v1/me/voting-keys.',
    );
  }
}
