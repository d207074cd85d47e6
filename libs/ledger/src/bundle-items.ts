import { planPruned } from './pruned-tree.ts';
import type { GapPlan } from './pruned-tree.ts';
import type { NodeRef } from './tree-hash.ts';

/** An entry as an export shows it: the leaf's text as it is stored, and its fields as `formatOpening` writes them, redacted already. */
export type SelectedEntry = { readonly index: number; readonly leaf: string; readonly opening: string };

/** A line of `entries.jsonl` to be: an entry, or the leaves `from` to `to` - 1 by the hashes that cover them. */
export type BundleItem =
  | ({ readonly is: 'entry' } & SelectedEntry)
  | { readonly is: 'gap'; readonly from: number; readonly to: number; readonly nodes: readonly Uint8Array[] };

export type ItemParts = {
  /** Leaves of the tree that the entries are proven against: the size of the last head. */
  readonly size: number;
  /** Sizes of the heads before it. */
  readonly cuts: readonly number[];
  /** The entries, in ascending order of index, in pages of any length: a page is what is held in memory at a time. */
  readonly selected: AsyncIterable<readonly SelectedEntry[]>;
  /**
   * The hashes of these perfect subtrees, in their order. Asked once a page at most, and not at all where the page has no gaps. A gap has at
   * most two nodes for each level of the tree. A rejection ends the export.
   */
  readonly readNodes: (refs: readonly NodeRef[]) => Promise<readonly Uint8Array[]>;
};

/** Puts what was selected into the form in which a bundle carries it: with the gaps between. Throws `out_of_range` for entries out of order. */
export async function* bundleItems(parts: ItemParts): AsyncGenerator<readonly BundleItem[]> {
  const plan = planPruned(parts.size, parts.cuts);
  for await (const page of parts.selected) {
    const planned = page.flatMap((entry): Planned[] => [...plan.leaf(entry.index), { is: 'entry', ...entry }]);
    yield await fill(planned, parts);
  }
  const rest = plan.end();
  if (rest.length > 0) yield await fill(rest, parts);
}

type Planned = GapPlan | ({ readonly is: 'entry' } & SelectedEntry);

async function fill(planned: readonly Planned[], { readNodes }: ItemParts): Promise<readonly BundleItem[]> {
  const refs = planned.flatMap((item) => ('is' in item ? [] : item.nodes));
  const hashes = refs.length === 0 ? [] : await readNodes(refs);
  let at = 0;
  return planned.map((item): BundleItem => {
    if ('is' in item) return item;
    const nodes = hashes.slice(at, at + item.nodes.length);
    at += item.nodes.length;
    return { is: 'gap', from: item.from, to: item.to, nodes };
  });
}
