import { LedgerError } from './ledger-error.ts';
import type { Sha256 } from './primitives.ts';

/** Bytes in every hash of the tree. */
export const HASH_BYTES = 32;

/** What a signed head commits to: the root of the first `size` leaves. */
export type TreeHead = { readonly size: number; readonly root: Uint8Array };

/** A perfect subtree: the 2^level leaves from index * 2^level. Level 0 is the leaves. */
export type NodeRef = { readonly level: number; readonly index: number };

/** Hash of a leaf, RFC 6962 section 2.1: SHA-256(0x00 || entry). The prefix keeps a leaf from being passed off as a node. */
export function leafHash(entry: Uint8Array, sha256: Sha256): Uint8Array {
  const buffer = new Uint8Array(1 + entry.length);
  buffer.set(entry, 1);
  return sha256(buffer);
}

/** Hash of two children, RFC 6962 section 2.1: SHA-256(0x01 || left || right). Throws `bad_hash_length` unless both are 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  requireHash(left);
  requireHash(right);
  twoChildren.set(left, 1);
  twoChildren.set(right, 1 + HASH_BYTES);
  return sha256(twoChildren);
}

/** Used again for each node: hashing is synchronous, and making a buffer costs as much as the hash, millions of times over. */
const twoChildren = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES));

/** Root of the tree without leaves, RFC 6962 section 2.1: SHA-256 of nothing. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array(0));
}

/**
 * Root of a whole list of leaf hashes, RFC 6962 section 2.1, as it is defined there: split at the largest power of two below n.
 * Holds all leaves; for a growing log see `compact-range.ts`.
 */
export function rootOfLeaves(leafHashes: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  const first = leafHashes[0];
  if (first === undefined) return emptyRoot(sha256);
  if (leafHashes.length === 1) return first;
  const split = largestPowerBelow(leafHashes.length);
  return nodeHash(rootOfLeaves(leafHashes.slice(0, split), sha256), rootOfLeaves(leafHashes.slice(split), sha256), sha256);
}

/** The largest power of two smaller than n, for n of 2 and more. No bit operators: sizes may pass 2^31. */
export function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** Sizes and indexes are whole numbers up to 2^53 - 1. */
export function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

export function requireHash(hash: Uint8Array): void {
  if (hash.length !== HASH_BYTES) throw new LedgerError('bad_hash_length', `A hash has ${HASH_BYTES} bytes, not ${hash.length}.`);
}
