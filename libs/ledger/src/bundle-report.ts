import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { BundleManifest, DocumentFault } from './bundle-format.ts';
import type { FieldReport, FieldCode } from './bundle-fields.ts';
import type { LineFault } from './bundle-line.ts';
import type { Finding } from './findings.ts';
import type { SessionAuditCode, SessionAuditReport } from './session-audit.ts';

export type ZipCode =
  'zip_unreadable' | 'member_missing' | 'member_unexpected' | 'member_order' | 'member_unreadable' | 'member_too_large' | 'member_differs';
export type ManifestCode =
  | 'manifest_malformed'
  | 'manifest_signature_malformed'
  | 'manifest_not_genuine'
  | 'manifest_differs'
  | 'counts_differ'
  | 'completeness_differs';
export type KeyCode = 'keys_malformed' | 'keys_differ' | 'other_log' | 'other_key';
export type HeadCode =
  | 'head_malformed'
  | 'head_not_genuine'
  | 'head_of_other_log'
  | 'head_order'
  | 'no_head'
  | 'too_many_heads'
  | 'last_head_differs'
  | 'root_differs'
  | 'head_not_reached'
  | 'cosignature_not_genuine'
  | 'cosignature_missing';
export type EntryCode =
  | LineFault
  | 'line_too_long'
  | 'line_not_ended'
  | 'index_missing'
  | 'index_repeated'
  | 'entries_cut'
  | 'entries_beyond_head'
  | 'wrong_nodes'
  | 'fields_differ';

/** Everything that a verifier of bundles finds; docs/bundle.md says what each means. */
export type BundleCode = ZipCode | ManifestCode | KeyCode | HeadCode | EntryCode | FieldCode | SessionAuditCode | DocumentFault;

/** Something that the bundle cannot show, or that could not be checked, and why. None of it is a fault. */
export type Unchecked = {
  readonly code:
    | 'not_anchored'
    | 'stopped'
    | 'entries_left_out'
    | 'fields_withheld'
    | 'kind_unknown'
    | 'sessions_partial'
    | 'evidence_withheld'
    | 'orders_partial'
    | 'no_witness'
    | 'cosigner_unknown';
  readonly message: string;
};

/** An entry as far as it is shown. `read` gives it whole, but for words that people typed; null where more is withheld, or something is wrong. */
export type ShownEntry = { readonly index: number; readonly kind: string; readonly read: () => LedgerEntry | null };

/**
 * An audit of another room, made of the same entries as they pass: of a bundle it is told those whose fields are what their leaves commit to. What
 * it finds stands in the bundle's report with the rest.
 */
export type FurtherAudit = {
  readonly take: (shown: ShownEntry) => void;
  readonly finish: () => Promise<FurtherFindings>;
};
export type FurtherFindings = {
  readonly unchecked: readonly { readonly code: string; readonly message: string }[];
  readonly findings: readonly Finding<string>[];
  readonly suppressed: number;
  readonly faults: number;
};

/** A witness that cosigned: the largest of the heads that it did, and when (seconds since 1970). `trusted`: its key was given by the caller. */
export type BundleWitness = { readonly key: string; readonly trusted: boolean; readonly size: number; readonly time: number };

/** What `verifyBundle` says. */
export type BundleReport = {
  /** No fault was found. Without `anchored` that means no more than that the bundle does not contradict itself. */
  readonly ok: boolean;
  /** Manifest and heads are signed by a key that the caller trusts. */
  readonly anchored: boolean;
  /** What the bundle says it is; null where that could not be read. Believe it only where it is `ok` and `anchored`. */
  readonly manifest: BundleManifest | null;
  /** The log's key that everything was checked with, `name+id`; null where there was none. */
  readonly key: string | null;
  /** The head that the entries were held against; `root` in hex. */
  readonly head: { readonly size: number; readonly root: string } | null;
  /** Signed heads read, and those that the entries agree with. */
  readonly heads: { readonly checked: number; readonly matched: number };
  readonly witnesses: readonly BundleWitness[];
  readonly entries: { readonly checked: number; readonly gaps: number; readonly kinds: Readonly<Record<string, number>> };
  readonly fields: FieldReport;
  /** Sessions, their ticks and orders, as far as the entries show them. */
  readonly sessions: Omit<SessionAuditReport, 'findings' | 'suppressed' | 'faults'>;
  readonly unchecked: readonly (Unchecked | FurtherFindings['unchecked'][number])[];
  /** Codes are of `BundleCode`, and those of the further audit, if there was one. */
  readonly findings: readonly Finding<string>[];
  /** Findings beyond the limit. */
  readonly suppressed: number;
  readonly faults: number;
};
