import { type CharterEntry, timeOf } from './charter-kinds.ts';
import type { SigningKey } from './passkey-signature.ts';

/** A passkey that somebody's votes are signed with. `since` in milliseconds since 1970; `until` null while it counts. */
export type VotingKeyRecord = SigningKey & {
  readonly person: string;
  readonly since: number;
  until: number | null;
  readonly entry: number;
};

/**
 * Which passkeys count for whose votes, folded from the ledger alone: a row of the database that somebody changed makes nobody's key count. The
 * first key of a person is taken as it comes; every further one was signed by one before, or a quorum granted it.
 */
export class VotingKeyBook {
  readonly #keys = new Map<string, VotingKeyRecord>();
  /** People who may enrol a key without an earlier one, by the approval that said so. */
  readonly #grants = new Map<string, string>();

  /** The key with this credential id, whoever's it is. */
  get(credential: string): VotingKeyRecord | undefined {
    return this.#keys.get(credential);
  }

  /** The keys that count for a person now. */
  of(person: string): readonly VotingKeyRecord[] {
    return [...this.#keys.values()].filter((key) => key.person === person && key.until === null);
  }

  /** Every key that ever counted. */
  all(): readonly VotingKeyRecord[] {
    return [...this.#keys.values()];
  }

  /** Whether any key ever counted for a person, also one that does not any more. */
  everCounted(person: string): boolean {
    return [...this.#keys.values()].some((key) => key.person === person);
  }

  /** Whether a key, by its COSE key or its id, is somebody else's already: two people must not share one. */
  isOfAnother(person: string, { credential, publicKey }: Pick<SigningKey, 'credential' | 'publicKey'>): boolean {
    return [...this.#keys.values()].some((key) => key.person !== person && (key.credential === credential || key.publicKey === publicKey));
  }

  /** The approval that lets a person enrol a key without an earlier one; null where there is none. */
  grantOf(person: string): string | null {
    return this.#grants.get(person) ?? null;
  }

  take(index: number, entry: CharterEntry): void {
    if (entry.kind === 'access.granted' && entry.data.grant === 'voting_key') {
      const { person, proposal } = entry.data;
      for (const key of this.of(person)) key.until = timeOf(entry);
      this.#grants.set(person, proposal);
    }
    if (entry.kind === 'voter.enrolled') {
      const { person, publicKey, rpId, origin, signed } = entry.data;
      this.#grants.delete(person);
      const { credential } = signed;
      if (this.#keys.get(credential)?.until === null) return;
      this.#keys.set(credential, { credential, person, publicKey, rpId, origin, since: timeOf(entry), until: null, entry: index });
    }
  }
}
