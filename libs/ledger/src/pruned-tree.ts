import { append, appendSubtree, coverOf, emptyRange, rootOf } from './compact-range.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Sha256, Verdict } from './primitives.ts';
import { HASH_BYTES, isCount } from './tree-hash.ts';
import type { NodeRef } from './tree-hash.ts';

/**
 * A tree with only some of its leaves, RFC 6962 section 2.1: the leaves that matter, and in their order between them *gaps*, each given by the
 * roots of the fewest perfect subtrees that cover it. It proves all its leaves at once against any head at which it is cut, and a whole log is
 * the case without gaps.
 */

/** Leaves `from` to `to` - 1, which are not shown; `nodes` cover them, from left to right. */
export type GapPlan = { readonly from: number; readonly to: number; readonly nodes: readonly NodeRef[] };

/** Says which gaps stand before each selected leaf, and after the last. */
export type PrunedPlan = {
  /** The next selected leaf, in ascending order. Throws `out_of_range` where it is not, or is not in the tree. */
  readonly leaf: (index: number) => readonly GapPlan[];
  /** After the last leaf. */
  readonly end: () => readonly GapPlan[];
};

/**
 * Plans a tree of `size` leaves. `cuts`: the sizes, in any order, of earlier heads that should be checkable as well; gaps are split there. Memory
 * does not grow with the selection.
 */
export function planPruned(size: number, cuts: readonly number[]): PrunedPlan {
  if (!isCount(size)) throw new LedgerError('out_of_range', `A tree cannot have ${size} leaves.`);
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  let at = 0;
  let nextCut = 0;
  const upTo = (end: number): GapPlan[] => {
    const gaps: GapPlan[] = [];
    while (at < end) {
      while ((sorted[nextCut] ?? Infinity) <= at) nextCut += 1;
      const to = Math.min(end, sorted[nextCut] ?? end);
      gaps.push({ from: at, to, nodes: coverOf(at, to) });
      at = to;
    }
    return gaps;
  };
  return {
    leaf: (index) => {
      if (!isCount(index) || index < at || index >= size)
        throw new LedgerError('out_of_range', `Leaf ${index} does not follow in a tree of ${size}, of which ${at} are planned.`);
      const gaps = upTo(index);
      at = index + 1;
      return gaps;
    },
    end: () => upTo(size),
  };
}

/** Folds a pruned tree as it is read. Holds one hash for each level, however many leaves come. */
export type PrunedFold = {
  /** How many leaves, shown or not, have passed. */
  readonly size: () => number;
  /** The next leaf, by its hash (32 bytes; throws `bad_hash_length` otherwise). */
  readonly leaf: (hash: Uint8Array) => void;
  /** A gap from here up to but not including `to`. Refused, and passed over, unless the nodes are just those that cover it. */
  readonly gap: (to: number, nodes: readonly Uint8Array[]) => Verdict<'wrong_nodes'>;
  /** The root of what has passed. */
  readonly root: () => Uint8Array;
};

export function openPrunedFold(sha256: Sha256): PrunedFold {
  let range = emptyRange();
  return {
    size: () => range.size,
    leaf: (hash) => {
      range = append(range, hash, sha256);
    },
    gap: (to, nodes) => {
      if (!isCount(to) || to <= range.size) return refuse('wrong_nodes', `A gap from ${range.size} can't end before ${to}.`);
      const cover = coverOf(range.size, to);
      if (cover.length !== nodes.length || nodes.some((node) => node.length !== HASH_BYTES))
        return refuse('wrong_nodes', `The gap from ${range.size} to ${to} takes ${cover.length} hashes, not ${nodes.length}.`);
      for (const [i, { level }] of cover.entries()) range = appendSubtree(range, { level, hash: nodes[i] ?? new Uint8Array(0) }, sha256);
      return { ok: true };
    },
    root: () => rootOf(range, sha256),
  };
}
