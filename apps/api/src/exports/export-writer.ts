import type { SignedHead } from '../ledger/ledger.ts';
import type { LedgerIdentity } from '../ledger/ledger-identity.ts';
import type { CosignerKey } from '@wheelhouse/ledger/cosignature';
import type { NameOf } from '@wheelhouse/reports/report-entry';
import type { BookedExport } from './export-book.ts';
import type { ShownEntry } from './entry-trail.ts';
import type { NodeRef } from '@wheelhouse/ledger/tree-hash';

/** Takes the bytes of a file in their order; a promise that resolves when more may come. */
export type ByteSink = { readonly write: (data: Uint8Array) => Promise<void> };

/** What the writers of formats know of the export besides its entries. */
export type ExportContext = {
  /** As far as the profile lets the file show it. */
  readonly export: BookedExport;
  readonly head: SignedHead;
  readonly startedAt: Date;
  /** The server's version. */
  readonly version: string;
  readonly identity: LedgerIdentity;
  readonly witnesses: readonly CosignerKey[];
  readonly readNodes: (refs: readonly NodeRef[]) => Promise<readonly Uint8Array[]>;
  /** Names of people, where the profile shows who acted; ids elsewhere. */
  readonly nameOf: NameOf;
  readonly breathe: () => Promise<void>;
};

/** Writes one format. Entries come in pages, and no more than a page is held at a time. */
export type ExportWriter = (sink: ByteSink, entries: AsyncIterable<readonly ShownEntry[]>, context: ExportContext) => Promise<void>;
