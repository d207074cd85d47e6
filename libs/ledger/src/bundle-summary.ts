import type { EntriesReport } from './bundle-entries.ts';
import { toHex } from './bundle-format.ts';
import type { BundleManifest } from './bundle-format.ts';
import type { CheckedHeads } from './bundle-heads.ts';
import type { Signer } from './bundle-keys.ts';
import type { BundleCode, BundleReport, FurtherFindings, Unchecked } from './bundle-report.ts';
import type { FindingList } from './findings.ts';
import { keyLabel } from './note-key.ts';

/** What is known so far. A stage that could not be carried out leaves null. */
export type Draft = {
  readonly findings: FindingList<BundleCode>;
  manifest: BundleManifest | null;
  signer: Signer | null;
  heads: CheckedHeads | null;
  entries: EntriesReport | null;
  /** What another audit of the same entries found; null without one. */
  further: FurtherFindings | null;
};

const NO_FIELDS: BundleReport['fields'] = {
  shown: 0,
  withheld: 0,
  withheldBy: { fact: 0, evidence: 0, place: 0, person: 0, words: 0, optional: 0 },
  unknown: 0,
};
const NO_SESSIONS: BundleReport['sessions'] = { sessions: 0, open: [], ticks: 0, orders: 0, inForce: [] };

/** The report of what a verification came to know, with what it could not. */
export function reportOf(draft: Draft): BundleReport {
  const { findings, manifest, signer, heads, entries, further } = draft;
  const audit = entries?.sessions;
  // The session audit keeps a list of its own; its faults beyond the limit are only counted there.
  const beyond = (audit?.faults ?? 0) - (audit?.findings.filter(({ severity }) => severity === 'fault').length ?? 0);
  const faults = findings.faults() + beyond + (further?.faults ?? 0);
  const last = heads?.last ?? null;
  const trees = { checked: heads?.lines ?? 0, matched: entries?.matched ?? 0 };
  const list = findings.list();
  const report = {
    ok: faults === 0,
    anchored: signer?.anchored === true && !list.some(({ code }) => UNANCHORING.has(code)),
    manifest,
    key: signer === null ? null : keyLabel(signer.key),
    head: last === null ? null : { size: last.size, root: toHex(last.root) },
    heads: trees,
    witnesses: heads?.witnesses ?? [],
    entries: { checked: entries?.entries ?? 0, gaps: entries?.gaps ?? 0, kinds: entries?.kinds ?? {} },
    fields: entries?.fields ?? NO_FIELDS,
    sessions: entries === null ? NO_SESSIONS : sessionsOf(entries.sessions),
    findings: [...list, ...(further?.findings ?? [])],
    suppressed: findings.suppressed() + (audit?.suppressed ?? 0) + (further?.suppressed ?? 0),
    faults,
  };
  return { ...report, unchecked: [...uncheckedOf(report, draft), ...(further?.unchecked ?? [])] };
}

/** With one of these the trusted key vouches for something else than this bundle. */
const UNANCHORING: ReadonlySet<BundleCode> = new Set(['manifest_differs', 'manifest_not_genuine', 'other_key', 'other_log']);

function sessionsOf(audit: EntriesReport['sessions']): BundleReport['sessions'] {
  const { sessions, open, ticks, orders, inForce, partial } = audit;
  return { sessions, open, ticks, orders, inForce, ...(partial === undefined ? {} : { partial }) };
}

function uncheckedOf(report: Omit<BundleReport, 'unchecked'>, { heads, entries }: Draft): Unchecked[] {
  const { anchored, manifest, fields, sessions, witnesses } = report;
  const some: (Unchecked | false)[] = [
    !anchored && {
      code: 'not_anchored',
      message: 'No key that you trust vouches for the bundle: whoever made it could have made it up as a whole. Give the key of the log.',
    },
    entries === null && {
      code: 'stopped',
      message: 'The entries were not read: what is wrong with the bundle leaves nothing to hold them against.',
    },
    ...(manifest === null || entries === null ? [] : leftOut(report, manifest.tree.size)),
    fields.withheld > 0 && { code: 'fields_withheld', message: withheldText(fields) },
    fields.unknown > 0 && {
      code: 'kind_unknown',
      message: `${fields.unknown} entries are of kinds or versions that this reader does not know: they are in the log; what they say was not judged.`,
    },
    ...partialText(sessions),
    heads !== null &&
      witnesses.length === 0 && {
        code: 'no_witness',
        message: 'No known witness has cosigned a head in the bundle: only the log itself says that nobody was shown another history.',
      },
    (heads?.strangers.length ?? 0) > 0 && {
      code: 'cosigner_unknown',
      message: `Signatures by ${heads?.strangers.join(', ') ?? ''} were not checked, since those keys are not known.`,
    },
  ];
  return some.filter((each) => each !== false);
}

function leftOut({ entries }: Omit<BundleReport, 'unchecked'>, size: number): Unchecked[] {
  const hidden = size - entries.checked;
  if (hidden <= 0) return [];
  const message = `${hidden} of the log's ${size} entries are not in the bundle. That those which are left out do not fit what was asked for, nobody can prove.`;
  return [{ code: 'entries_left_out', message }];
}

function withheldText({ withheld, withheldBy }: BundleReport['fields']): string {
  const classes = Object.entries(withheldBy).filter(([, count]) => count > 0);
  return `${withheld} fields are withheld (${classes.map(([name, count]) => `${count} ${name}`).join(', ')}): they are committed to, what they say is not known.`;
}

function partialText({ sessions, partial, orders }: BundleReport['sessions']): Unchecked[] {
  if (partial === undefined) return [];
  const texts: Unchecked[] = [];
  const broken = sessions - partial.whole;
  if (broken > 0) {
    const message = `${broken} of ${sessions} sessions can't be walked from their opening without a hole, since entries of them are not shown.`;
    texts.push({ code: 'sessions_partial', message });
  }
  if (partial.withheld > 0) {
    const message = `${partial.withheld} entries withhold the very fields that would be evidence.`;
    texts.push({ code: 'evidence_withheld', message });
  }
  if (orders > 0) {
    const message =
      'Orders and releases were judged only where every entry since is shown: a release that is left out would explain what follows.';
    texts.push({ code: 'orders_partial', message });
  }
  return texts;
}
