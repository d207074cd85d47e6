import { utf8 } from '@wheelhouse/ledger/bytes';
import { decodeEntry } from '@wheelhouse/ledger/entry';
import { subjectOf } from '@wheelhouse/ledger/subject';
import { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { FindingsBook } from './findings-book.ts';
import type { EntryRow } from './log-reader.ts';

/** An entry as far as it can be read: `value` is what its bytes say, `entry` the same where it has the shape of a known kind. */
export type ReadEntry = { readonly index: number; readonly bytes: Uint8Array; readonly value: unknown; readonly entry: LedgerEntry | null };

/** Reads a stored entry from its bytes, and holds the columns beside them against what they say. */
export function readEntry(row: EntryRow, book: FindingsBook): ReadEntry {
  const { index } = row;
  const bytes = utf8(row.body);
  const decoded = decodeEntry(bytes);
  if (!decoded.ok) {
    book.add('entries', {
      code: 'entry_unreadable',
      index,
      message: `Entry ${index} can't be read as it must be written: ${decoded.message}`,
    });
    return { index, bytes, value: undefined, entry: null };
  }
  const parsed = LedgerEntry.safeParse(decoded.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : `: ${issue.path.join('.')} ${issue.message}`;
    book.add('entries', { code: 'entry_shape', index, message: `Entry ${index} is none of the kinds that this version knows${where}` });
    return { index, bytes, value: decoded.value, entry: null };
  }
  checkColumns(row, parsed.data, book);
  return { index, bytes, value: decoded.value, entry: parsed.data };
}

function checkColumns(row: EntryRow, entry: LedgerEntry, book: FindingsBook): void {
  const columns = [
    ['id', row.id, entry.id.toLowerCase()],
    ['kind', row.kind, entry.kind],
    ['subject', row.subject, subjectOf(entry)],
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
