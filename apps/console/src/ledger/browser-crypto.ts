import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import type { NewDigest } from '@wheelhouse/ledger/bundle-digest';
import type { Ed25519Verify, Sha256 } from '@wheelhouse/ledger/primitives';

export const sha256: Sha256 = (bytes) => nobleSha256(bytes);

export const newDigest: NewDigest = () => {
  const hash = nobleSha256.create();
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest(),
  };
};

const ED25519 = { name: 'Ed25519' };

/** Ed25519 by the browser itself. Ask `signatureTrouble` first: where the browser has none, every signature would look false. */
export const verifyEd25519: Ed25519Verify = async (publicKey, message, signature) => {
  try {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), ED25519, false, ['verify']);
    return await crypto.subtle.verify(ED25519, key, new Uint8Array(signature), new Uint8Array(message));
  } catch {
    return false;
  }
};

/** The base point of the curve: a public key that every implementation of Ed25519 takes. */
const ANY_KEY = new Uint8Array(32).fill(0x66);
ANY_KEY[0] = 0x58;

/** Why this browser cannot check signatures here; null where it can. */
export async function signatureTrouble(): Promise<string | null> {
  if (!globalThis.isSecureContext)
    return 'This page came by plain HTTP, and browsers check signatures only on pages that came by HTTPS or from this machine itself.';
  try {
    await crypto.subtle.importKey('raw', ANY_KEY, ED25519, false, ['verify']);
    return null;
  } catch {
    return 'This browser has no Ed25519. Chrome and Edge have it from 137 on, Firefox from 129, Safari from 17. Until then: npx wheelhouse verify.';
  }
}
