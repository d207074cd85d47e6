import { sha256 } from '@wheelhouse/installation/node-crypto';
import { equalBytes, utf8 } from '@wheelhouse/ledger/bytes';
import { parseOpening } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { readFields } from '@wheelhouse/ledger/read-entry';
import { checkFields, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { personOf, subjectOf } from '@wheelhouse/ledger/subject';
import { TILE_WIDTH } from '@wheelhouse/ledger/tiles';
import { HASH_BYTES } from '@wheelhouse/ledger/tree-hash';
import type { FullRow, LedgerStore } from './ledger-store.ts';
import type { Difference } from './tree-check.ts';

/** Between two pages, so that a check in the background leaves the database to those who wait for it. */
export type Pause = () => Promise<void>;

/**
 * Holds every entry from `from` to `to` (exclusive) against the tree's tiles: its leaf, its fields against the leaf, and the searching columns
 * against the fields. Returns the first that differs.
 */
export async function checkRows(
  store: LedgerStore,
  range: { readonly from: number; readonly to: number },
  pause: Pause,
): Promise<Difference | null> {
  const first = Math.floor(range.from / TILE_WIDTH);
  for (let tile = first; tile * TILE_WIDTH < range.to; tile += 1) {
    const from = tile * TILE_WIDTH;
    const count = Math.min(TILE_WIDTH, range.to - from);
    const rows = await store.fullRows(from, count);
    const hashes = await store.tile({ level: 0, index: tile, width: count });
    for (let i = 0; i < count; i += 1) {
      const row = rows[i];
      if (row?.index !== from + i) return { index: from + i, message: `Entry ${from + i} is gone.` };
      const fault = faultOf(row, hashes?.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
      if (fault !== null) return { index: row.index, message: `Entry ${row.index}: ${fault}` };
    }
    await pause();
  }
  return null;
}

function faultOf(row: FullRow, inTree: Uint8Array | undefined): string | null {
  const bytes = utf8(row.body);
  const hash = entryLeafHash(bytes, sha256);
  if (inTree === undefined || !equalBytes(hash, inTree)) return 'it is not the one that the tree has in its place.';
  if (!equalBytes(hash, row.leafHash)) return 'its stored leaf hash was changed.';
  const leaf = parseLeaf(bytes);
  if (!leaf.ok) return leaf.message;
  const items = parseOpening(row.opening);
  if (!items.ok) return items.message;
  const checked = checkFields(leaf.value, items.value, sha256);
  if (!checked.ok) return checked.message;
  const { entry } = readFields(leaf.value, items.value);
  return entry === null ? null : columnFault(row, entry);
}

function columnFault(row: FullRow, entry: Parameters<typeof subjectOf>[0]): string | null {
  const said = { id: entry.id, kind: entry.kind, subject: subjectOf(entry), at: entry.time, person: personOf(entry) };
  const stored = { id: row.id, kind: row.kind, subject: row.subject, at: row.at, person: row.person };
  for (const [column, value] of Object.entries(said)) {
    if (Object.entries(stored).some(([name, is]) => name === column && is !== value))
      return `the column ${column} was changed; searches would miss the entry.`;
  }
  return null;
}
