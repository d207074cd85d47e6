import { toBase64 } from './base64.ts';
import { equalBytes } from './bytes.ts';
import { refuse } from './primitives.ts';
import type { Refusal, Sha256, Verdict } from './primitives.ts';
import { HASH_BYTES, isCount, nodeHash } from './tree-hash.ts';
import type { TreeHead } from './tree-hash.ts';

/** Everything that can be wrong with a proof. */
export type ProofFault =
  | 'bad_size'
  | 'index_out_of_range'
  | 'size_zero'
  | 'size_shrinks'
  | 'bad_hash_length'
  | 'wrong_proof_length'
  | 'root_mismatch'
  | 'first_root_mismatch'
  | 'second_root_mismatch';

export type InclusionClaim = { readonly index: number; readonly leafHash: Uint8Array; readonly proof: readonly Uint8Array[] };
export type ConsistencyClaim = { readonly first: TreeHead; readonly second: TreeHead; readonly proof: readonly Uint8Array[] };

/** Whether the leaf stands at its index in the tree of this head, RFC 9162 section 2.1.3.2. */
export function verifyInclusion(claim: InclusionClaim, head: TreeHead, sha256: Sha256): Verdict<ProofFault> {
  if (!isCount(head.size) || !isCount(claim.index)) return refuse('bad_size', 'Size and index must be whole numbers below 2^53.');
  if (claim.index >= head.size) return refuse('index_out_of_range', `There is no leaf ${claim.index} in a tree of ${head.size}.`);
  const fault =
    checkHashes([claim.leafHash, head.root, ...claim.proof]) ?? checkLength(claim.proof, inclusionLength(claim.index, head.size));
  if (fault !== undefined) return fault;

  let index = claim.index;
  let last = head.size - 1;
  let hash = claim.leafHash;
  for (const step of claim.proof) {
    if (index % 2 === 1 || index === last) {
      hash = nodeHash(step, hash, sha256);
      // On the right edge a node without a sibling moves up unchanged.
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    } else {
      hash = nodeHash(hash, step, sha256);
    }
    [index, last] = [half(index), half(last)];
  }
  return sameRoot(hash, head.root, 'root_mismatch');
}

/**
 * Whether the tree of `second` has grown out of that of `first`, RFC 9162 section 2.1.4.2. Every tree has grown out of the empty one, so a
 * proof from size 0 would prove nothing and is refused.
 */
export function verifyConsistency(claim: ConsistencyClaim, sha256: Sha256): Verdict<ProofFault> {
  const { first, second, proof } = claim;
  if (!isCount(first.size) || !isCount(second.size)) return refuse('bad_size', 'Sizes must be whole numbers below 2^53.');
  if (first.size > second.size) return refuse('size_shrinks', `The tree shrinks from ${first.size} to ${second.size} leaves.`);
  if (first.size === 0) return refuse('size_zero', 'A consistency proof from the empty tree proves nothing.');
  if (first.size === second.size) return checkLength(proof, 0) ?? sameRoot(first.root, second.root, 'root_mismatch');
  const fault = checkHashes([first.root, second.root, ...proof]) ?? checkLength(proof, consistencyLength(first.size, second.size));
  return fault ?? climb(claim, sha256);
}

function climb({ first, second, proof }: ConsistencyClaim, sha256: Sha256): Verdict<ProofFault> {
  let index = first.size - 1;
  let last = second.size - 1;
  while (index % 2 === 1) [index, last] = [half(index), half(last)];
  // Where the first tree is perfect, its root is where the climb begins, and the proof leaves it out.
  const [start, ...steps] = index === 0 ? [first.root, ...proof] : proof;
  if (start === undefined) return refuse('wrong_proof_length', 'The proof is empty.');
  let firstHash = start;
  let secondHash = start;
  for (const step of steps) {
    if (index % 2 === 1 || index === last) {
      firstHash = nodeHash(step, firstHash, sha256);
      secondHash = nodeHash(step, secondHash, sha256);
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    } else {
      secondHash = nodeHash(secondHash, step, sha256);
    }
    [index, last] = [half(index), half(last)];
  }
  const verdict = sameRoot(firstHash, first.root, 'first_root_mismatch');
  return verdict.ok ? sameRoot(secondHash, second.root, 'second_root_mismatch') : verdict;
}

/** Hashes in an audit path: one for each level at which the leaf's subtree has a sibling. */
function inclusionLength(index: number, size: number): number {
  let length = 0;
  for (let at = index, last = size - 1; last > 0; at = half(at), last = half(last)) if (at % 2 === 1 || at < last) length += 1;
  return length;
}

function consistencyLength(first: number, second: number): number {
  let index = first - 1;
  let last = second - 1;
  while (index % 2 === 1) [index, last] = [half(index), half(last)];
  return inclusionLength(index, last + 1) + (index === 0 ? 0 : 1);
}

function checkHashes(hashes: readonly Uint8Array[]): Refusal<ProofFault> | undefined {
  const odd = hashes.find((hash) => hash.length !== HASH_BYTES);
  return odd && refuse('bad_hash_length', `A hash has ${HASH_BYTES} bytes, not ${odd.length}.`);
}

function checkLength(proof: readonly Uint8Array[], expected: number): Refusal<ProofFault> | undefined {
  if (proof.length === expected) return undefined;
  return refuse('wrong_proof_length', `The proof has ${proof.length} hashes where ${expected} are needed.`);
}

function sameRoot(computed: Uint8Array, root: Uint8Array, code: ProofFault): Verdict<ProofFault> {
  if (equalBytes(computed, root)) return { ok: true };
  return refuse(code, `The proof leads to root ${toBase64(computed)}, not to ${toBase64(root)}.`);
}

function half(n: number): number {
  return Math.floor(n / 2);
}
