import { numberIn, scopeOf, textIn, timeOf, whoIn } from './report-entry.ts';
import type { NameOf, ReportEntry } from './report-entry.ts';
import { Rows, Tally } from './report.ts';
import type { ReportOptions, Section } from './report.ts';

/** Kinds that come every second, or again for each part of an order: the timeline leaves them out, the counts have them. */
const TOO_MANY = new Set(['session.segment', 'order.observed', 'order.applied', 'release.applied', 'content.kept']);

/** How many entries there are, and between which. */
export function countsSection(): Section {
  let count = 0;
  let first: ReportEntry | null = null;
  let last: ReportEntry | null = null;
  let withheld = 0;
  const take = (entry: ReportEntry): void => {
    count += 1;
    first ??= entry;
    last = entry;
    withheld += entry.withheld;
  };
  const placed = (entry: ReportEntry | null) => (entry === null ? null : `entry ${entry.index}, ${timeOf(entry)}`);
  return {
    take,
    facts: () => [
      { label: 'Entries', value: count },
      { label: 'First', value: placed(first) },
      { label: 'Last', value: placed(last) },
      { label: 'Fields not shown', value: withheld },
    ],
    tables: () => [],
  };
}

/** How many entries of each kind there are. */
export function kindsSection(): Section {
  const kinds = new Tally();
  return {
    take: (entry) => {
      kinds.add(entry.kind);
    },
    facts: () => [],
    tables: () => [
      {
        title: 'Entries by kind',
        columns: [
          { key: 'kind', title: 'Kind' },
          { key: 'entries', title: 'Entries', align: 'right' },
        ],
        rows: kinds.rows(),
        leftOut: 0,
        none: 'No entry is in this selection.',
      },
    ],
  };
}

/** What happened, in the ledger's order. */
export function timelineSection({ nameOf }: ReportOptions): Section {
  const rows = new Rows();
  return {
    take: (entry) => {
      if (!TOO_MANY.has(entry.kind)) rows.add([entry.index, timeOf(entry), entry.kind, whoIn(entry, nameOf), detailOf(entry, nameOf)]);
    },
    facts: () => [],
    tables: () => [
      rows.table({
        title: 'Timeline',
        note: 'Evidence of ticks (an entry a second and session), the parts of orders and stored content are counted, not listed.',
        columns: [
          { key: 'entry', title: 'Entry', align: 'right' },
          { key: 'time', title: 'Time (UTC)' },
          { key: 'kind', title: 'What' },
          { key: 'by', title: 'By' },
          { key: 'detail', title: 'Detail' },
        ],
        none: 'Nothing happened that this selection covers.',
      }),
    ],
  };
}

function detailOf(entry: ReportEntry, nameOf: NameOf): string {
  const text = (name: string) => textIn(entry, `data.${name}`);
  const parts: (string | null)[] = [];
  if (entry.kind === 'order.given') parts.push(`${text('kind') ?? 'order'} on ${scopeOf(entry)}`);
  for (const name of ['session', 'deployment', 'model', 'order', 'latch', 'release', 'erasure', 'hold', 'export']) {
    const value = text(name);
    if (value !== null) parts.push(`${name} ${value.slice(0, 40)}`);
  }
  for (const name of ['person', 'key']) {
    const id = text(name);
    if (id !== null) parts.push(`${name} ${nameOf(id)}`);
  }
  for (const name of ['role', 'format', 'profile', 'problem', 'reason']) {
    const value = text(name);
    if (value !== null && value !== '') parts.push(`${name}: ${value}`);
  }
  const level = numberIn(entry, 'data.level');
  if (level !== null) parts.push(`level ${level}`);
  const byMs = numberIn(entry, 'data.byMs');
  if (byMs !== null) parts.push(`the wall clock jumped by ${byMs} ms`);
  return parts.filter((part) => part !== null).join(', ');
}

/** What the entries say of the ledger's own life: starts, stops, clocks that were set. */
export function serverSection(): Section {
  const rows = new Rows();
  const sum = { starts: 0, unclean: 0, steps: 0 };
  return {
    take: (entry) => {
      if (entry.kind === 'server.started') {
        sum.starts += 1;
        const clean = entry.fields['data.stoppedCleanly'];
        if (clean === false) sum.unclean += 1;
        rows.add([entry.index, timeOf(entry), 'server started', clean === false ? 'the run before had not ended cleanly' : '']);
      } else if (entry.kind === 'server.stopped') rows.add([entry.index, timeOf(entry), 'server stopped', '']);
      else if (entry.kind === 'clock.stepped') {
        sum.steps += 1;
        rows.add([entry.index, timeOf(entry), 'wall clock set', `by ${numberIn(entry, 'data.byMs') ?? 0} ms`]);
      }
    },
    facts: () => [
      { label: 'Server starts', value: sum.starts },
      { label: 'Starts after an unclean end', value: sum.unclean },
      { label: 'Times the wall clock was set', value: sum.steps },
    ],
    tables: () => [
      rows.table({
        title: 'The server',
        columns: [
          { key: 'entry', title: 'Entry', align: 'right' },
          { key: 'time', title: 'Time (UTC)' },
          { key: 'what', title: 'What' },
          { key: 'detail', title: 'Detail' },
        ],
        none: 'The server neither started nor stopped in this period.',
      }),
    ],
  };
}
