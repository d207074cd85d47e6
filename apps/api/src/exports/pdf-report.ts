import { toHex } from '@wheelhouse/ledger/bundle-format';
import { kindsOf } from '@wheelhouse/protocol/export';
import { REDACTION_PROFILES, type RedactionProfile } from '@wheelhouse/protocol/field-class';
import type { Fact, ReportBody } from '@wheelhouse/reports/report';
import type { ByteSink, ExportContext } from './export-writer.ts';
import { integrityOf, type IntegrityStatement } from './integrity-statement.ts';
import { FAINT, INK, MARGIN, PdfPages, RULE } from './pdf-page.ts';
import { drawTable } from './pdf-table.ts';

type Report = { readonly body: ReportBody; readonly entries: number; readonly context: ExportContext };

/** Writes a report as PDF: what it is and how it can be checked first, then its tables. */
export async function writePdf(sink: ByteSink, { body, entries, context }: Report): Promise<void> {
  const { export: one, startedAt } = context;
  const day = startedAt.toISOString().slice(0, 10);
  const pages = new PdfPages(sink, {
    title: `${body.title}, ${day}`,
    made: startedAt,
    foot: `Wheelhouse · ${body.title} · export ${one.id}`,
  });
  const integrity = await integrityOf(context);
  pages.addPage('portrait');
  cover(pages, { body, entries, context });
  drawFacts(pages, 'What is covered', scopeFacts(context, entries));
  drawFacts(pages, 'In short', body.facts);
  drawIntegrity(pages, integrity, toHex(context.head.root));
  drawRedaction(pages, one.profile);
  await pages.flush();
  pages.addPage('landscape');
  for (const table of body.tables) await drawTable(pages, table, context.breathe);
  if (pages.replaced) {
    const text =
      'Letters that the fonts of this document do not have are shown without their marks, or as question marks. The same report as CSV or JSON has them as they are.';
    pages.block('P', text, { font: 'Helvetica', size: 8.5, color: FAINT });
  }
  await pages.end();
}

function cover(pages: PdfPages, { body, context }: Report): void {
  const { doc } = pages;
  doc.y = MARGIN + 40;
  pages.block('P', 'WHEELHOUSE', { font: 'Helvetica-Bold', size: 9, color: FAINT, after: 4 });
  pages.block('H1', body.title, { font: 'Helvetica-Bold', size: 26, after: 6 });
  pages.block('P', body.about, { font: 'Helvetica', size: 11, color: FAINT, after: 6 });
  const made = context.startedAt.toISOString().replace('T', ' ').slice(0, 19);
  pages.block('P', `Made ${made} UTC from the ledger ${context.identity.origin}`, {
    font: 'Helvetica',
    size: 9.5,
    color: FAINT,
    after: 18,
  });
}

function scopeFacts({ export: one, nameOf }: ExportContext, entries: number): Fact[] {
  const { from, to, session, person, kind, without, deployment } = one.filter;
  const period =
    from === undefined && to === undefined
      ? 'everything up to the tree head below'
      : `${from ?? 'the beginning'} to ${to ?? 'the tree head below'}`;
  const limits = [
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(person === undefined ? [] : [`person ${nameOf(person)}`]),
    ...(kind === undefined ? [] : [`entries of the kind ${kind}`]),
    ...(without === undefined ? [] : [`entries of other kinds than ${kindsOf(without).join(', ')}`]),
    ...(deployment === undefined ? [] : [`deployment ${deployment}`]),
  ];
  return [
    { label: 'Period', value: period },
    { label: 'Limited to', value: limits.length === 0 ? 'nothing: all entries of the period' : limits.join(', ') },
    { label: 'Entries covered', value: entries },
    { label: 'Asked for by', value: `${nameOf(one.askedBy.id)} (${one.askedBy.role}), entry ${one.entry}` },
    ...(one.confirmed === null ? [] : [{ label: 'Confirmed by', value: `${nameOf(one.confirmed.by.id)} (${one.confirmed.by.role})` }]),
    { label: 'Reason given', value: one.reason },
    { label: 'Export', value: one.id },
  ];
}

