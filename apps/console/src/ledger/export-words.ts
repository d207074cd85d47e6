import { kindsOf, type Export, type ExportFormat, type ExportState, type ReportName } from '@wheelhouse/protocol/export';
import { REDACTION_PROFILES, type RedactionProfile } from '@wheelhouse/protocol/field-class';
import type { Names } from './names.ts';
import { CLASS_WORDS } from './field-words.ts';
import { kindInWords } from './kind-words.ts';
import { dateTime, short } from './plain-words.ts';

export const FORMAT_WORDS: Readonly<Record<ExportFormat, string>> = {
  bundle: 'Bundle: the entries with their proofs, verifiable offline',
  csv: 'CSV: a table',
  ocsf: 'OCSF: events for a security system',
  pdf: 'PDF: pages to read',
  json: 'JSON: for programs',
};

export const REPORT_WORDS: Readonly<Record<ReportName, string>> = {
  record: 'The whole story: what happened, in order',
  oversight: 'Oversight: orders, how fast they took effect, drills',
  approvals: 'Approvals: what was asked for, and who confirmed',
  autonomy: 'Autonomy: the levels that sessions had',
  'policy-changes': 'Policy changes',
  roster: 'Roster: who held which role, when',
  'break-glass': 'Break glass: acts below quorum',
  lineage: 'Lineage: models and adapters',
  integrity: 'Integrity: what of the record was proven',
};

export const PROFILE_WORDS: Readonly<Record<RedactionProfile, string>> = {
  full: 'Everything, for which another person has to confirm',
  'no-words': 'Everything but what people typed',
  'no-people': 'What happened where, but not who did it or to whom',
  public: 'For anybody: that it happened, when, and what proves it',
};

/** The same, where there is room for a few words only. */
export const PROFILE_SHORT: Readonly<Record<RedactionProfile, string>> = {
  full: 'shows everything',
  'no-words': 'shows everything but what people typed',
  'no-people': 'shows no people',
  public: 'shows what anybody may see',
};

/** Which classes of fields a profile shows, in words. */
export function shownBy(profile: RedactionProfile): string {
  return REDACTION_PROFILES[profile].map((each) => CLASS_WORDS[each]).join(', ');
}

export const STATE_WORDS: Readonly<Record<ExportState, string>> = {
  waits: 'waits for a second person',
  queued: 'in the queue',
  running: 'being made',
  made: 'made',
  failed: 'failed',
  expired: 'expired',
};

/** What an export is of. */
export function titleOf({ report, format }: Pick<Export, 'report' | 'format'>): string {
  if (report !== null) return `${REPORT_WORDS[report].split(':')[0] ?? report} report, ${format.toUpperCase()}`;
  return format === 'bundle' ? 'Bundle' : `Entries, ${format.toUpperCase()}`;
}

/** Which entries it covers. */
export function filterInWords(filter: Export['filter'], names: Names): string {
  const { from, to, session, person, kind, without, deployment } = filter;
  const parts = [
    kind === undefined ? null : kindInWords(kind).toLowerCase(),
    without === undefined ? null : `all but ${kindsOf(without).map(kindInWords).join(', ').toLowerCase()}`,
    person === undefined ? null : `by ${names.person(person)}`,
    session === undefined ? null : `session ${short(session)}`,
    deployment === undefined ? null : `deployment ${deployment}`,
    from === undefined ? null : `from ${dateTime(from)}`,
    to === undefined ? null : `to ${dateTime(to)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'all entries' : parts.join(', ');
}
