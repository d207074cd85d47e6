import { readAdopted } from '@wheelhouse/charter/read-charter';
import { toHex } from '@wheelhouse/ledger/bundle-format';
import type { ReportName } from '@wheelhouse/protocol/export';
import { safeCell } from '@wheelhouse/reports/csv-cell';
import { openReport } from '@wheelhouse/reports/open-report';
import type { CharterSeat, ReportBody, Table } from '@wheelhouse/reports/report';
import { csvRows } from './csv-rows.ts';
import { reportEntry } from './entry-formats.ts';
import type { ShownEntry } from './entry-trail.ts';
import type { ExportContext, ExportWriter } from './export-writer.ts';
import { integrityOf } from './integrity-statement.ts';
import { writePdf } from './pdf-report.ts';

/** A report's register as CSV: its first table. */
export const writeReportCsv: ExportWriter = async (sink, entries, context) => {
  const { body } = await compute(context, entries);
  const register: Table | undefined = body.tables[0];
  const csv = csvRows(sink);
  if (register !== undefined) {
    await csv.add(register.columns.map(({ key }) => key));
    for (const row of register.rows) {
      await csv.add(row.map(safeCell));
      await context.breathe();
    }
  }
  await csv.end();
};

/** The whole report as one JSON document. */
export const writeReportJson: ExportWriter = async (sink, entries, context) => {
  const { body, count } = await compute(context, entries);
  const { export: one, startedAt, head } = context;
  const document = {
    format: 'wheelhouse.report',
    version: 1,
    export: one.id,
    made: startedAt.toISOString(),
    profile: one.profile,
    filter: one.filter,
    entries: count,
    integrity: { ...(await integrityOf(context)), root: toHex(head.root) },
    report: body.name,
    title: body.title,
    facts: body.facts,
    tables: body.tables.map(({ title, columns, rows, leftOut, none }) => ({
      title,
      rows: rows.map((row) => Object.fromEntries(columns.map(({ key }, i) => [key, row[i] ?? null]))),
      leftOut,
      ...(rows.length === 0 ? { none } : {}),
    })),
  };
  await sink.write(new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`));
};

/** The report as pages to read. */
export const writeReportPdf: ExportWriter = async (sink, entries, context) => {
  const { body, count } = await compute(context, entries);
  await writePdf(sink, { body, entries: count, context });
};

/** The seats of a charter's text; null for what is none. */
function seatsOf(text: string): readonly CharterSeat[] | null {
  const reading = readAdopted(text);
  if (!reading.ok) return null;
  const iso = (at: number) => new Date(at).toISOString();
  return [...reading.charter.seats.values()].map(({ id, holder, alternates, term }) => ({
    ...{ seat: id, holder, alternates },
    term: term === null ? null : { from: iso(term.from), until: iso(term.until) },
  }));
}

type Computed = { readonly body: ReportBody; readonly count: number };

async function compute(context: ExportContext, entries: AsyncIterable<readonly ShownEntry[]>): Promise<Computed> {
  const { kind, without, person, deployment } = context.export.filter;
  const partial = [kind, without, person, deployment].some((part) => part !== undefined);
  const name: ReportName = context.export.report ?? 'record';
  const report = openReport(name, { nameOf: context.nameOf, partial, seatsOf });
  let count = 0;
  for await (const page of entries) {
    for (const entry of page) {
      report.take(reportEntry(entry));
      count += 1;
      await context.breathe();
    }
  }
  return { body: report.finish(), count };
}
