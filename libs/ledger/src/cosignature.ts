import { concatBytes, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { formatKeyOfType, keyLabel, keyOfType, parseKeyOfType, SIGNATURE_TYPE } from './note-key.ts';
import type { KeyFault, NoteKey } from './note-key.ts';
import { refuse } from './primitives.ts';
import type { Ed25519Verify, Parsed, Sha256 } from './primitives.ts';
import type { NoteSignature, SignedNote } from './signed-note.ts';

/**
 * The key of a witness: Ed25519 cosignatures, C2SP tlog-cosignature. Marked as such, because its signatures are over another message than
 * a plain note key's, and its id is another even where name and public key are the same.
 */
export type CosignerKey = NoteKey & { readonly type: 'cosignature/v1' };

/** Signs as a witness; `sign` gets the cosigned message and returns 64 bytes. */
export type Cosigner = { readonly key: CosignerKey; readonly sign: (message: Uint8Array) => Uint8Array };

/** A cosignature that was verified: `key` had seen nothing larger and nothing else of the log at `time` (seconds since the epoch). */
export type Cosignature = { readonly key: CosignerKey; readonly time: number; readonly line: NoteSignature };

export type CosignatureFault = 'malformed_cosignature' | 'bad_time' | 'invalid_cosignature';

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** The key with its id: SHA-256(name || 0x0A || 0x04 || public key)[:4], C2SP tlog-cosignature "Format". */
export function cosignerKey(name: string, publicKey: Uint8Array, sha256: Sha256): CosignerKey {
  return { ...keyOfType(SIGNATURE_TYPE.cosignature, { name, publicKey }, sha256), type: 'cosignature/v1' };
}

export function formatCosignerKey(key: CosignerKey): string {
  return formatKeyOfType(SIGNATURE_TYPE.cosignature, key);
}

export function parseCosignerKey(text: string, sha256: Sha256): Parsed<CosignerKey, KeyFault> {
  const parsed = parseKeyOfType(SIGNATURE_TYPE.cosignature, text, sha256);
  return parsed.ok ? { ok: true, value: { ...parsed.value, type: 'cosignature/v1' } } : parsed;
}

/** What a witness signs, C2SP tlog-cosignature "Ed25519 signed message": two lines of its own, then the whole text of the checkpoint. */
export function cosignedMessage(text: string, time: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/** A witness's signature line under a checkpoint's text, as of `time`. */
export function cosign(text: string, time: number, cosigner: Cosigner): NoteSignature {
  if (!isTime(time)) throw new LedgerError('out_of_range', `A cosignature's time is in whole seconds since 1970, not ${time}.`);
  const stamp = new Uint8Array(TIME_BYTES);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  const signature = concatBytes([stamp, cosigner.sign(cosignedMessage(text, time))]);
  return { name: cosigner.key.name, keyId: cosigner.key.keyId, signature };
}

/** Verifies one line that bears the key's name and id. */
export async function verifyCosignature(
  text: string,
  line: NoteSignature,
  key: CosignerKey,
  verify: Ed25519Verify,
): Promise<Parsed<Cosignature, CosignatureFault>> {
  if (line.signature.length !== TIME_BYTES + SIGNATURE_BYTES)
    return refuse('malformed_cosignature', `A cosignature has ${TIME_BYTES + SIGNATURE_BYTES} bytes, not ${line.signature.length}.`);
  const time = Number(new DataView(line.signature.buffer, line.signature.byteOffset).getBigUint64(0));
  if (!isTime(time)) return refuse('bad_time', `The cosignature by ${keyLabel(key)} has no time that could be.`);
  const good = await verify(key.publicKey, cosignedMessage(text, time), line.signature.slice(TIME_BYTES));
  if (!good) return refuse('invalid_cosignature', `The cosignature by ${keyLabel(key)} does not fit the checkpoint.`);
  return { ok: true, value: { key, time, line } };
}

/**
 * The cosignatures under a checkpoint by known witnesses, in the order of `keys`, the latest of each. Lines by others are ignored; one by a
 * known key that does not verify condemns the note, as C2SP signed-note asks ("Signatures").
 */
export async function readCosignatures(
  note: SignedNote,
  keys: readonly CosignerKey[],
  verify: Ed25519Verify,
): Promise<Parsed<readonly Cosignature[], CosignatureFault>> {
  const found: Cosignature[] = [];
  for (const key of keys) {
    let latest: Cosignature | undefined;
    for (const line of note.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId)) {
      const cosignature = await verifyCosignature(note.text, line, key, verify);
      if (!cosignature.ok) return cosignature;
      if (latest === undefined || cosignature.value.time > latest.time) latest = cosignature.value;
    }
    if (latest !== undefined) found.push(latest);
  }
  return { ok: true, value: found };
}

/** Zero would mean that nothing is said about when (C2SP tlog-witness forbids it to witnesses); beyond 2^53 seconds lies no date. */
function isTime(time: number): boolean {
  return Number.isSafeInteger(time) && time > 0;
}
