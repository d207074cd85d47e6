/**
 * A largest matching of `left` nodes to `right` nodes (augmenting paths, O(nodes × edges)). `edges[i]` lists the right nodes that left node
 * `i` may take. The answer has, for each right node, the left node that takes it, or -1. It stops at `enough`. Left nodes come in order, and one that
 * has found its place keeps one: a node is left out only for the sake of those before it.
 */
export function matching(edges: readonly (readonly number[])[], rightCount: number, enough = Infinity): Int32Array {
  const taker = new Int32Array(rightCount).fill(-1);
  const seen = new Int32Array(rightCount).fill(-1);
  const augment = (left: number, round: number): boolean => {
    for (const right of edges[left] ?? []) {
      if (seen[right] === round) continue;
      seen[right] = round;
      const other = taker[right] ?? -1;
      if (other >= 0 && !augment(other, round)) continue;
      taker[right] = left;
      return true;
    }
    return false;
  };
  let size = 0;
  for (let left = 0; left < edges.length && size < enough; left += 1) if (augment(left, left)) size += 1;
  return taker;
}

/** How many right nodes a matching takes. */
export function sizeOf(taker: Int32Array): number {
  return taker.reduce((size, left) => size + (left >= 0 ? 1 : 0), 0);
}
