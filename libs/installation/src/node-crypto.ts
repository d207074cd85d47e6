import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify, type KeyObject } from 'node:crypto';
import type { Ed25519VerifySync, Sha256 } from '@wheelhouse/ledger/primitives';

/**
 * SHA-256 by Node's own implementation: the primitive that the pure ledger asks for. The digest comes out as a Latin-1 string and is copied
 * into plain bytes, which takes two thirds of the time that Node needs to make a Buffer; every tick of every session asks several times.
 */
export const sha256: Sha256 = (bytes) => {
  const digest = hash('sha256', bytes, 'binary');
  const out = new Uint8Array(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i += 1) out[i] = digest.charCodeAt(i);
  return out;
};

const DIGEST_BYTES = 32;

/** HMAC-SHA-256 by Node's own implementation. */
export function hmacSha256(key: Uint8Array, message: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410): what follows are the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const verifyEd25519: Ed25519VerifySync = (publicKey, message, signature) => {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
};

export type Ed25519Key = { readonly publicKey: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array; readonly pem: string };

export function newEd25519Key(): Ed25519Key {
  return wrap(generateKeyPairSync('ed25519').privateKey);
}

export function readEd25519Key(pem: string): Ed25519Key {
  return wrap(createPrivateKey(pem));
}

function wrap(key: KeyObject): Ed25519Key {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => sign(null, message, key),
    pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}
