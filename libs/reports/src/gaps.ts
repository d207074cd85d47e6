import { numberIn, textIn, timeOf } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import { Rows } from './report.ts';
import type { Fact, ReportOptions, Section, Table } from './report.ts';

type Course = { next: number | null };

/** What is missing from the evidence of sessions, and what their gates and engines held back. */
export function gapsSection({ partial }: ReportOptions): Section {
  const courses = new Map<string, Course>();
  const rows = new Rows();
  const sum = { opened: 0, ended: 0, ticks: 0, lost: 0, holes: 0, late: 0, withheld: 0 };
  const gap = (entry: ReportEntry, session: string, what: string, ticks: number): void => {
    rows.add([entry.index, timeOf(entry), session, what, ticks]);
  };
  const take = (entry: ReportEntry): void => {
    const session = textIn(entry, 'data.session');
    if (session === null || !entry.kind.startsWith('session.')) return;
    if (entry.kind === 'session.opened') sum.opened += 1;
    if (entry.kind === 'session.ended') {
      sum.ended += 1;
      courses.delete(session);
    }
    if (entry.kind === 'session.attached') attached(entry, session);
    if (entry.kind === 'session.segment') segment(entry, session);
  };
  const attached = (entry: ReportEntry, session: string): void => {
    const lost = numberIn(entry, 'data.lost') ?? 0;
    courses.set(session, { next: numberIn(entry, 'data.fromTick') });
    if (lost === 0) return;
    sum.lost += lost;
    gap(entry, session, 'lost: a crash may have taken the evidence of these ticks', lost);
  };
  const segment = (entry: ReportEntry, session: string): void => {
    const from = numberIn(entry, 'data.fromTick');
    const to = numberIn(entry, 'data.toTick');
    const late = numberIn(entry, 'data.late') ?? 0;
    const withheld = numberIn(entry, 'data.withheld') ?? 0;
    if (from !== null && to !== null) sum.ticks += to - from + 1;
    const next = courses.get(session)?.next ?? null;
    if (from !== null && next !== null && from !== next) {
      sum.holes += 1;
      gap(entry, session, partial ? 'ticks that this selection does not show' : 'hole: ticks without evidence', Math.abs(from - next));
    }
    courses.set(session, { next: to === null ? null : to + 1 });
    sum.late += late;
    sum.withheld += withheld;
    if (late > 0) gap(entry, session, 'late: ticks that were answered after their deadline', late);
  };
  return { take, facts: () => factsOf(sum, partial), tables: () => [tableOf(rows)] };
}

type Sum = Readonly<Record<'opened' | 'ended' | 'ticks' | 'lost' | 'holes' | 'late' | 'withheld', number>>;

function factsOf(sum: Sum, partial: boolean): Fact[] {
  return [
    { label: 'Sessions opened', value: sum.opened },
    { label: 'Sessions ended', value: sum.ended },
    { label: 'Ticks with evidence', value: sum.ticks },
    { label: partial ? 'Places where this selection skips ticks' : 'Holes in the evidence', value: sum.holes },
    { label: 'Ticks whose evidence a crash may have taken', value: sum.lost },
    { label: 'Late ticks', value: sum.late },
    { label: 'Frames withheld by gates', value: sum.withheld },
  ];
}

function tableOf(rows: Rows): Table {
  return rows.table({
    title: 'Gaps',
    note: 'Whether a session is evidenced from its first tick to its last is proven by verifying a bundle of it; this table tells what the entries themselves admit.',
    columns: [
      { key: 'entry', title: 'Entry', align: 'right' },
      { key: 'time', title: 'Time (UTC)' },
      { key: 'session', title: 'Session' },
      { key: 'what', title: 'What' },
      { key: 'ticks', title: 'Ticks', align: 'right' },
    ],
    none: 'No gap: nothing is missing between the entries of any session that is covered.',
  });
}
