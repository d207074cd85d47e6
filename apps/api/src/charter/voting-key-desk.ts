import { enrolmentChallenge, toBase64Url } from '@wheelhouse/charter/ballot';
import { signatureFault, signatureFaultInWords, type SigningKey } from '@wheelhouse/charter/passkey-signature';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { EnrolRequest, VotingKeys } from '@wheelhouse/protocol/proposal';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { actorOf } from '../identity/principals.ts';
import { entryOf } from '../ledger/new-entry.ts';
import { Refusal } from '../problem/refusal.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { Signatures } from './signatures.ts';

type Parts = {
  readonly keeper: CharterKeeper;
  readonly signatures: Signatures;
  readonly prisma: PrismaClient;
  /** The address that people reach the console under: passkeys belong to its host, and signatures are made on its pages. */
  readonly url: string;
};

/**
 * Makes passkeys count for signing votes. A person's first is taken as it comes; every further one needs the signature of one that counts, or a quorum's
 * grant, so that whoever gets into an account, or into the database, can't vote for its owner.
 */
export class VotingKeyDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async list(principal: Principal): Promise<VotingKeys> {
    const { keeper, prisma } = this.#parts;
    const { keys } = keeper.record;
    const rows = await prisma.passkey.findMany({ where: { userId: principal.person }, orderBy: { createdAt: 'asc' } });
    const counting = new Set(keys.of(principal.person).map(({ credential }) => credential));
    return {
      items: rows.map((row) => ({
        credential: row.credentialID,
        name: row.name ?? 'Passkey',
        votes: counting.has(row.credentialID),
        challenge: toBase64Url(this.#challenge(principal.person, this.#keyOf(row))),
        createdAt: row.createdAt?.toISOString() ?? null,
      })),
      mayEnrolFreely: this.#isFree(principal.person),
      rpId: this.#rpId,
    };
  }

  async enrol(principal: Principal, { signed, earlier }: EnrolRequest): Promise<VotingKeys> {
    const { keeper, prisma } = this.#parts;
    if (principal.kind !== 'person') throw new Refusal('forbidden', 'API keys have no passkeys, and never vote.');
    const { person } = principal;
    const row = await prisma.passkey.findFirst({ where: { userId: person, credentialID: signed.credential } });
    if (row === null) throw new Refusal('not_found', 'This is no passkey of yours. Add it to your account first.');
    const key = this.#keyOf(row);
    await keeper.inTurn(async () => {
      const { keys } = keeper.record;
      if (keys.get(key.credential)?.until === null && keys.get(key.credential)?.person === person) return;
      if (keys.get(key.credential) !== undefined && keys.get(key.credential)?.person === person)
        throw new Refusal('conflict', 'This passkey was given up as lost, and does not count any more. Enrol another one.');
      if (keys.isOfAnother(person, key))
        throw new Refusal('conflict', 'This passkey signs for somebody else already. Two people can not share one.');
      const challenge = this.#challenge(person, key);
      const fault = await signatureFault(signed, challenge, key, sha256);
      if (fault !== null) throw new Refusal('bad_signature', `This signature proves nothing: ${signatureFaultInWords(fault)}.`);
      const grant = keys.grantOf(person);
      if (!this.#isFree(person)) await this.#requireEarlier(person, earlier, challenge);
      const { publicKey, rpId, origin } = key;
      const proof = grant !== null ? { proposal: grant } : this.#isFree(person) || earlier === undefined ? {} : { earlier };
      const data = { person, publicKey, rpId, origin, signed, ...proof };
      await keeper.write(entryOf('voter.enrolled', data, actorOf(principal), { at: keeper.now() }));
    });
    return this.list(principal);
  }

  async #requireEarlier(person: string, earlier: EnrolRequest['earlier'], challenge: Uint8Array): Promise<void> {
    if (earlier === undefined)
      throw new Refusal(
        'bad_signature',
        'A passkey that counts already has to sign for another one. Where all are lost, a proposal for access.grant lets you enrol a new one.',
      );
    await this.#parts.signatures.require(person, earlier, challenge);
  }

  /** No key counts and none ever did, or a quorum granted a new one. */
  #isFree(person: string): boolean {
    const { keys } = this.#parts.keeper.record;
    return keys.grantOf(person) !== null || !keys.everCounted(person);
  }

  #challenge(person: string, { credential, publicKey, rpId }: SigningKey): Uint8Array {
    return enrolmentChallenge({ person, credential, publicKey, rpId }, sha256);
  }

  #keyOf({ credentialID, publicKey }: { credentialID: string; publicKey: string }): SigningKey {
    const bytes = Buffer.from(publicKey, 'base64');
    return { credential: credentialID, publicKey: toBase64Url(bytes), rpId: this.#rpId, origin: new URL(this.#parts.url).origin };
  }

  get #rpId(): string {
    return new URL(this.#parts.url).hostname;
  }
}
