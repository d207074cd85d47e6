import { cose, decodeCredentialPublicKey, parseAuthenticatorData, verifySignature } from '@simplewebauthn/server/helpers';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import { z } from 'zod';
import { isStrictDer } from './strict-signature.ts';
import { fromBase64Url, type Sha256, toBase64Url } from './ballot.ts';

/** A passkey that counts for signing: its COSE key in base64url, and where it may be used. */
export type SigningKey = { readonly credential: string; readonly publicKey: string; readonly rpId: string; readonly origin: string };

/** Why an assertion proves nothing. */
export type SignatureFault =
  | 'other_key'
  | 'unreadable'
  | 'not_an_assertion'
  | 'other_challenge'
  | 'other_origin'
  | 'other_site'
  | 'nobody_present'
  | 'not_verified'
  | 'bad_signature';

const ClientData = z.object({ type: z.string(), challenge: z.string(), origin: z.string(), crossOrigin: z.boolean().optional() });

/**
 * Checks a WebAuthn assertion as W3C Web Authentication Level 3, section 7.2 asks: this key, this challenge, this origin, this site, a person
 * present and verified. Null when it holds. The signature counter is not looked at: synced passkeys keep it at zero, and replay is kept out by
 * the challenge, which no two acts share.
 */
export async function signatureFault(
  signed: Signed,
  challenge: Uint8Array,
  key: SigningKey,
  sha256: Sha256,
): Promise<SignatureFault | null> {
  if (signed.credential !== key.credential) return 'other_key';
  try {
    const clientBytes = fromBase64Url(signed.clientData);
    const client = ClientData.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(clientBytes)));
    if (!client.success) return 'unreadable';
    const { type, challenge: signedChallenge, origin, crossOrigin = false } = client.data;
    if (type !== 'webauthn.get') return 'not_an_assertion';
    if (signedChallenge !== toBase64Url(challenge)) return 'other_challenge';
    if (origin !== key.origin || crossOrigin) return 'other_origin';
    const authenticatorData = fromBase64Url(signed.authenticatorData);
    const { rpIdHash, flags } = parseAuthenticatorData(authenticatorData);
    if (toBase64Url(rpIdHash) !== toBase64Url(sha256(new TextEncoder().encode(key.rpId)))) return 'other_site';
    if (!flags.up) return 'nobody_present';
    if (!flags.uv) return 'not_verified';
    const data = new Uint8Array([...authenticatorData, ...sha256(clientBytes)]);
    const signature = fromBase64Url(signed.signature);
    const credentialPublicKey = fromBase64Url(key.publicKey);
    if (cose.isCOSEPublicKeyEC2(decodeCredentialPublicKey(credentialPublicKey)) && !isStrictDer(signature)) return 'unreadable';
    const holds = await verifySignature({ signature, data, credentialPublicKey });
    return holds ? null : 'bad_signature';
  } catch {
    // Whatever can't be taken apart or is of an unknown algorithm proves nothing.
    return 'unreadable';
  }
}

const WORDS: Readonly<Record<SignatureFault, string>> = {
  other_key: 'it was made with another passkey',
  unreadable: 'it is no WebAuthn assertion that can be read',
  not_an_assertion: 'it is not an assertion',
  other_challenge: 'it signs something else',
  other_origin: 'it was made on a page of another origin',
  other_site: 'it was made for another site',
  nobody_present: 'nobody touched the authenticator',
  not_verified: 'the authenticator did not verify who used it (PIN, fingerprint or face)',
  bad_signature: 'the signature is not of this passkey',
};

/** Why an assertion proves nothing, as the end of a sentence. */
export function signatureFaultInWords(fault: SignatureFault): string {
  return WORDS[fault];
}
