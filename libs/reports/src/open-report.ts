import type { ReportName } from '@wheelhouse/protocol/export';
import { approvalsSection } from './approvals.ts';
import { gapsSection } from './gaps.ts';
import { effectSection, overridesSection } from './overrides.ts';
import { countsSection, kindsSection, serverSection, timelineSection } from './record-sections.ts';
import { breakGlassSection } from './glass-register.ts';
import { autonomySection, lineageSection, policySection, rosterSection } from './registers.ts';
import { seatsSection } from './seat-register.ts';
import { charterVersionsSection } from './charter-versions.ts';
import type { ReportEntry } from './report-entry.ts';
import type { Fact, ReportBody, ReportOptions, Section } from './report.ts';

/** A report being computed: give it every entry in the ledger's order, then ask for its body. */
export type OpenReport = { readonly take: (entry: ReportEntry) => void; readonly finish: () => ReportBody };

type Recipe = { readonly title: string; readonly about: string; readonly sections: (options: ReportOptions) => Section[] };

const RECIPES: Readonly<Record<ReportName, Recipe>> = {
  record: {
    title: 'The record',
    about: 'What happened, who overrode what and how fast it took effect, what was approved by whom, and what is missing.',
    sections: (options) => [
      countsSection(),
      overridesSection(options),
      approvalsSection(options),
      gapsSection(options),
      timelineSection(options),
      kindsSection(),
    ],
  },
  oversight: {
    title: 'Oversight report',
    about: 'How people stepped in: overrides by kind and scope, and the time from an order to its effect.',
    sections: (options) => [overridesSection(options), effectSection(), drillsSection()],
  },
  approvals: {
    title: 'Approval register',
    about: 'Every permissive act: who asked for it, who voted on it or confirmed it, how it ended, and after how long.',
    sections: (options) => [approvalsSection(options)],
  },
  autonomy: {
    title: 'Autonomy register',
    about: 'How much the engines were allowed to do alone: the levels that sessions were opened with, and the orders that lowered them.',
    sections: (options) => [autonomySection(options)],
  },
  'policy-changes': {
    title: 'Policy change log',
    about: 'Under which rules the acts of people were decided, when each version was first and last in use, and what each charter changed.',
    sections: (options) => [policySection(), charterVersionsSection(options)],
  },
  roster: {
    title: 'Roster of roles and seats',
    about: 'Who joined with which role, which keys were issued and revoked, and who held which seat of the charter, in order.',
    sections: (options) => [rosterSection(options), seatsSection(options)],
  },
  'break-glass': {
    title: 'Break-glass register',
    about: 'Emergency acts below quorum, and their reviews.',
    sections: (options) => [breakGlassSection(options)],
  },
  lineage: {
    title: 'Model and adapter lineage',
    about: 'Which models served which deployments, and where adapters came from.',
    sections: () => [lineageSection()],
  },
  integrity: {
    title: 'Integrity statement',
    about: 'What the record holds, which signed head it was checked against, and what its own entries admit to be missing.',
    sections: (options) => [countsSection(), kindsSection(), gapsSection(options), serverSection()],
  },
};

function drillsSection(): Section {
  const table = {
    title: 'Drills',
    columns: [{ key: 'entry', title: 'Entry', align: 'right' } as const, { key: 'time', title: 'Time (UTC)' }],
    rows: [],
    leftOut: 0,
    none: 'None recorded in this period. This version of Wheelhouse does not tell drills from other overrides.',
  };
  return { take: () => undefined, facts: () => [], tables: () => [table] };
}

/** The title of a report. */
export function titleOf(name: ReportName): string {
  return RECIPES[name].title;
}

/** Begins a report. */
export function openReport(name: ReportName, options: ReportOptions): OpenReport {
  const { title, about, sections: make } = RECIPES[name];
  const sections = make(options);
  return {
    take: (entry) => {
      for (const section of sections) section.take(entry);
    },
    finish: () => ({
      name,
      title,
      about,
      facts: onceEach(sections.flatMap((section) => section.facts())),
      tables: sections.flatMap((section) => section.tables()),
    }),
  };
}

/** Two sections may count the same. */
function onceEach(facts: readonly Fact[]): Fact[] {
  return [...new Map(facts.map((fact) => [fact.label, fact])).values()];
}
