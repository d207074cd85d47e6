import { hashFromBase64, toBase64 } from './base64.ts';
import { LedgerError } from './ledger-error.ts';
import type { NoteKey } from './note-key.ts';
import { refuse } from './primitives.ts';
import type { Ed25519Verify, Parsed } from './primitives.ts';
import { formatNote, parseNote, signNote, verifyNote } from './signed-note.ts';
import type { NoteFault, NoteSigner, VerifiedNote } from './signed-note.ts';
import { isCount, requireHash } from './tree-hash.ts';
import type { TreeHead } from './tree-hash.ts';

/** A tree head and the log that it belongs to, C2SP tlog-checkpoint. `extensions` are opaque lines that no monitor audits; leave them empty. */
export type Checkpoint = TreeHead & { readonly origin: string; readonly extensions: readonly string[] };

export type CheckpointFault = 'bad_text' | 'bad_origin' | 'bad_size' | 'bad_root' | 'bad_extension' | 'wrong_origin';

/** The text of a checkpoint, C2SP tlog-checkpoint "Note text". Throws `bad_checkpoint` for an origin or extension that is no line. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  requireHash(checkpoint.root);
  if (!isCount(checkpoint.size)) throw new LedgerError('out_of_range', `A tree cannot have ${checkpoint.size} leaves.`);
  const lines = [checkpoint.origin, String(checkpoint.size), toBase64(checkpoint.root), ...checkpoint.extensions];
  if (lines.some((line) => line === '' || line.includes('\n')))
    throw new LedgerError('bad_checkpoint', 'Origin and extensions are single lines that are not empty.');
  return lines.map((line) => `${line}\n`).join('');
}

/** Reads the text of a checkpoint strictly. Sizes of 2^53 and more are refused: they could not be told apart. */
export function parseCheckpoint(text: string): Parsed<Checkpoint, CheckpointFault> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3) return refuse('bad_text', 'A checkpoint has at least three lines, each ended by a newline.');
  const [origin, digits, encodedRoot, ...extensions] = lines;
  if (origin === undefined || origin === '') return refuse('bad_origin', 'The origin line is empty.');
  const size = /^(0|[1-9][0-9]*)$/.test(digits ?? '') ? Number(digits) : -1;
  if (!isCount(size)) return refuse('bad_size', 'The second line is not a tree size: decimal digits without leading zeros, below 2^53.');
  const root = hashFromBase64(encodedRoot ?? '');
  if (root === null) return refuse('bad_root', 'The third line is not the base64 of 32 bytes.');
  if (extensions.includes('')) return refuse('bad_extension', 'An extension line is empty.');
  return { ok: true, value: { origin, size, root, extensions } };
}

/** A signed checkpoint, ready to be published: C2SP tlog-checkpoint as a signed note. */
export async function signCheckpoint(head: TreeHead & { readonly origin: string }, signer: NoteSigner): Promise<string> {
  return formatNote(await signNote(formatCheckpoint({ ...head, extensions: [] }), signer));
}

/** Which log a signed checkpoint must come from. */
export type LogIdentity = { readonly origin: string; readonly keys: readonly NoteKey[] };

/** A checkpoint that may be believed, with the signatures that say so. */
export type VerifiedCheckpoint = { readonly checkpoint: Checkpoint; readonly note: VerifiedNote };

/** Reads a signed checkpoint, verifies the log's signatures and that the origin is the expected one. */
export async function openCheckpoint(
  encoded: Uint8Array | string,
  log: LogIdentity,
  verify: Ed25519Verify,
): Promise<Parsed<VerifiedCheckpoint, NoteFault | CheckpointFault>> {
  const parsed = parseNote(encoded);
  if (!parsed.ok) return parsed;
  const note = await verifyNote(parsed.value, log.keys, verify);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  if (checkpoint.value.origin !== log.origin)
    return refuse('wrong_origin', `The checkpoint is of the log ${checkpoint.value.origin}, not of ${log.origin}.`);
  return { ok: true, value: { checkpoint: checkpoint.value, note: note.value } };
}
