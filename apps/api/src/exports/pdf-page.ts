import PDFDocument from 'pdfkit';
import type { ByteSink } from './export-writer.ts';

export const INK = '#1a1f26';
export const FAINT = '#5b6673';
export const RULE = '#c8ced6';
export const MARGIN = 48;

export type Fonts = 'Helvetica' | 'Helvetica-Bold' | 'Courier';

/** Letters that the fonts of every PDF reader have, beside Latin-1. */
const ALSO = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');

/** Letters that nothing can be taken off of. */
const UNMARKED = new Map([
  ['ı', 'i'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['đ', 'd'],
  ['Đ', 'D'],
  ['\u2212', '-'],
]);

function isKnown(letter: string): boolean {
  const code = letter.codePointAt(0) ?? 0;
  return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff) || ALSO.has(letter);
}

/** A document that is written while it grows: pages go out as they are done, and each has its number and title at the foot. */
export class PdfPages {
  readonly doc: PDFKit.PDFDocument;
  readonly #sink: ByteSink;
  readonly #foot: string;
  #waiting: Buffer[] = [];
  #page = 0;
  #replaced = false;

  constructor(sink: ByteSink, meta: { readonly title: string; readonly made: Date; readonly foot: string }) {
    this.#sink = sink;
    this.#foot = meta.foot;
    this.doc = new PDFDocument({
      autoFirstPage: false,
      size: 'A4',
      margin: MARGIN,
      pdfVersion: '1.7',
      tagged: true,
      lang: 'en',
      displayTitle: true,
      info: { Title: meta.title, Creator: 'Wheelhouse', Producer: 'Wheelhouse', CreationDate: meta.made, ModDate: meta.made },
    });
    this.doc.on('data', (chunk: Buffer) => {
      this.#waiting.push(chunk);
    });
  }

  /** Whether letters were replaced that the built-in fonts do not have. */
  get replaced(): boolean {
    return this.#replaced;
  }

  /** How wide a line may be. */
  get width(): number {
    return this.doc.page.width - 2 * MARGIN;
  }

  /** Where text has to end. */
  get floor(): number {
    return this.doc.page.height - MARGIN - 14;
  }

  addPage(layout: 'portrait' | 'landscape'): void {
    this.doc.addPage({ size: 'A4', layout, margin: MARGIN });
    this.#page += 1;
    const { doc } = this;
    const y = doc.page.height - MARGIN + 6;
    doc.markContent('Artifact', { type: 'Pagination' });
    doc.page.margins.bottom = 0;
    doc.font('Helvetica').fontSize(7.5).fillColor(FAINT);
    doc.text(this.plain(this.#foot), MARGIN, y, { width: this.width - 60, lineBreak: false });
    doc.text(`Page ${this.#page}`, MARGIN + this.width - 60, y, { width: 60, align: 'right', lineBreak: false });
    doc.page.margins.bottom = MARGIN;
    doc.endMarkedContent();
    doc.x = MARGIN;
    doc.y = MARGIN;
  }

  /** Text as the built-in fonts can show it: what they lack loses its marks, or becomes a question mark. CSV and JSON have it as it is. */
  plain(text: string): string {
    let shown = '';
    for (const letter of text.replaceAll(/[\n\t]/g, ' ')) {
      const known = isKnown(letter) ? letter : (UNMARKED.get(letter) ?? letter.normalize('NFD').replaceAll(/\p{M}/gu, ''));
      shown += known.length > 0 && isKnown(known) ? known : '?';
      this.#replaced ||= known !== letter || !isKnown(known);
    }
    return shown;
  }

  /** A block of text with its place in the document's structure. */
  block(
    tag: 'H1' | 'H2' | 'P',
    text: string,
    style: { readonly font: Fonts; readonly size: number; readonly color?: string; readonly after?: number },
  ): void {
    const { doc } = this;
    const shown = this.plain(text);
    doc.font(style.font).fontSize(style.size);
    if (doc.y + doc.heightOfString(shown, { width: this.width }) > this.floor)
      this.addPage(doc.page.layout === 'landscape' ? 'landscape' : 'portrait');
    const draw = () => {
      doc
        .font(style.font)
        .fontSize(style.size)
        .fillColor(style.color ?? INK)
        .text(shown, MARGIN, doc.y, { width: this.width, lineGap: 2 });
    };
    const element = doc.struct(tag, {}, draw);
    doc.addStructure(element);
    element.end();
    doc.y += style.after ?? 6;
  }

  /** Hands on what is written so far. */
  async flush(): Promise<void> {
    const chunk = Buffer.concat(this.#waiting);
    this.#waiting = [];
    if (chunk.length > 0) await this.#sink.write(chunk);
  }

  async end(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.doc.once('end', resolve);
      this.doc.once('error', reject);
    });
    this.doc.end();
    await ended;
    await this.flush();
  }
}
