import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, emptyRange, rootOf } from './compact-range.ts';
import { sha256 } from './evidence-fixture.ts';
import { openPrunedFold, planPruned } from './pruned-tree.ts';
import type { GapPlan } from './pruned-tree.ts';
import { leafHash, rootOfLeaves } from './tree-hash.ts';

const hashes = Array.from({ length: 300 }, (_, i) => leafHash(Uint8Array.of(i % 256, i >> 8), sha256));
const root = (size: number) => rootOfLeaves(hashes.slice(0, size), sha256);
const nodesOf = ({ nodes }: GapPlan) =>
  nodes.map(({ level, index }) => rootOfLeaves(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level), sha256));

/** The roots that the pruned tree has at each size that it stops at. */
function fold(size: number, cuts: number[], selected: number[]): Map<number, Uint8Array> {
  const roots = new Map<number, Uint8Array>();
  const tree = openPrunedFold(sha256);
  const plan = planPruned(size, cuts);
  const gaps = (some: readonly GapPlan[]) => {
    for (const gap of some) {
      expect(gap.from).toBe(tree.size());
      expect(tree.gap(gap.to, nodesOf(gap)).ok).toBe(true);
      roots.set(tree.size(), tree.root());
    }
  };
  for (const index of selected) {
    gaps(plan.leaf(index));
    tree.leaf(hashes[index] ?? new Uint8Array(0));
    roots.set(tree.size(), tree.root());
  }
  gaps(plan.end());
  return roots;
}

const tree = fc.integer({ min: 1, max: hashes.length }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    cuts: fc.array(fc.integer({ min: 1, max: size }), { maxLength: 6 }),
    selected: fc.uniqueArray(fc.nat(size - 1), { maxLength: 40 }).map((some) => some.sort((a, b) => a - b)),
  }),
);

describe('a pruned tree', () => {
  it('leads to the roots of the plain tree, at its end and at each cut', () => {
    fc.assert(
      fc.property(tree, ({ size, cuts, selected }) => {
        const roots = fold(size, cuts, selected);
        for (const cut of [...cuts, size]) expect(roots.get(cut)).toEqual(root(cut));
        for (const [at, found] of roots) expect(found).toEqual(root(at));
      }),
    );
  });

  it('is the plain tree where every leaf is selected, and one proof where none is', () => {
    expect(fold(37, [], [...hashes.keys()].slice(0, 37)).size).toBe(37);
    expect([...fold(37, [], []).keys()]).toEqual([37]);
    expect(planPruned(37, []).end()).toEqual([
      {
        from: 0,
        to: 37,
        nodes: [
          { level: 5, index: 0 },
          { level: 2, index: 8 },
          { level: 0, index: 36 },
        ],
      },
    ]);
    expect(planPruned(0, []).end()).toEqual([]);
  });

  it('has another root when any leaf or node is another', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(31), ({ size, selected }, which, byte) => {
        const folded = openPrunedFold(sha256);
        const plan = planPruned(size, []);
        const steps = [
          ...selected.flatMap((index) => [...plan.leaf(index).map((gap) => [gap.to, nodesOf(gap)] as const), [index, null] as const]),
          ...plan.end().map((gap) => [gap.to, nodesOf(gap)] as const),
        ];
        const at = which % steps.length;
        const flip = (hash: Uint8Array) => hash.map((value, i) => (i === byte ? value ^ 1 : value));
        for (const [i, [to, nodes]] of steps.entries()) {
          const leaf = hashes[to] ?? new Uint8Array(0);
          if (nodes === null) folded.leaf(i === at ? flip(leaf) : leaf);
          else folded.gap(to, i === at ? nodes.map((node, j) => (j === which % nodes.length ? flip(node) : node)) : nodes);
        }
        expect(folded.size()).toBe(size);
        expect(folded.root()).not.toEqual(root(size));
      }),
    );
  });

  it('refuses leaves out of order and gaps that are not covered as they must be', () => {
    const plan = planPruned(10, []);
    plan.leaf(4);
    expect(() => plan.leaf(4)).toThrow(/does not follow/);
    expect(() => plan.leaf(3)).toThrow(/does not follow/);
    expect(() => plan.leaf(10)).toThrow(/does not follow/);
    const folded = openPrunedFold(sha256);
    expect(folded.gap(0, [])).toMatchObject({ code: 'wrong_nodes' });
    expect(folded.gap(3, [root(3)])).toMatchObject({ code: 'wrong_nodes' });
    expect(folded.gap(2, [new Uint8Array(31)])).toMatchObject({ code: 'wrong_nodes' });
    expect(folded.size()).toBe(0);
  });

  it('takes logs of any length, at the price of one hash a level', () => {
    const folded = openPrunedFold(sha256);
    expect(folded.gap(2 ** 40, [root(1)])).toEqual({ ok: true });
    folded.leaf(root(2));
    const range = append({ size: 2 ** 40, nodes: [root(1)] }, root(2), sha256);
    expect([folded.size(), folded.root()]).toEqual([2 ** 40 + 1, rootOf(range, sha256)]);
    expect(openPrunedFold(sha256).root()).toEqual(rootOf(emptyRange(), sha256));
  });
});
