import { setTimeout as wait } from 'node:timers/promises';
import { toBase64 } from '@wheelhouse/ledger/base64';
import type { CosignerKey } from '@wheelhouse/ledger/cosignature';
import type { ExportFormat, MadeExport } from '@wheelhouse/protocol/export';
import { shows } from '@wheelhouse/protocol/field-class';
import type { EntrySealer } from '../ledger/entry-sealer.ts';
import { AlteredEntryError } from '../ledger/entry-sealer.ts';
import type { Ledger, SignedHead } from '../ledger/ledger.ts';
import type { PublishedHead } from '../ledger/published-head.ts';
import type { EntryArchive } from './entry-archive.ts';
import { writeBundleFile, writeEntriesCsv, writeOcsf } from './entry-formats.ts';
import { entryTrail, type ShownEntry } from './entry-trail.ts';
import type { BookedExport } from './export-book.ts';
import { ExportError } from './export-error.ts';
import { ExportFile } from './export-file.ts';
import type { ExportContext, ExportWriter } from './export-writer.ts';
import { Pacer } from './pacer.ts';
import { writeReportCsv, writeReportJson, writeReportPdf } from './report-formats.ts';
import { shownRequest } from './shown-request.ts';

export type MakerParts = {
  readonly ledger: Ledger;
  readonly published: PublishedHead;
  readonly archive: EntryArchive;
  readonly sealer: EntrySealer;
  readonly witnesses: readonly CosignerKey[];
  readonly nameOf: (id: string) => string;
  readonly version: string;
};

export type Making = {
  readonly file: string;
  readonly signal: AbortSignal;
  readonly onProgress: (part: number) => void;
};

/** Heads are signed each second, and cosigned soon after; this long an export waits for one that covers its own request. */
const HEAD_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Makes the file of an export: the entries up to a signed head, redacted, in one of the formats. */
export class ExportMaker {
  readonly #parts: MakerParts;

  constructor(parts: MakerParts) {
    this.#parts = parts;
  }

  /** Throws `ExportError`, or the signal's reason; nothing of the file is left then. */
  async make(one: BookedExport, { file: name, signal, onProgress }: Making): Promise<MadeExport> {
    const { ledger, archive, sealer } = this.#parts;
    const head = await this.#headOver(one.confirmed?.entry ?? one.entry, signal);
    const query = await archive.query({ filter: one.filter, tenant: null });
    const file = await ExportFile.create(name);
    try {
      const pacer = new Pacer();
      const readNodes: ExportContext['readNodes'] = (refs) => ledger.proofs.nodes(refs);
      const trail = entryTrail({ archive, sealer, readNodes, pacer }, { query, head, profile: one.profile, signal, onProgress });
      const tally = { entries: 0 };
      await writerOf(one)(file, counted(trail, tally), this.#context(one, head, { readNodes, breathe: () => pacer.breathe() }));
      signal.throwIfAborted();
      const written = await file.finish();
      return { ...written, entries: tally.entries, treeSize: head.size, root: toBase64(head.root) };
    } catch (error) {
      await file.discard();
      throw error instanceof AlteredEntryError ? new ExportError('ledger_altered', error) : error;
    }
  }

  /** The latest published head: signed, and cosigned where there are witnesses. It has to cover the request itself, and what allowed it. */
  async #headOver(entry: number, signal: AbortSignal): Promise<SignedHead> {
    const deadline = performance.now() + HEAD_WITHIN_MS;
    for (;;) {
      signal.throwIfAborted();
      const { head } = this.#parts.published;
      if (head !== null && head.size > entry) return head;
      if (performance.now() > deadline) throw new ExportError('no_head');
      await wait(LOOK_EVERY_MS);
    }
  }

  #context(one: BookedExport, head: SignedHead, shared: Pick<ExportContext, 'readNodes' | 'breathe'>): ExportContext {
    const { ledger, witnesses, nameOf, version } = this.#parts;
    return {
      export: shownRequest(one),
      head,
      startedAt: new Date(),
      version,
      identity: ledger.identity,
      witnesses,
      nameOf: shows(one.profile, 'by.id') ? nameOf : () => 'somebody',
      ...shared,
    };
  }
}

async function* counted(pages: AsyncIterable<readonly ShownEntry[]>, tally: { entries: number }): AsyncGenerator<readonly ShownEntry[]> {
  for await (const page of pages) {
    tally.entries += page.length;
    yield page;
  }
}

function writerOf({ format, report }: BookedExport): ExportWriter {
  switch (format) {
    case 'bundle':
      return writeBundleFile;
    case 'ocsf':
      return writeOcsf;
    case 'csv':
      return report === null ? writeEntriesCsv : writeReportCsv;
    case 'pdf':
      return writeReportPdf;
    case 'json':
      return writeReportJson;
  }
}

/** How the file of a format ends, and what it is to a browser. */
export const FILE_TYPES: Readonly<Record<ExportFormat, { readonly ending: string; readonly type: string }>> = {
  bundle: { ending: 'zip', type: 'application/zip' },
  csv: { ending: 'csv', type: 'text/csv; charset=utf-8' },
  ocsf: { ending: 'jsonl', type: 'application/jsonl' },
  pdf: { ending: 'pdf', type: 'application/pdf' },
  json: { ending: 'json', type: 'application/json' },
};
