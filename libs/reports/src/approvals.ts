import { NOT_SHOWN, spanBetween, textIn, timeOf, whoIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import { Rows } from './report.ts';
import type { Cell, Column, ReportOptions, Section, Table } from './report.ts';

/** How an approval is backed until people sign with passkeys. Said of each, so that nobody takes one for more than it is. */
export const SIGNED_IN = 'signed in, not signed by passkey';

const COLUMNS: readonly Column[] = [
  { key: 'asked_entry', title: 'Asked in', align: 'right' },
  { key: 'asked_at', title: 'Asked (UTC)' },
  { key: 'what', title: 'What' },
  { key: 'asked_by', title: 'Asked by' },
  { key: 'reason', title: 'Reason' },
  { key: 'outcome', title: 'Outcome' },
  { key: 'decided_by', title: 'Decided by' },
  { key: 'after', title: 'After' },
  { key: 'decided_entry', title: 'Decided in', align: 'right' },
  { key: 'signature', title: 'Signature' },
];

/** Which entry asks, which one grants, which one takes back; by the id in `key`. */
type Procedure = { readonly what: string; readonly key: string; readonly grants: string; readonly withdraws: string | null };

const PROCEDURES = new Map<string, Procedure>([
  ['release.asked', { what: 'Release of a latch', key: 'data.release', grants: 'latch.released', withdraws: 'release.withdrawn' }],
  ['erasure.asked', { what: 'Erasure of a person', key: 'data.erasure', grants: 'subject.erased', withdraws: 'erasure.withdrawn' }],
  ['export.asked', { what: 'Export of everything', key: 'data.export', grants: 'export.confirmed', withdraws: null }],
]);

type Asked = { readonly cells: readonly Cell[]; readonly at: string | null };

/** Every permissive act: who asked for it, who else allowed it, and after how long. */
export function approvalsSection({ nameOf }: ReportOptions): Section {
  const open = new Map<string, Asked>();
  const rows = new Rows();
  const count = { asked: 0, granted: 0, withdrawn: 0 };
  const decide = (entry: ReportEntry, key: string, outcome: string): void => {
    const id = textIn(entry, key);
    const asked = id === null ? undefined : open.get(id);
    if (id !== null) open.delete(id);
    const before = asked?.cells ?? [null, NOT_IN_PERIOD, entry.kind, NOT_IN_PERIOD, NOT_IN_PERIOD];
    rows.add([...before, outcome, whoIn(entry, nameOf), spanBetween(asked?.at ?? null, textIn(entry, 'time')), entry.index, SIGNED_IN]);
  };
  const take = (entry: ReportEntry): void => {
    const begins = PROCEDURES.get(entry.kind);
    if (begins !== undefined) {
      const id = textIn(entry, begins.key);
      if (id === null || !isPermissive(entry)) return;
      count.asked += 1;
      const reason = textIn(entry, 'data.reason') ?? NOT_SHOWN;
      open.set(id, { cells: [entry.index, timeOf(entry), begins.what, whoIn(entry, nameOf), reason], at: textIn(entry, 'time') });
    }
    for (const { key, grants, withdraws } of PROCEDURES.values()) {
      if (entry.kind === grants) {
        count.granted += 1;
        decide(entry, key, 'confirmed');
      } else if (entry.kind === withdraws) {
        count.withdrawn += 1;
        decide(entry, key, 'withdrawn');
      }
    }
  };
  const facts = () => [
    { label: 'Permissive acts asked for', value: count.asked },
    { label: 'Confirmed by another person', value: count.granted },
    { label: 'Withdrawn', value: count.withdrawn },
    { label: 'Still open at the end', value: open.size },
  ];
  return { take, facts, tables: () => [table(rows, open)] };
}

const NOT_IN_PERIOD = '(before this period)';

/** Exports that show less than everything take one person. */
function isPermissive(entry: ReportEntry): boolean {
  return entry.kind !== 'export.asked' || textIn(entry, 'data.profile') === 'full';
}

function table(rows: Rows, open: ReadonlyMap<string, Asked>): Table {
  const decided = rows.table({
    title: 'Approvals',
    note: 'Each permissive act takes a second person. Whoever asked and whoever confirmed had signed in; no act was signed by a passkey.',
    columns: COLUMNS,
    none: 'No permissive act was asked for in this period.',
  });
  const waiting = [...open.values()].map(({ cells }): Cell[] => [...cells, 'open', null, null, null, SIGNED_IN]);
  return { ...decided, rows: [...decided.rows, ...waiting] };
}
