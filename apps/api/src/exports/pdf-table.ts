import type { Cell, Column, Table } from '@wheelhouse/reports/report';
import { FAINT, INK, MARGIN, type PdfPages, RULE } from './pdf-page.ts';

const SIZE = 8;
const PAD = 4;
/** Rows that are printed; the rest is in the tables as CSV and JSON. */
const MOST_ROWS = 1000;
/** Rows that columns are measured by. */
const SAMPLE = 60;
const NARROWEST = 34;

/** Prints a table over as many pages as it takes, its head again on each. */
export async function drawTable(pages: PdfPages, table: Table, breathe: () => Promise<void>): Promise<void> {
  if (pages.doc.y > pages.floor - 110) pages.addPage('landscape');
  pages.block('H2', table.title, { font: 'Helvetica-Bold', size: 13, after: 3 });
  if (table.note !== undefined) pages.block('P', table.note, { font: 'Helvetica', size: 8.5, color: FAINT, after: 6 });
  if (table.rows.length === 0) {
    pages.block('P', table.none, { font: 'Helvetica', size: 9.5, after: 18 });
    return;
  }
  const rows = table.rows.slice(0, MOST_ROWS).map((row) => row.map((cell) => pages.plain(inCell(cell))));
  const widths = widthsOf(pages, table.columns, rows.slice(0, SAMPLE));
  const structure = pages.doc.struct('Table');
  pages.doc.addStructure(structure);
  const draw = (cells: readonly string[], head: boolean) => {
    const row = pages.doc.struct('TR');
    structure.add(row);
    drawRow(pages, { cells, columns: table.columns, widths, head, add: (cell) => row.add(cell) });
    row.end();
  };
  const titles = table.columns.map(({ title }) => title);
  draw(titles, true);
  for (const row of rows) {
    if (pages.doc.y + heightOf(pages, row, widths) > pages.floor) {
      pages.addPage('landscape');
      draw(titles, true);
    }
    draw(row, false);
    await breathe();
    await pages.flush();
  }
  structure.end();
  const more = table.rows.length - rows.length + table.leftOut;
  if (more > 0) {
    pages.doc.y += 4;
    pages.block(
      'P',
      `${more} more rows are not printed. The same report as CSV or JSON holds ${table.leftOut === 0 ? 'all of them' : 'more'}.`,
      {
        font: 'Helvetica',
        size: 8.5,
        color: FAINT,
      },
    );
  }
  pages.doc.y += 16;
}

function inCell(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '–' : typeof cell === 'number' ? numberInWords(cell) : cell;
}

/** 1234567.8 as 1 234 567.8: groups that no country reads as a decimal point. */
function numberInWords(value: number): string {
  const [whole = '', part] = String(Math.round(value * 10) / 10).split('.', 2);
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, '\u00a0');
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** Each column gets what its widest word or number needs, and a share of the rest by how much text it holds. */
function widthsOf({ doc, width }: PdfPages, columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  doc.font('Helvetica').fontSize(SIZE);
  const needs = columns.map(({ title }, i) => {
    const words = title.split(' ').map((each) => doc.font('Helvetica-Bold').widthOfString(each));
    doc.font('Helvetica');
    const cells = rows.map((row) => row[i] ?? '');
    const word = Math.max(...words, ...cells.flatMap((cell) => cell.split(' ').map((each) => doc.widthOfString(each))));
    const whole = Math.max(word, ...cells.map((cell) => doc.widthOfString(cell)));
    return { least: Math.max(NARROWEST, Math.min(word + 2 * PAD + 2, 150)), whole: Math.min(whole + 2 * PAD + 2, 260) };
  });
  const least = needs.reduce((sum, need) => sum + need.least, 0);
  const wanted = needs.reduce((sum, need) => sum + Math.max(0, need.whole - need.least), 0);
  const spare = width - least;
  if (spare <= 0) return needs.map((need) => (need.least * width) / least);
  const share = Math.min(1, spare / Math.max(wanted, 1));
  return needs.map((need) => need.least + Math.max(0, need.whole - need.least) * share);
}

function heightOf({ doc, floor }: PdfPages, cells: readonly string[], widths: readonly number[]): number {
  doc.font('Helvetica').fontSize(SIZE);
  const heights = cells.map((cell, i) => doc.heightOfString(cell, { width: (widths[i] ?? NARROWEST) - 2 * PAD }));
  return Math.min(Math.max(...heights) + 2 * PAD, floor - MARGIN - 40);
}

type RowParts = {
  readonly cells: readonly string[];
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly head: boolean;
  readonly add: (cell: PDFKit.PDFStructureElement) => unknown;
};

function drawRow(pages: PdfPages, { cells, columns, widths, head, add }: RowParts): void {
  const { doc } = pages;
  const top = doc.y;
  doc.font(head ? 'Helvetica-Bold' : 'Helvetica').fontSize(SIZE);
  const height = heightOf(pages, cells, widths) + (head ? 2 : 0);
  let x = MARGIN;
  for (const [i, cell] of cells.entries()) {
    const width = widths[i] ?? NARROWEST;
    const at = x;
    const align = columns[i]?.align ?? 'left';
    add(
      doc.struct(head ? 'TH' : 'TD', {}, () => {
        doc
          .font(head ? 'Helvetica-Bold' : 'Helvetica')
          .fontSize(SIZE)
          .fillColor(head ? FAINT : INK)
          .text(cell, at + PAD, top + PAD, { width: width - 2 * PAD, height: height - PAD, align, ellipsis: true });
      }),
    );
    x += width;
  }
  doc.markContent('Artifact', { type: 'Layout' });
  doc
    .moveTo(MARGIN, top + height)
    .lineTo(x, top + height)
    .lineWidth(head ? 0.9 : 0.4)
    .strokeColor(head ? INK : RULE)
    .stroke();
  doc.endMarkedContent();
  doc.x = MARGIN;
  doc.y = top + height;
}
