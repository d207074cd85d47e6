import { percentile } from './percentile.ts';
import { effectsIn, NOT_SHOWN, numberIn, scopeOf, scopeTypeOf, textIn, timeOf, whoIn } from './report-entry.ts';
import type { Effect, ReportEntry } from './report-entry.ts';
import { MAX_ROWS, Tally } from './report.ts';
import type { Cell, Column, ReportOptions, Section, Table } from './report.ts';

const COLUMNS: readonly Column[] = [
  { key: 'entry', title: 'Entry', align: 'right' },
  { key: 'time', title: 'Time (UTC)' },
  { key: 'kind', title: 'Order' },
  { key: 'scope', title: 'Scope' },
  { key: 'by', title: 'By' },
  { key: 'reason', title: 'Reason' },
  { key: 'sessions', title: 'Sessions', align: 'right' },
  { key: 'gate_closed_us', title: 'Gates closed after (µs)', align: 'right' },
  { key: 'last_byte_us', title: 'Last byte after (µs)', align: 'right' },
  { key: 'effect', title: 'Tick and last frame out' },
];

/** Effects of one order that are told one by one. */
const TOLD = 3;

type Override = { readonly cells: readonly Cell[]; covered: number; readonly effects: Effect[]; named: number };

/** Every override, with how fast it took effect and where it cut each session off. */
export function overridesSection({ nameOf }: ReportOptions): Section {
  const given = new Map<string, Override>();
  let leftOut = 0;
  const take = (entry: ReportEntry): void => {
    const order = textIn(entry, 'data.order');
    if (order === null) return;
    if (entry.kind === 'order.given') {
      if (given.size >= MAX_ROWS) leftOut += 1;
      else given.set(order, newOverride(entry, whoIn(entry, nameOf)));
    } else if (entry.kind === 'order.applied') applied(given.get(order), entry);
  };
  const table = (): Table => ({
    title: 'Overrides',
    note: 'Times to effect are microseconds from the arrival of the order at the server. A negative time of the last byte means that nothing was leaving when the order came.',
    columns: COLUMNS,
    rows: [...given.values()].map(({ cells, covered, effects, named }) => {
      const effect = effects.map(({ session, tick, lastSequence }) => `tick ${tick}, #${lastSequence} (${session.slice(0, 8)})`);
      const more = named > effects.length ? [`and ${named - effects.length} more sessions`] : [];
      return [...cells.slice(0, 6), covered, ...cells.slice(6), [...effect, ...more].join('; ') || 'no session was open in its scope'];
    }),
    leftOut,
    none: 'No override was given in this period.',
  });
  return { take, facts: () => [{ label: 'Overrides', value: given.size + leftOut }], tables: () => [table()] };
}

function newOverride(entry: ReportEntry, by: string): Override {
  const level = numberIn(entry, 'data.level');
  const kind = textIn(entry, 'data.kind') ?? NOT_SHOWN;
  const cells: Cell[] = [
    entry.index,
    timeOf(entry),
    level === null ? kind : `${kind} to ${level}`,
    scopeOf(entry),
    by,
    textIn(entry, 'data.reason') ?? NOT_SHOWN,
    numberIn(entry, 'data.gateClosedUs'),
    numberIn(entry, 'data.lastByteUs'),
  ];
  return { cells, covered: numberIn(entry, 'data.covered') ?? 0, effects: [], named: 0 };
}

function applied(override: Override | undefined, entry: ReportEntry): void {
  if (override === undefined) return;
  const effects = effectsIn(entry);
  override.named += effects.length;
  override.effects.push(...effects.slice(0, TOLD - override.effects.length));
}

/** How many overrides of which kind on which scopes, and how long they took to take effect. */
export function effectSection(): Section {
  const counts = new Tally();
  const gate: number[] = [];
  const lastByte: number[] = [];
  let covered = 0;
  const take = (entry: ReportEntry): void => {
    if (entry.kind !== 'order.given') return;
    counts.add(`${textIn(entry, 'data.kind') ?? NOT_SHOWN}|${scopeTypeOf(entry)}`);
    covered += numberIn(entry, 'data.covered') ?? 0;
    const closed = numberIn(entry, 'data.gateClosedUs');
    const last = numberIn(entry, 'data.lastByteUs');
    if (closed !== null) gate.push(closed);
    if (last !== null) lastByte.push(last);
  };
  return {
    take,
    facts: () => [
      { label: 'Overrides', value: counts.total },
      { label: 'Sessions covered, counted once for each override', value: covered },
    ],
    tables: () => [byScope(counts), distribution(gate, lastByte)],
  };
}

function byScope(counts: Tally): Table {
  return {
    title: 'Overrides by kind and scope',
    columns: [
      { key: 'kind', title: 'Order' },
      { key: 'scope', title: 'Scope' },
      { key: 'count', title: 'Count', align: 'right' },
    ],
    rows: counts.rows().map(([name, count]) => [...name.split('|', 2), count]),
    leftOut: 0,
    none: 'No override was given in this period.',
  };
}

function distribution(gate: readonly number[], lastByte: readonly number[]): Table {
  const row = (label: string, values: readonly number[]): Cell[] => {
    const sorted = [...values].sort((a, b) => a - b);
    return [label, sorted.length, ...[0.5, 0.9, 0.99, 1].map((part) => percentile(sorted, part))];
  };
  return {
    title: 'Time to effect',
    note: 'Microseconds from the arrival of an order at the server: until every covered gate was closed, and until the last engine byte had been handed to any covered connection (negative where that was before).',
    columns: [
      { key: 'what', title: 'What' },
      { key: 'count', title: 'Orders', align: 'right' },
      { key: 'p50', title: 'p50 (µs)', align: 'right' },
      { key: 'p90', title: 'p90 (µs)', align: 'right' },
      { key: 'p99', title: 'p99 (µs)', align: 'right' },
      { key: 'max', title: 'max (µs)', align: 'right' },
    ],
    rows: [row('Gates closed', gate), row('Last byte out', lastByte)].filter((cells) => cells[1] !== 0),
    leftOut: 0,
    none: 'No override was given in this period, so there is nothing to measure.',
  };
}
