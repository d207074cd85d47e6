import { hashFromBase64, toBase64 } from './base64.ts';
import { fromUtf8 } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed } from './primitives.ts';
import { parseNote } from './signed-note.ts';
import type { SignedNote } from './signed-note.ts';
import { isCount } from './tree-hash.ts';

/** What a log asks of a witness: to cosign `checkpoint`, which has grown out of the tree of `oldSize` leaves that the witness knows. */
export type AddCheckpoint = {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: SignedNote;
  /** What the note says; nothing of it is verified. */
  readonly checkpoint: Checkpoint;
};

/** Clients send no more lines of proof, C2SP tlog-witness "add-checkpoint". */
export const MAX_PROOF_LINES = 63;

/** The body of an add-checkpoint request, C2SP tlog-witness. `checkpoint` is the signed note as it is published. */
export function formatAddCheckpoint(request: { oldSize: number; proof: readonly Uint8Array[]; checkpoint: string }): string {
  const { oldSize, proof, checkpoint } = request;
  if (!isCount(oldSize) || proof.length > MAX_PROOF_LINES)
    throw new LedgerError('out_of_range', `No request from size ${oldSize} with ${proof.length} hashes of proof can be made.`);
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${checkpoint}`;
}

/** Reads an add-checkpoint request strictly. A refusal is a 400. */
export function parseAddCheckpoint(body: Uint8Array): Parsed<AddCheckpoint, 'malformed_request'> {
  const text = fromUtf8(body);
  if (text === null) return malformed('The request is not valid UTF-8.');
  // The first empty line ends the proof; the note has another before its signatures.
  const split = text.indexOf('\n\n');
  if (split < 0) return malformed('There is no empty line before the checkpoint.');
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  const digits = /^old (0|[1-9][0-9]*)$/.exec(first)?.[1];
  const oldSize = digits === undefined ? -1 : Number(digits);
  if (!isCount(oldSize)) return malformed('The first line is not "old" and a size without leading zeros below 2^53.');
  if (lines.length > MAX_PROOF_LINES) return malformed(`The proof has more than ${MAX_PROOF_LINES} lines.`);
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = hashFromBase64(line);
    if (hash === null) return malformed(`Line ${proof.length + 1} of the proof is not the base64 of 32 bytes.`);
    proof.push(hash);
  }
  const note = parseNote(text.slice(split + 2));
  if (!note.ok) return malformed(note.message);
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return malformed(checkpoint.message);
  return { ok: true, value: { oldSize, proof, note: note.value, checkpoint: checkpoint.value } };
}

function malformed(message: string): Parsed<AddCheckpoint, 'malformed_request'> {
  return refuse('malformed_request', message);
}
