import { fromBase64, toBase64 } from './base64.ts';
import { concatBytes, fromUtf8, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import type { NoteKey } from './note-key.ts';
import { hasControlCharacter, isKeyName, keyIdBytes, keyLabel } from './note-key.ts';
import { refuse } from './primitives.ts';
import type { Ed25519Verify, Ed25519VerifySync, Parsed, Refusal } from './primitives.ts';

/** A signature line. `keyId` is a u32; `signature` is what follows it and is opaque to everybody but the key's owner. */
export type NoteSignature = { readonly name: string; readonly keyId: number; readonly signature: Uint8Array };

/** A note, C2SP signed-note: `text` ends in a newline. Nothing in it may be believed before `verifyNote`. */
export type SignedNote = { readonly text: string; readonly signatures: readonly NoteSignature[] };

/** Signs note texts; `sign` gets the UTF-8 bytes of the text, its last newline included, and returns 64 bytes. */
export type NoteSigner = {
  readonly name: string;
  readonly keyId: number;
  readonly sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;
};

export type NoteFault =
  | 'not_utf8'
  | 'control_character'
  | 'no_signature_block'
  | 'bad_signature_line'
  | 'too_many_signatures'
  | 'ambiguous_key'
  | 'invalid_signature'
  | 'no_known_signature';

/** A note whose signatures by known keys have all been checked; there is at least one. `unknown` are by keys that were not given. */
export type VerifiedNote = {
  readonly text: string;
  readonly verified: readonly NoteSignature[];
  readonly unknown: readonly NoteSignature[];
};

// Verifiers must take at least 16 and should have a limit (C2SP signed-note, "Format"); 100 is what Go's implementation takes.
const MAX_SIGNATURES = 100;
const DASH = '— ';

/** Reads a note strictly, C2SP signed-note "Format". Every signature line is kept, by whomever it is. */
export function parseNote(encoded: Uint8Array | string): Parsed<SignedNote, NoteFault> {
  const note = typeof encoded === 'string' ? encoded : fromUtf8(encoded);
  if (note?.isWellFormed() !== true) return refuse('not_utf8', 'The note is not valid UTF-8.');
  if (hasControlCharacter(note)) return refuse('control_character', 'The note has a control character other than newline.');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) return refuse('no_signature_block', 'The note has no empty line before its signatures.');
  const lines = note.slice(split + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0)
    return refuse('no_signature_block', 'The note has no signature lines that end in a newline.');
  if (lines.length > MAX_SIGNATURES) return refuse('too_many_signatures', `The note has more than ${MAX_SIGNATURES} signatures.`);
  const signatures: NoteSignature[] = [];
  for (const [i, line] of lines.entries()) {
    const signature = parseSignatureLine(line);
    if (signature === null) return refuse('bad_signature_line', `Signature line ${i + 1} is malformed.`);
    signatures.push(signature);
  }
  return { ok: true, value: { text: note.slice(0, split + 1), signatures } };
}

function parseSignatureLine(line: string): NoteSignature | null {
  if (!line.startsWith(DASH)) return null;
  const space = line.indexOf(' ', DASH.length);
  const name = line.slice(DASH.length, space);
  const blob = fromBase64(line.slice(space + 1));
  if (space < 0 || !isKeyName(name) || blob === null || blob.length < 5) return null;
  const keyId = new DataView(blob.buffer, blob.byteOffset).getUint32(0);
  return { name, keyId, signature: blob.slice(4) };
}

/** Writes a note. Throws `bad_note` where the result could not be read back. */
export function formatNote(note: SignedNote): string {
  requireText(note.text);
  if (note.signatures.length === 0 || note.signatures.length > MAX_SIGNATURES)
    throw new LedgerError('bad_note', `A note has 1 to ${MAX_SIGNATURES} signatures.`);
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
}

/** One signature line, as a witness returns it: em dash, name, base64 of key id and signature, newline. */
export function formatSignatureLine(line: NoteSignature): string {
  if (!isKeyName(line.name) || line.signature.length === 0)
    throw new LedgerError('bad_note', 'A signature line needs a key name and a signature.');
  return `${DASH}${line.name} ${toBase64(concatBytes([keyIdBytes(line.keyId), line.signature]))}\n`;
}

/** Signs a text (which ends in a newline) with one key. Throws `bad_note` for a text that no note can carry. */
export async function signNote(text: string, signer: NoteSigner): Promise<SignedNote> {
  requireText(text);
  const signature = await signer.sign(utf8(text));
  return { text, signatures: [{ name: signer.name, keyId: signer.keyId, signature }] };
}

function requireText(text: string): void {
  if (!text.endsWith('\n') || !text.isWellFormed() || hasControlCharacter(text))
    throw new LedgerError('bad_note', 'A note text ends in a newline and has no other control characters.');
}

/**
 * Checks every signature by a known key, C2SP signed-note "Signatures": one that fails condemns the note, and at least one must be there.
 * Signatures by other keys are ignored, even where they share the name or the id with a known one.
 */
export async function verifyNote(
  note: SignedNote,
  keys: readonly NoteKey[],
  verify: Ed25519Verify,
): Promise<Parsed<VerifiedNote, NoteFault>> {
  const plan = matchKeys(note, keys);
  if (!plan.ok) return plan;
  const message = utf8(note.text);
  for (const { key, line } of plan.value.known) if (!(await verify(key.publicKey, message, line.signature))) return invalid(key);
  return conclude(note, plan.value);
}

/** `verifyNote` where the platform verifies at once (Node). */
export function verifyNoteSync(note: SignedNote, keys: readonly NoteKey[], verify: Ed25519VerifySync): Parsed<VerifiedNote, NoteFault> {
  const plan = matchKeys(note, keys);
  if (!plan.ok) return plan;
  const message = utf8(note.text);
  for (const { key, line } of plan.value.known) if (!verify(key.publicKey, message, line.signature)) return invalid(key);
  return conclude(note, plan.value);
}

type Match = { readonly key: NoteKey; readonly line: NoteSignature };
type Matches = { readonly known: readonly Match[]; readonly unknown: readonly NoteSignature[] };

function matchKeys(note: SignedNote, keys: readonly NoteKey[]): Parsed<Matches, NoteFault> {
  const known: Match[] = [];
  const unknown: NoteSignature[] = [];
  for (const line of note.signatures) {
    const [key, second] = keys.filter((candidate) => candidate.name === line.name && candidate.keyId === line.keyId);
    if (key === undefined) unknown.push(line);
    else if (second !== undefined) return refuse('ambiguous_key', `Two known keys are called ${keyLabel(key)}.`);
    else known.push({ key, line });
  }
  return { ok: true, value: { known, unknown } };
}

function invalid(key: NoteKey): Refusal<NoteFault> {
  return refuse('invalid_signature', `The signature by ${keyLabel(key)} does not fit the note.`);
}

function conclude(note: SignedNote, { known, unknown }: Matches): Parsed<VerifiedNote, NoteFault> {
  if (known.length === 0) return refuse('no_known_signature', 'None of the known keys has signed the note.');
  return { ok: true, value: { text: note.text, verified: known.map((match) => match.line), unknown } };
}
