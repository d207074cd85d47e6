import { createHash } from 'node:crypto';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { BundleManifest, toHex } from '@wheelhouse/ledger/bundle-format';
import type { NewDigest } from '@wheelhouse/ledger/bundle-digest';
import { bundleItems, type SelectedEntry } from '@wheelhouse/ledger/bundle-items';
import { writeBundle } from '@wheelhouse/ledger/bundle-write';
import { formatOpening } from '@wheelhouse/ledger/disclosure';
import { ENTRY_COLUMNS, entryRow } from '@wheelhouse/reports/entry-row';
import { ocsfWriter } from '@wheelhouse/reports/ocsf';
import type { ReportEntry } from '@wheelhouse/reports/report-entry';
import { csvRows } from './csv-rows.ts';
import { fieldsShown } from './entry-search.ts';
import type { ShownEntry } from './entry-trail.ts';
import type { ByteSink, ExportWriter } from './export-writer.ts';

const utf8 = new TextEncoder();

/** SHA-256 as the bundle's writer streams through it. */
const newDigest: NewDigest = () => {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};

/** Entries with their proofs, verifiable offline. */
export const writeBundleFile: ExportWriter = async (sink, entries, context) => {
  const { export: one, head, identity, startedAt } = context;
  await writeBundle(streamInto(sink), {
    export: one.id,
    made: startedAt,
    filter: BundleManifest.shape.filter.parse(withoutAbsent(one.filter)),
    profile: one.profile,
    key: identity.key,
    signer: identity.signer,
    witnesses: context.witnesses,
    heads: [head.checkpoint],
    items: bundleItems({ size: head.size, cuts: [], selected: selected(entries), readNodes: context.readNodes }),
    newDigest,
  });
};

async function* selected(entries: AsyncIterable<readonly ShownEntry[]>): AsyncGenerator<readonly SelectedEntry[]> {
  for await (const page of entries) yield page.map(({ index, text, items }) => ({ index, leaf: text, opening: formatOpening(items) }));
}

/** What a filter leaves open is not in it. */
export function withoutAbsent(filter: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function streamInto(sink: ByteSink): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({ write: (chunk) => sink.write(chunk) });
}

/** One row an entry. */
export const writeEntriesCsv: ExportWriter = async (sink, entries, { breathe }) => {
  const csv = csvRows(sink);
  await csv.add([...ENTRY_COLUMNS]);
  for await (const page of entries) {
    for (const entry of page) {
      await csv.add(entryRow(reportEntry(entry), toHex(entry.leafHash)));
      await breathe();
    }
  }
  await csv.end();
};

/** JSON Lines of OCSF events. */
export const writeOcsf: ExportWriter = async (sink, entries, { head, identity, version, breathe }) => {
  const tree = { size: head.size, root: toHex(head.root) };
  const toEvent = ocsfWriter({ version, origin: identity.origin, tree, sha256 });
  for await (const page of entries) {
    let lines = '';
    for (const entry of page) {
      lines += `${JSON.stringify(toEvent({ entry: reportEntry(entry), leaf: entry.text, leafHash: toHex(entry.leafHash) }))}\n`;
      await breathe();
    }
    await sink.write(utf8.encode(lines));
  }
};

/** An entry as reports take it. */
export function reportEntry({ index, leaf, items }: ShownEntry): ReportEntry {
  const withheld = items.filter((item) => 'commitment' in item).length;
  return { index, id: leaf.id, kind: leaf.kind, fields: fieldsShown(items), withheld };
}
