import type { ReportEntry } from './report-entry.ts';
import { safeCell } from './csv-cell.ts';

/** The columns of entries as CSV. They stay; new ones may come at the end. */
export const ENTRY_COLUMNS = [
  'index',
  'id',
  'kind',
  'time',
  'clock',
  'cause',
  'policy',
  'charter',
  'by.kind',
  'by.id',
  'by.role',
  'by.person',
  'data',
  'withheld',
  'leaf_hash',
] as const;

/** Columns that are fields of the entry, under their own names. */
const FIELDS = ['time', 'clock', 'cause', 'policy', 'charter', 'by.kind', 'by.id', 'by.role', 'by.person'] as const;

/**
 * An entry as a row. What it says beyond the envelope is one JSON object in `data`; `withheld` counts the fields that are redacted or erased: an
 * empty cell where it is 0 was never there.
 */
export function entryRow(entry: ReportEntry, leafHash: string): string[] {
  const data = Object.entries(entry.fields).filter(([name]) => name.startsWith('data.'));
  const inner = Object.fromEntries(data.map(([name, value]) => [name.slice('data.'.length), value]));
  const fields = FIELDS.map((name) => {
    const value = entry.fields[name];
    return typeof value === 'string' || typeof value === 'number' ? value : null;
  });
  const cells = [entry.index, entry.id, entry.kind, ...fields, JSON.stringify(inner), entry.withheld, leafHash];
  return cells.map(safeCell);
}
