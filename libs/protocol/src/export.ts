import { z } from 'zod';
import { REDACTION_PROFILE_NAMES } from './field-class.ts';
import { Actor } from './identity.ts';
import { isEntryKind } from './ledger-entry.ts';
import { pageOf, PageQuery } from './page.ts';
import { plainText } from './text.ts';

const count = z.number().int().min(0);

/** What an export can be: entries with their proofs, a table, OCSF events, pages to read, or (reports only) a JSON document. */
export const EXPORT_FORMATS = ['bundle', 'csv', 'ocsf', 'pdf', 'json'] as const;
export const ExportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Reports, each computed from the entries that an export covers. `record` is the whole story; docs/exports.md says what each holds. */
export const REPORTS = [
  'record',
  'oversight',
  'approvals',
  'autonomy',
  'policy-changes',
  'roster',
  'break-glass',
  'lineage',
  'integrity',
] as const;
export const ReportName = z.enum(REPORTS);
export type ReportName = z.infer<typeof ReportName>;

/** Which entries: all that every given part applies to. `from` is in, `to` is not. */
export const EntryFilter = z.strictObject({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  /** A session's own entries, and those of the orders and releases that touched it. */
  session: z.uuid().optional(),
  /** What a person or their key did, and what is about them. */
  person: plainText(200).min(1).optional(),
  kind: z.string().max(100).refine(isEntryKind, 'is not a kind of entry').optional(),
  /** Kinds to leave out, with commas between them: `session.segment,checkpoint.decided`. */
  without: z
    .string()
    .min(1)
    .max(2000)
    .refine((list) => kindsOf(list).every(isEntryKind), 'is not a list of kinds of entries')
    .optional(),
  /** The entries of a deployment's sessions, and of the orders that cover the deployment. */
  deployment: plainText(200).min(1).optional(),
});
export type EntryFilter = z.infer<typeof EntryFilter>;

/** The kinds that a filter's `without` names. */
export function kindsOf(without: string | undefined): readonly string[] {
  return without === undefined ? [] : without.split(',');
}

/** `GET /v1/ledger/search` */
export const SearchQuery = PageQuery.extend({ ...EntryFilter.shape, cursor: z.coerce.number().int().min(0).optional() });
export type SearchQuery = z.infer<typeof SearchQuery>;

/**
 * An entry that was found, as far as it can be shown. `fields` are named as their commitments are: `time`, `by.id`, `data.reason`. Where there are
 * none, shown or withheld, the stored entry is not the one that was written; its `kind` is "unreadable" where even its leaf is not.
 */
export const FoundEntry = z.object({
  index: count,
  id: z.string(),
  kind: z.string(),
  time: z.string().nullable(),
  by: Actor.nullable(),
  fields: z.record(z.string(), z.unknown()),
  /** Fields that can no longer be shown: their words were erased. */
  withheld: count,
  leafHash: z.base64(),
});
export type FoundEntry = z.infer<typeof FoundEntry>;
export const FoundEntries = pageOf(FoundEntry);

/** `POST /v1/exports` */
export const ExportRequest = z
  .strictObject({
    format: ExportFormat,
    report: ReportName.optional(),
    profile: z.enum(REDACTION_PROFILE_NAMES),
    filter: EntryFilter.default({}),
    reason: plainText(500).min(1),
  })
  .refine(({ format, report }) => report === undefined || (format !== 'bundle' && format !== 'ocsf'), {
    path: ['report'],
    message: 'is there as pdf, csv and json',
  })
  .refine(({ format, report }) => format !== 'json' || report !== undefined, {
    path: ['report'],
    message: 'has to be named for json',
  });
export type ExportRequest = z.infer<typeof ExportRequest>;

/**
 * `waits`: for a second person, because it shows everything. `queued` and `running`: being made. `expired`: its file was deleted, or nobody
 * confirmed it in time.
 */
export const EXPORT_STATES = ['waits', 'queued', 'running', 'made', 'failed', 'expired'] as const;
export const ExportState = z.enum(EXPORT_STATES);
export type ExportState = z.infer<typeof ExportState>;

/** Why an export could not be made. */
export const EXPORT_PROBLEMS = ['disk_full', 'no_head', 'ledger_altered', 'internal'] as const;
export type ExportProblem = (typeof EXPORT_PROBLEMS)[number];

/** What was made: `digest` is the file's SHA-256 in base64; `treeSize` and `root` name the signed head that it was checked against. */
export const MadeExport = z.object({ digest: z.base64(), bytes: count, entries: count, treeSize: count, root: z.base64() });
export type MadeExport = z.infer<typeof MadeExport>;

/** An export, as `GET /v1/exports` lists it. */
export const Export = z.object({
  id: z.uuid(),
  state: ExportState,
  format: ExportFormat,
  report: ReportName.nullable(),
  profile: z.enum(REDACTION_PROFILE_NAMES),
  filter: EntryFilter,
  reason: z.string(),
  /** The ledger's entry that asked for it. */
  entry: count,
  askedBy: Actor,
  askedByName: z.string(),
  askedAt: z.iso.datetime(),
  confirmedBy: Actor.nullable(),
  confirmedByName: z.string().nullable(),
  confirmedAt: z.iso.datetime().nullable(),
  /** 0 to 1. */
  progress: z.number().min(0).max(1),
  made: MadeExport.nullable(),
  /** Name that the file is offered under. */
  fileName: z.string(),
  madeAt: z.iso.datetime().nullable(),
  /** When the file is deleted; for one that waits, until when it can be confirmed. Null while it is being made, and after a failure. */
  expiresAt: z.iso.datetime().nullable(),
  problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
});
export type Export = z.infer<typeof Export>;
export const Exports = pageOf(Export);

/** `POST /v1/exports/:id/link`: an address that anybody who holds it can fetch the file from, until it ends. */
export const ExportLink = z.object({ url: z.url(), until: z.iso.datetime() });
export type ExportLink = z.infer<typeof ExportLink>;
