import { personBehind } from '@wheelhouse/gate/order-book';
import type { ExportRequest, MadeExport } from '@wheelhouse/protocol/export';
import { EntryFilter, ExportFormat, ReportName } from '@wheelhouse/protocol/export';
import { REDACTION_PROFILE_NAMES, type RedactionProfile } from '@wheelhouse/protocol/field-class';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import { z } from 'zod';

/** The kinds of entries that the book is folded from. */
export const EXPORT_KINDS = ['export.asked', 'export.confirmed', 'export.made', 'export.failed'] as const;
export type ExportEntry = EntryOf<(typeof EXPORT_KINDS)[number]>;

export type Outcome =
  | { readonly type: 'made'; readonly made: MadeExport; readonly at: string }
  | { readonly type: 'failed'; readonly problem: string; readonly at: string };

/** An export as the ledger tells it. */
export type BookedExport = {
  readonly id: string;
  readonly format: ExportFormat;
  readonly report: ReportName | null;
  readonly profile: RedactionProfile;
  readonly filter: EntryFilter;
  readonly reason: string;
  /** Place of its `export.asked` in the ledger, and that entry's id. */
  readonly entry: number;
  readonly cause: string;
  readonly askedBy: Actor;
  readonly askedAt: string;
  /** Who allowed it, when, and the place of the entry that says so. */
  readonly confirmed: { readonly by: Actor; readonly at: string; readonly entry: number } | null;
  readonly outcome: Outcome | null;
};

/** All exports, oldest first. Its only source are entries of the ledger: no row of a table can make one look confirmed or made. */
export type ExportBook = ReadonlyMap<string, BookedExport>;

const Asked = z.object({
  format: ExportFormat,
  report: ReportName.optional(),
  profile: z.enum(REDACTION_PROFILE_NAMES),
  filter: EntryFilter,
  reason: z.string(),
});

/** An export that shows everything is a permissive act: it takes a second person. */
export function needsConfirmation({ profile }: Pick<ExportRequest, 'profile'>): boolean {
  return profile === 'full';
}

/** Asked for, allowed, and neither made nor failed. */
export function isDue(one: BookedExport): boolean {
  return one.outcome === null && (one.confirmed !== null || !needsConfirmation(one));
}

/** The book after an entry that stands at `index`. What does not fit is passed over: it changes nothing. */
export function evolve(book: ExportBook, entry: ExportEntry, index: number): ExportBook {
  const id = entry.data.export;
  const known = book.get(id);
  if (entry.kind === 'export.asked') return known === undefined ? withAsked(book, entry, index) : book;
  return known === undefined ? book : new Map(book).set(id, after(known, entry, index));
}

function withAsked(book: ExportBook, { id: cause, by, time, data }: EntryOf<'export.asked'>, index: number): ExportBook {
  const asked = Asked.safeParse(data);
  if (!asked.success) return book;
  const { report = null, ...said } = asked.data;
  const one: BookedExport = {
    id: data.export,
    ...said,
    report,
    entry: index,
    cause,
    askedBy: by,
    askedAt: time,
    confirmed: null,
    outcome: null,
  };
  return new Map(book).set(data.export, one);
}

function after(known: BookedExport, entry: Exclude<ExportEntry, { kind: 'export.asked' }>, index: number): BookedExport {
  switch (entry.kind) {
    case 'export.confirmed': {
      // A proposal's votes were judged by the charter; without one it takes another person.
      const allowed = entry.data.proposal === known.id || mayConfirm(known, entry.by);
      return allowed && known.confirmed === null ? { ...known, confirmed: { by: entry.by, at: entry.time, entry: index } } : known;
    }
    case 'export.made': {
      const { digest, bytes, entries, treeSize, root } = entry.data;
      const made = { digest, bytes, entries, treeSize, root };
      return isDue(known) ? { ...known, outcome: { type: 'made', made, at: entry.time } } : known;
    }
    case 'export.failed':
      return isDue(known) ? { ...known, outcome: { type: 'failed', problem: entry.data.problem, at: entry.time } } : known;
  }
}

/** Somebody else, in person: neither a key, nor whoever asked, themselves or by a key of theirs. */
export function mayConfirm({ askedBy }: BookedExport, by: Actor): boolean {
  return by.kind === 'person' && personBehind(by) !== personBehind(askedBy);
}