function drawFacts(pages: PdfPages, title: string, facts: readonly Fact[]): void {
  if (facts.length === 0) return;
  const { doc } = pages;
  if (doc.y > pages.floor - 90) pages.addPage('portrait');
  pages.block('H2', title, { font: 'Helvetica-Bold', size: 13, after: 4 });
  for (const { label, value } of facts) drawFact(pages, label, value === null ? 'none' : String(value));
  doc.y += 14;
}

const LABEL_WIDTH = 170;

function drawFact(pages: PdfPages, label: string, value: string): void {
  const { doc } = pages;
  const [left, right] = [pages.plain(label), pages.plain(value)];
  doc.font('Helvetica').fontSize(9.5);
  const width = pages.width - LABEL_WIDTH;
  const height = Math.max(doc.heightOfString(right, { width }), doc.heightOfString(left, { width: LABEL_WIDTH - 10 }));
  if (doc.y + height > pages.floor) pages.addPage('portrait');
  const top = doc.y;
  const line = doc.struct('P', {}, () => {
    doc
      .font('Helvetica')
      .fontSize(9.5)
      .fillColor(FAINT)
      .text(left, MARGIN, top, { width: LABEL_WIDTH - 10 });
    doc.fillColor(INK).text(right, MARGIN + LABEL_WIDTH, top, { width });
  });
  doc.addStructure(line);
  line.end();
  doc.markContent('Artifact', { type: 'Layout' });
  doc
    .moveTo(MARGIN, top + height + 3)
    .lineTo(MARGIN + pages.width, top + height + 3)
    .lineWidth(0.4)
    .strokeColor(RULE)
    .stroke();
  doc.endMarkedContent();
  doc.y = top + height + 7;
}

function drawIntegrity(pages: PdfPages, statement: IntegrityStatement, root: string): void {
  const cosigned = statement.cosignedBy.map(({ witness, at }) => `${witness} at ${at}`).join(', ');
  drawFacts(pages, 'Integrity', [
    { label: 'Signed tree head', value: `${statement.treeSize} entries` },
    { label: 'Root (SHA-256)', value: root },
    { label: 'Signed by', value: statement.signedBy },
    { label: 'Cosigned by', value: cosigned === '' ? 'nobody: this installation has no witnesses, or none has answered yet' : cosigned },
  ]);
  const how =
    'While this document was made, every entry that it covers was checked against its commitment, and all of them, with the hashes of those between ' +
    'them, lead to this root. The document itself is not a proof: its digest is in the ledger (export.made), and a bundle of the same selection can ' +
    'be verified offline with wheelhouse verify BUNDLE, against the verifier key of the log, which you should have from a person whom you trust:';
  pages.block('P', how, { font: 'Helvetica', size: 9.5, after: 4 });
  pages.block('P', statement.verifierKey, { font: 'Courier', size: 8.5, after: 16 });
}

const LEFT_OUT: Readonly<Record<RedactionProfile, string>> = {
  full: 'Nothing is redacted. Words whose author was erased can no longer be shown.',
  'no-words': 'What people typed (reasons) is left out.',
  'no-people': 'Who acted, whom it was about, and what people typed are left out.',
  public: 'People, tenants, deployments, models, scopes, and what people typed are left out.',
};

function drawRedaction(pages: PdfPages, profile: RedactionProfile): void {
  if (pages.doc.y > pages.floor - 80) pages.addPage('portrait');
  pages.block('H2', 'Redaction', { font: 'Helvetica-Bold', size: 13, after: 4 });
  const shown = REDACTION_PROFILES[profile].join(', ');
  const text = `Profile "${profile}", which shows fields of the classes ${shown}. ${LEFT_OUT[profile]} A field that is left out reads "(not shown)"; its salted commitment stays in the ledger, so that it was left out and not changed can be proven with a bundle.`;
  pages.block('P', text, { font: 'Helvetica', size: 9.5 });
}
