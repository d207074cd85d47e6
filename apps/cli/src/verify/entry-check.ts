import { sha256 } from '@wheelhouse/installation/node-crypto';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { type Item, parseOpening } from '@wheelhouse/ledger/disclosure';
import { readFields } from '@wheelhouse/ledger/read-entry';
import { checkFields, type Leaf, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { personOf, subjectOf } from '@wheelhouse/ledger/subject';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { FindingsBook } from './findings-book.ts';
import type { EntryRow } from './log-reader.ts';

/** An entry as far as it can be read: `value` is what its fields say, `entry` the same where it has the shape of a known kind. */
export type ReadEntry = { readonly index: number; readonly bytes: Uint8Array; readonly value: unknown; readonly entry: LedgerEntry | null };

/** Reads a stored entry from its leaf and its fields, and holds the columns beside them against what they say. */
export function readEntry(row: EntryRow, book: FindingsBook): ReadEntry {
  const { index } = row;
  const bytes = utf8(row.body);
  const nothing = { index, bytes, value: undefined, entry: null };
  const leaf = parseLeaf(bytes);
  if (!leaf.ok) {
    const message = `Entry ${index} can't be read as it must be written: ${leaf.message}`;
    book.add('entries', { code: 'entry_unreadable', index, message });
    return nothing;
  }
  const items = openedItems(row, leaf.value, book);
  if (items === null) return nothing;
  const read = readFields(leaf.value, items);
  for (const fault of read.faults) {
    book.add('entries', {
      code: 'entry_shape',
      index,
      message: `Entry ${index} is none of the kinds that this version knows, or not as they are: ${fault}.`,
    });
  }
  if (read.entry !== null) checkColumns(row, read.entry, book);
  return { index, bytes, value: read.value, entry: read.entry };
}

/** The entry's fields, when they are those that its leaf commits to. */
function openedItems(row: EntryRow, leaf: Leaf, book: FindingsBook): readonly Item[] | null {
  const opening = parseOpening(row.opening);
  const checked = opening.ok ? checkFields(leaf, opening.value, sha256) : opening;
  if (opening.ok && checked.ok) return opening.value;
  const why = checked.ok ? '' : checked.message;
  book.add('entries', {
    code: 'fields_differ',
    index: row.index,
    message: `Entry ${row.index}: what the database shows of its fields is not what the entry commits to. ${why}`,
  });
  return null;
}

function checkColumns(row: EntryRow, entry: LedgerEntry, book: FindingsBook): void {
  const columns = [
    ['id', row.id, entry.id.toLowerCase()],
    ['kind', row.kind, entry.kind],
    ['subject', row.subject, subjectOf(entry)],
    ['at', row.at.toISOString(), entry.time],
    ['person', row.person, personOf(entry)],
  ] as const;
  for (const [column, stored, said] of columns) {
    if (stored === said) continue;
    book.add('entries', {
      code: 'entry_column_differs',
      index: row.index,
      message: `Entry ${row.index}: the column ${column} says ${inWords(stored)}, the entry itself ${inWords(said)}. The column was changed; searches would miss the entry.`,
    });
  }
}

function inWords(value: string | null): string {
  return value === null ? 'nothing' : `"${value}"`;
}
