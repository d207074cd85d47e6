import { equalBytes } from './bytes.ts';
import type { NoteKey } from './note-key.ts';
import { refuse } from './primitives.ts';
import type { Ed25519VerifySync, Sha256, Verdict } from './primitives.ts';
import { verifyNoteSync } from './signed-note.ts';
import type { NoteSignature } from './signed-note.ts';
import { emptyRoot } from './tree-hash.ts';
import type { TreeHead } from './tree-hash.ts';
import { verifyConsistency } from './verify-proof.ts';
import type { AddCheckpoint } from './witness-request.ts';

/** What a witness knows: which keys each log (by origin) signs with, and the last head that it cosigned of each; none before the first. */
export type WitnessState = {
  readonly logs: ReadonlyMap<string, readonly NoteKey[]>;
  readonly heads: ReadonlyMap<string, TreeHead>;
};

/** What a witness answers. Each but `cosign` leaves everything as it was. */
export type WitnessAnswer =
  /** 200, once the new state is stored. `signatures` are the log's own that were verified; `text` is what to cosign. */
  | { readonly type: 'cosign'; readonly state: WitnessState; readonly text: string; readonly signatures: readonly NoteSignature[] }
  /** 404 */
  | { readonly type: 'unknown_log'; readonly message: string }
  /** 403 */
  | { readonly type: 'bad_signature'; readonly message: string }
  /** 400 */
  | { readonly type: 'malformed'; readonly message: string }
  /** 409, with the size in the body. */
  | { readonly type: 'conflict'; readonly size: number }
  /** 422. The log has signed it, so it is evidence where it contradicts what was cosigned. */
  | { readonly type: 'inconsistent'; readonly message: string };

/** The primitives that a decision needs. */
export type WitnessTools = { readonly sha256: Sha256; readonly verify: Ed25519VerifySync };

/**
 * The whole promise of a witness, C2SP tlog-witness "add-checkpoint", its checks in the order in which they are written there: it cosigns a
 * head only if it grew out of the last head of that log that it cosigned. The caller must store the new state before it lets the cosignature
 * out, and must decide the next request of the log on that state.
 */
export function decide(state: WitnessState, request: AddCheckpoint, tools: WitnessTools): WitnessAnswer {
  const { note, checkpoint, oldSize } = request;
  const keys = state.logs.get(checkpoint.origin);
  if (keys === undefined) return { type: 'unknown_log', message: `This witness does not know the log ${checkpoint.origin}.` };
  const signed = verifyNoteSync(note, keys, tools.verify);
  if (!signed.ok) return { type: 'bad_signature', message: signed.message };
  if (oldSize > checkpoint.size)
    return { type: 'malformed', message: `The old size ${oldSize} is above the checkpoint's, ${checkpoint.size}.` };
  const known = state.heads.get(checkpoint.origin) ?? { size: 0, root: emptyRoot(tools.sha256) };
  if (oldSize !== known.size) return { type: 'conflict', size: known.size };
  const grown = hasGrown(known, request, tools.sha256);
  if (!grown.ok) return { type: 'inconsistent', message: grown.message };
  const heads = new Map(state.heads).set(checkpoint.origin, { size: checkpoint.size, root: checkpoint.root });
  return { type: 'cosign', state: { logs: state.logs, heads }, text: note.text, signatures: signed.value.verified };
}

function hasGrown(known: TreeHead, { checkpoint, proof }: AddCheckpoint, sha256: Sha256): Verdict<string> {
  if (checkpoint.size === 0 && !equalBytes(checkpoint.root, emptyRoot(sha256)))
    return refuse('root_mismatch', 'A tree of size 0 has the root of the empty tree and no other.');
  if (known.size > 0) return verifyConsistency({ first: known, second: checkpoint, proof }, sha256);
  // Every tree has grown out of the empty one; there is nothing to prove.
  return proof.length === 0 ? { ok: true } : refuse('wrong_proof_length', 'From size 0 there is nothing to prove, so the proof is empty.');
}
