import { BEFORE, Proposals } from './proposals.ts';
import { NOT_SHOWN, spanBetween, textIn, timeOf, whoIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import { Rows } from './report.ts';
import type { Cell, Column, ReportOptions, Section, Table } from './report.ts';

/** How an approval by two people is backed. Said of each, so that nobody takes one for more than it is. */
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

/** Every permissive act: who asked for it, who allowed it (another person, or the votes that a charter takes), and after how long. */
export function approvalsSection({ nameOf }: ReportOptions): Section {
  const open = new Map<string, Asked>();
  const rows = new Rows();
  const count = { asked: 0, granted: 0, withdrawn: 0 };
  const proposals = new Proposals(nameOf, (cells) => {
    rows.add(cells);
  });
  const decide = (entry: ReportEntry, key: string, outcome: 'confirmed' | 'withdrawn'): void => {
    const id = textIn(entry, key);
    // What a proposal had asked for is taken back with it.
    if (proposals.knows(id)) return;
    count[outcome === 'confirmed' ? 'granted' : 'withdrawn'] += 1;
    const asked = id === null ? undefined : open.get(id);
    if (id !== null) open.delete(id);
    const before = asked?.cells ?? [null, BEFORE, entry.kind, BEFORE, BEFORE];
    rows.add([...before, outcome, whoIn(entry, nameOf), spanBetween(asked?.at ?? null, textIn(entry, 'time')), entry.index, SIGNED_IN]);
  };
  const ask = (entry: ReportEntry, { key, what }: Procedure): void => {
    const id = textIn(entry, key);
    if (id === null || !isPermissive(entry)) return;
    count.asked += 1;
    const reason = textIn(entry, 'data.reason') ?? NOT_SHOWN;
    open.set(id, { cells: [entry.index, timeOf(entry), what, whoIn(entry, nameOf), reason], at: textIn(entry, 'time') });
  };
  const take = (entry: ReportEntry): void => {
    if (proposals.take(entry)) {
      // A proposal is recorded after what it books: the request under its id is its own.
      if (entry.kind === 'proposal.opened' && open.delete(textIn(entry, 'data.proposal') ?? '')) count.asked -= 1;
      return;
    }
    const begins = PROCEDURES.get(entry.kind);
    if (begins !== undefined) ask(entry, begins);
    // Below the quorum: that stands in the register of break glass.
    if (textIn(entry, 'data.glass') !== null) return;
    for (const { key, grants, withdraws } of PROCEDURES.values())
      if (entry.kind === grants) decide(entry, key, 'confirmed');
      else if (entry.kind === withdraws) decide(entry, key, 'withdrawn');
  };
  const facts = () => [
    { label: 'Permissive acts asked for', value: count.asked },
    { label: 'Confirmed by another person', value: count.granted },
    { label: 'Withdrawn', value: count.withdrawn },
    { label: 'Still open at the end', value: open.size + proposals.waiting().length },
    ...proposals.facts(),
  ];
  return { take, facts, tables: () => [table(rows, open, proposals), proposals.votesTable()] };
}

/** Exports that show less than everything take one person. */
function isPermissive(entry: ReportEntry): boolean {
  return entry.kind !== 'export.asked' || textIn(entry, 'data.profile') === 'full';
}

function table(rows: Rows, open: ReadonlyMap<string, Asked>, proposals: Proposals): Table {
  const decided = rows.table({
    title: 'Approvals',
    note: 'Under a charter each permissive act is a proposal that takes votes signed by passkey. Before one is adopted it takes a second person who has signed in, and nothing is signed.',
    columns: COLUMNS,
    none: 'No permissive act was asked for in this period.',
  });
  const waiting = [...open.values()].map(({ cells }): Cell[] => [...cells, 'open', null, null, null, SIGNED_IN]);
  return { ...decided, rows: [...decided.rows, ...waiting, ...proposals.waiting()] };
}
