import { fromBase64, toBase64 } from './base64.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed, Sha256 } from './primitives.ts';

/** An Ed25519 key that is known to sign notes under a name. `keyId` is a u32, `publicKey` 32 bytes (RFC 8032). */
export type NoteKey = { readonly name: string; readonly keyId: number; readonly publicKey: Uint8Array };

export type KeyFault = 'malformed_key' | 'unknown_algorithm' | 'key_id_mismatch';

/** C2SP signed-note, "Signature types": the byte that keeps a key's id from being the same for two uses of the key. */
export const SIGNATURE_TYPE = { ed25519: 1, cosignature: 4 } as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];
const PUBLIC_KEY_BYTES = 32;

/** A key name is not empty and has neither Unicode spaces nor a plus, C2SP signed-note "Format". */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name) && !hasControlCharacter(name);
}

/** Whether a text has ASCII control characters other than newline, which notes may not have (C2SP signed-note "Format"). */
export function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char < 0x20 && char !== 0x0a) return true;
  }
  return false;
}

/** The key with its id: SHA-256(name || 0x0A || 0x01 || public key)[:4], C2SP signed-note "Ed25519 signatures". */
export function noteKey(name: string, publicKey: Uint8Array, sha256: Sha256): NoteKey {
  return keyOfType(SIGNATURE_TYPE.ed25519, { name, publicKey }, sha256);
}

/** `name+c74f20a3+base64`: how a key is handed to verifiers, C2SP signed-note "Verifier keys". */
export function formatVerifierKey(key: NoteKey): string {
  return formatKeyOfType(SIGNATURE_TYPE.ed25519, key);
}

/** Reads a verifier key and checks that its id is the one that belongs to it. */
export function parseVerifierKey(text: string, sha256: Sha256): Parsed<NoteKey, KeyFault> {
  return parseKeyOfType(SIGNATURE_TYPE.ed25519, text, sha256);
}

/** `noteKey` for any signature type whose keys are Ed25519's: the type's byte stands before the public key. */
export function keyOfType(type: SignatureType, key: Pick<NoteKey, 'name' | 'publicKey'>, sha256: Sha256): NoteKey {
  const { name, publicKey } = key;
  if (!isKeyName(name)) throw new LedgerError('bad_note', 'A key name is not empty and has neither spaces nor a plus.');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new LedgerError('bad_note', `An Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes.`);
  return { name, keyId: computeKeyId(name, concatBytes([Uint8Array.of(type), publicKey]), sha256), publicKey };
}

export function formatKeyOfType(type: SignatureType, key: NoteKey): string {
  return `${keyLabel(key)}+${toBase64(concatBytes([Uint8Array.of(type), key.publicKey]))}`;
}

/** `parseVerifierKey` for one signature type; a key of another is refused as `unknown_algorithm`. */
export function parseKeyOfType(type: SignatureType, text: string, sha256: Sha256): Parsed<NoteKey, KeyFault> {
  // The base64 part may hold a plus itself, so only the first two separate.
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  const material = encoded === undefined ? null : fromBase64(encoded);
  if (name === undefined || id === undefined || !isKeyName(name) || material === null || material.length === 0)
    return refuse('malformed_key', 'This is not a verifier key (name+id+base64).');
  const keyId = computeKeyId(name, material, sha256);
  if (keyId !== Number.parseInt(id, 16)) return refuse('key_id_mismatch', `The key id ${id} does not belong to the key.`);
  if (material[0] !== type) return refuse('unknown_algorithm', `The key is for signature type ${material[0] ?? 0}, not for type ${type}.`);
  if (material.length !== 1 + PUBLIC_KEY_BYTES) return refuse('malformed_key', `An Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes.`);
  return { ok: true, value: { name, keyId, publicKey: material.slice(1) } };
}

/** `name+c74f20a3`: a key in words. */
export function keyLabel(key: Pick<NoteKey, 'name' | 'keyId'>): string {
  return `${key.name}+${key.keyId.toString(16).padStart(8, '0')}`;
}

/** A key id as the four big-endian bytes that open a signature. */
export function keyIdBytes(keyId: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, keyId);
  return bytes;
}

function computeKeyId(name: string, typeAndKey: Uint8Array, sha256: Sha256): number {
  const digest = sha256(concatBytes([utf8(`${name}\n`), typeAndKey]));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}
