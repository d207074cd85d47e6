import { sha256 } from '@wheelhouse/installation/node-crypto';
import { equalBytes, utf8 } from '@wheelhouse/ledger/bytes';
import { redact, type Item } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { openPrunedFold, planPruned, type GapPlan } from '@wheelhouse/ledger/pruned-tree';
import { parseLeaf, type Leaf } from '@wheelhouse/ledger/sealed-entry';
import type { NodeRef, TreeHead } from '@wheelhouse/ledger/tree-hash';
import { shows, type RedactionProfile } from '@wheelhouse/protocol/field-class';
import type { EntrySealer } from '../ledger/entry-sealer.ts';
import type { StoredRow } from '../ledger/ledger-store.ts';
import type { EntryArchive, Query } from './entry-archive.ts';
import { ExportError } from './export-error.ts';
import type { Pacer } from './pacer.ts';

/** An entry as an export shows it, redacted. `text` is the leaf as it is stored. */
export type ShownEntry = {
  readonly index: number;
  readonly leaf: Leaf;
  readonly text: string;
  readonly leafHash: Uint8Array;
  readonly items: readonly Item[];
};

export type TrailParts = {
  readonly archive: EntryArchive;
  readonly sealer: EntrySealer;
  readonly readNodes: (refs: readonly NodeRef[]) => Promise<readonly Uint8Array[]>;
  readonly pacer: Pacer;
};

export type TrailOptions = {
  readonly query: Query;
  readonly head: TreeHead;
  readonly profile: RedactionProfile;
  readonly signal: AbortSignal;
  readonly onProgress: (part: number) => void;
};

/** Entries in memory at a time. */
const PAGE = 400;

/**
 * The selected entries up to a signed head, redacted, page by page. What is between them is read as hashes, so that at the end it is known
 * whether all this leads to the head: rejects with `ledger_altered` where it does not.
 */
export async function* entryTrail(parts: TrailParts, options: TrailOptions): AsyncGenerator<readonly ShownEntry[]> {
  const { head, query, signal, onProgress } = options;
  const plan = planPruned(head.size, []);
  const fold = openPrunedFold(sha256);
  const pass = async (gaps: readonly GapPlan[]): Promise<void> => {
    for (const { to, nodes } of gaps) {
      if (!fold.gap(to, await parts.readNodes(nodes)).ok) throw new ExportError('ledger_altered');
    }
  };
  for (let from = 0; from < head.size;) {
    signal.throwIfAborted();
    const rows = await parts.archive.page(query, { from, size: head.size, limit: PAGE });
    const page: ShownEntry[] = [];
    for (const row of rows) {
      const entry = shown(row, parts.sealer, options.profile);
      await pass(plan.leaf(entry.index));
      fold.leaf(entry.leafHash);
      page.push(entry);
      await parts.pacer.breathe();
    }
    yield page;
    const last = page.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    from = last.index + 1;
    onProgress(from / head.size);
  }
  await pass(plan.end());
  if (!equalBytes(fold.root(), head.root)) throw new ExportError('ledger_altered');
}

function shown(row: StoredRow, sealer: EntrySealer, profile: RedactionProfile): ShownEntry {
  const bytes = utf8(row.body);
  const leaf = parseLeaf(bytes);
  if (!leaf.ok) throw new ExportError('ledger_altered', new Error(leaf.message));
  const items = redact(sealer.open(row), (field) => shows(profile, field), sha256);
  return { index: row.index, leaf: leaf.value, text: row.body, leafHash: entryLeafHash(bytes, sha256), items };
}
