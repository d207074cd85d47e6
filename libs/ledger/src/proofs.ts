import { coverOf, foldRight } from './compact-range.ts';
import { LedgerError } from './ledger-error.ts';
import type { Sha256 } from './primitives.ts';
import { isCount, largestPowerBelow } from './tree-hash.ts';
import type { NodeRef } from './tree-hash.ts';

/** Reads the hash of one perfect subtree. Throws where it is not stored. */
export type HashReader = (level: number, index: number) => Uint8Array;

/**
 * A proof before its hashes are read: each hash of the proof is the fold of these neighbouring perfect subtrees. Only the right edge of the
 * tree has more than one. A caller with slow storage reads `nodesOf(plan)` first, in one query, and answers the reader from memory.
 */
export type ProofPlan = readonly (readonly NodeRef[])[];

/** All nodes that a plan needs, O(log n) of them. */
export function nodesOf(plan: ProofPlan): NodeRef[] {
  return plan.flat();
}

/** The hashes of a plan, in the order of RFC 9162: from the leaf up. */
export function readProof(plan: ProofPlan, read: HashReader, sha256: Sha256): Uint8Array[] {
  return plan.map((nodes) => {
    const hashes = nodes.map((node) => read(node.level, node.index));
    const hash = foldRight(hashes, sha256);
    if (hash === undefined) throw new LedgerError('out_of_range', 'A proof step without nodes.');
    return hash;
  });
}

/** The audit path of leaf `index` in the tree of `size` leaves, RFC 9162 section 2.1.3.1. Throws `out_of_range` unless index < size. */
export function planInclusion(index: number, size: number): ProofPlan {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new LedgerError('out_of_range', `There is no leaf ${index} in a tree of ${size}.`);
  return inclusionWithin(index, 0, size);
}

/** The proof that the tree of `first` leaves is a prefix of that of `second`, RFC 9162 section 2.1.4.1; empty where they are equal. */
export function planConsistency(first: number, second: number): ProofPlan {
  if (!isCount(first) || !isCount(second) || first < 1 || first > second)
    throw new LedgerError('out_of_range', `There is no consistency proof from ${first} to ${second} leaves.`);
  return first === second ? [] : consistencyWithin(first, { begin: 0, end: second }, true);
}

/** Inclusion proof over a reader: `planInclusion` and `readProof` in one. */
export function inclusionProof(leaf: { index: number; size: number }, read: HashReader, sha256: Sha256): Uint8Array[] {
  return readProof(planInclusion(leaf.index, leaf.size), read, sha256);
}

/** Consistency proof over a reader: `planConsistency` and `readProof` in one. */
export function consistencyProof(sizes: { first: number; second: number }, read: HashReader, sha256: Sha256): Uint8Array[] {
  return readProof(planConsistency(sizes.first, sizes.second), read, sha256);
}

function inclusionWithin(index: number, begin: number, end: number): NodeRef[][] {
  if (end - begin <= 1) return [];
  const split = begin + largestPowerBelow(end - begin);
  return index < split
    ? [...inclusionWithin(index, begin, split), coverOf(split, end)]
    : [...inclusionWithin(index, split, end), coverOf(begin, split)];
}

type Span = { begin: number; end: number };

/** SUBPROOF of RFC 9162 section 2.1.4.1; `known` while the verifier already holds the hash of this very subtree. */
function consistencyWithin(first: number, span: Span, known: boolean): NodeRef[][] {
  if (first === span.end) return known ? [] : [coverOf(span.begin, span.end)];
  const split = span.begin + largestPowerBelow(span.end - span.begin);
  return first <= split
    ? [...consistencyWithin(first, { begin: span.begin, end: split }, known), coverOf(split, span.end)]
    : [...consistencyWithin(first, { begin: split, end: span.end }, false), coverOf(span.begin, split)];
}
