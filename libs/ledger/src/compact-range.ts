import { LedgerError } from './ledger-error.ts';
import type { Sha256 } from './primitives.ts';
import { emptyRoot, isCount, nodeHash, requireHash } from './tree-hash.ts';
import type { NodeRef } from './tree-hash.ts';

/**
 * The right edge of a tree: the roots of its perfect subtrees, largest (leftmost) first; one for each 1 bit of `size`.
 * It is all that appending and computing the root need.
 */
export type CompactRange = { readonly size: number; readonly nodes: readonly Uint8Array[] };

/** The root of a perfect subtree of 2^level leaves. */
export type Subtree = { readonly level: number; readonly hash: Uint8Array };

/** Told of each perfect subtree when its last leaf arrives, leaves (level 0) included; lowest level first. */
export type OnNode = (node: NodeRef, hash: Uint8Array) => void;

export function emptyRange(): CompactRange {
  return { size: 0, nodes: [] };
}

/** The range with one leaf more. At most log2(size) hashes, one on average. `range` itself does not change. */
export function append(range: CompactRange, leafHash: Uint8Array, sha256: Sha256, onNode?: OnNode): CompactRange {
  return grow(range, { level: 0, hash: leafHash }, sha256, onNode);
}

/**
 * The range with the 2^level leaves more of a perfect subtree, of which only the root is known. Throws `bad_range` where such a subtree cannot
 * begin at the end of the range: its leaves begin at a multiple of their number.
 */
export function appendSubtree(range: CompactRange, subtree: Subtree, sha256: Sha256): CompactRange {
  if (range.size % 2 ** subtree.level !== 0)
    throw new LedgerError('bad_range', `No subtree of level ${subtree.level} begins after ${range.size} leaves.`);
  return grow(range, subtree, sha256, undefined);
}

function grow(range: CompactRange, subtree: Subtree, sha256: Sha256, onNode: OnNode | undefined): CompactRange {
  requireHash(subtree.hash);
  const nodes = [...range.nodes];
  let { hash, level } = subtree;
  let index = range.size / 2 ** level;
  onNode?.({ level, index }, hash);
  // A right child completes its parent, which may itself be a right child.
  while (index % 2 === 1) {
    hash = nodeHash(pop(nodes), hash, sha256);
    index = (index - 1) / 2;
    level += 1;
    onNode?.({ level, index }, hash);
  }
  nodes.push(hash);
  return { size: range.size + 2 ** subtree.level, nodes };
}

/** Root of the tree, RFC 6962 section 2.1: the subtrees folded from the right. */
export function rootOf(range: CompactRange, sha256: Sha256): Uint8Array {
  return foldRight(range.nodes, sha256) ?? emptyRoot(sha256);
}

/** Where the nodes of a range of `size` leaves stand in the tree, largest first: what to read to restore one. */
export function rangeNodes(size: number): NodeRef[] {
  return coverOf(0, size);
}

/** A range from its stored nodes (in the order of `rangeNodes`). Throws `bad_range` where their number does not fit the size. */
export function restoreRange(size: number, nodes: readonly Uint8Array[]): CompactRange {
  if (!isCount(size)) throw new LedgerError('out_of_range', `A tree cannot have ${size} leaves.`);
  const expected = rangeNodes(size).length;
  if (nodes.length !== expected)
    throw new LedgerError('bad_range', `A range of ${size} leaves has ${expected} nodes, not ${nodes.length}.`);
  nodes.forEach(requireHash);
  return { size, nodes: [...nodes] };
}

/** The fewest perfect subtrees that cover the leaves from `begin` up to but not including `end`, left to right. */
export function coverOf(begin: number, end: number): NodeRef[] {
  const cover: NodeRef[] = [];
  let at = begin;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level += 1;
    }
    cover.push({ level, index: at / width });
    at += width;
  }
  return cover;
}

/** The hash of neighbouring subtrees, right to left; undefined of none. */
export function foldRight(nodes: readonly Uint8Array[], sha256: Sha256): Uint8Array | undefined {
  let folded: Uint8Array | undefined;
  for (let i = nodes.length - 1; i >= 0; i -= 1) {
    const node = nodes[i];
    if (node === undefined) continue;
    folded = folded === undefined ? node : nodeHash(node, folded, sha256);
  }
  return folded;
}

function pop(nodes: Uint8Array[]): Uint8Array {
  const node = nodes.pop();
  if (node === undefined) throw new LedgerError('bad_range', 'The range has fewer nodes than its size needs.');
  return node;
}
