import type { ApprovalReport } from '@wheelhouse/charter/approval-report';
import type { BundleReport } from '@wheelhouse/ledger/bundle-report';

/** Page to worker: a file, and the keys that the person trusts (C2SP verifier keys). */
export type BundleJob = { readonly file: File; readonly keys: readonly string[]; readonly witnesses: readonly string[] };

/** What was checked of a bundle's proposals and votes. What was found stands in the bundle's report with the rest. */
export type CheckedApprovals = Pick<ApprovalReport, 'checked' | 'keys' | 'people' | 'charter'>;

/** Worker to page. */
export type BundleNews =
  | { readonly type: 'progress'; readonly done: number; readonly of: number }
  | { readonly type: 'report'; readonly report: BundleReport; readonly approvals: CheckedApprovals; readonly digest: string }
  | { readonly type: 'trouble'; readonly message: string };
