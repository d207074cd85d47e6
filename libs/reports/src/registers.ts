import { NOT_SHOWN, numberIn, scopeOf, textIn, timeOf, whoIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import { Rows, Tally } from './report.ts';
import type { ReportOptions, Section, Table } from './report.ts';

const ENTRY = { key: 'entry', title: 'Entry', align: 'right' } as const;
const TIME = { key: 'time', title: 'Time (UTC)' } as const;
const BY = { key: 'by', title: 'By' } as const;

/** Each lowering of a level, and the levels that sessions were opened with. */
export function autonomySection({ nameOf }: ReportOptions): Section {
  const orders = new Rows();
  const levels = new Tally();
  const take = (entry: ReportEntry): void => {
    if (entry.kind === 'session.opened') {
      const place = textIn(entry, 'data.deployment') ?? NOT_SHOWN;
      levels.add(`${String(numberIn(entry, 'data.level') ?? NOT_SHOWN)}|${place}`);
    }
    if (entry.kind !== 'order.given' || textIn(entry, 'data.kind') !== 'level') return;
    const reason = textIn(entry, 'data.reason') ?? NOT_SHOWN;
    orders.add([entry.index, timeOf(entry), numberIn(entry, 'data.level'), scopeOf(entry), whoIn(entry, nameOf), reason]);
  };
  const level = { key: 'level', title: 'Level', align: 'right' } as const;
  return {
    take,
    facts: () => [{ label: 'Sessions opened', value: levels.total }],
    tables: () => [
      orders.table({
        title: 'Levels lowered',
        note: 'A level is raised again by the release of the order that lowered it: see the approval register.',
        columns: [ENTRY, TIME, level, { key: 'scope', title: 'Scope' }, BY, { key: 'reason', title: 'Reason' }],
        none: 'No level was lowered in this period.',
      }),
      {
        title: 'Sessions by level',
        columns: [level, { key: 'deployment', title: 'Deployment' }, { key: 'sessions', title: 'Sessions', align: 'right' }],
        rows: levels.rows().map(([name, count]) => [...name.split('|', 2), count]),
        leftOut: 0,
        none: 'No session was opened in this period.',
      },
    ],
  };
}

type Span = { readonly first: ReportEntry; last: ReportEntry; count: number };

/** Which rules people's acts were decided under, and when each version was first and last used. */
export function policySection(): Section {
  const seen = new Map<string, Span>();
  const take = (entry: ReportEntry): void => {
    for (const what of ['policy', 'charter']) {
      const version = textIn(entry, what);
      if (version === null) continue;
      const key = `${what}|${version}`;
      const span = seen.get(key);
      if (span === undefined) seen.set(key, { first: entry, last: entry, count: 1 });
      else {
        span.last = entry;
        span.count += 1;
      }
    }
  };
  const rows = () =>
    [...seen].map(([key, { first, last, count }]) => [...key.split('|', 2), first.index, timeOf(first), last.index, timeOf(last), count]);
  return {
    take,
    facts: () => [{ label: 'Versions of rules in use', value: seen.size }],
    tables: () => [
      {
        title: 'Rules in use',
        note: 'Every act of a person carries the version of the policy and of the charter that it was decided under. A new version shows as a new row; the texts of charters are in the entries that adopt them.',
        columns: [
          { key: 'rules', title: 'Rules' },
          { key: 'version', title: 'Version' },
          { key: 'first_entry', title: 'First in', align: 'right' },
          { key: 'first_time', title: 'First used (UTC)' },
          { key: 'last_entry', title: 'Last in', align: 'right' },
          { key: 'last_time', title: 'Last used (UTC)' },
          { key: 'acts', title: 'Acts', align: 'right' },
        ],
        rows: rows(),
        leftOut: 0,
        none: 'No act of a person was decided in this period.',
      },
    ],
  };
}

/** Who joined with which role, and which keys were issued and revoked. */
export function rosterSection({ nameOf }: ReportOptions): Section {
  const rows = new Rows();
  const sum = { people: 0, issued: 0, revoked: 0 };
  const shown = (entry: ReportEntry, name: string): string => {
    const id = textIn(entry, name);
    return id === null ? NOT_SHOWN : nameOf(id);
  };
  const take = (entry: ReportEntry): void => {
    const by = whoIn(entry, nameOf);
    const tenant = textIn(entry, 'data.tenant') ?? NOT_SHOWN;
    if (entry.kind === 'person.joined') {
      sum.people += 1;
      rows.add([entry.index, timeOf(entry), 'person joined', shown(entry, 'data.person'), textIn(entry, 'data.role'), tenant, by]);
    } else if (entry.kind === 'key.issued') {
      sum.issued += 1;
      const scopes = entry.fields['data.scopes'];
      rows.add([
        entry.index,
        timeOf(entry),
        'key issued',
        shown(entry, 'data.key'),
        Array.isArray(scopes) ? scopes.join(' ') : null,
        tenant,
        by,
      ]);
    } else if (entry.kind === 'key.revoked') {
      sum.revoked += 1;
      rows.add([entry.index, timeOf(entry), 'key revoked', shown(entry, 'data.key'), null, null, by]);
    }
  };
  return {
    take,
    facts: () => [
      { label: 'People who joined', value: sum.people },
      { label: 'Keys issued', value: sum.issued },
      { label: 'Keys revoked', value: sum.revoked },
    ],
    tables: () => [
      rows.table({
        title: 'Roster',
        columns: [
          ENTRY,
          TIME,
          { key: 'what', title: 'What' },
          { key: 'who', title: 'Who' },
          { key: 'role', title: 'Role or scopes' },
          { key: 'tenant', title: 'Tenant' },
          BY,
        ],
        none: 'Nobody joined and no key was issued or revoked in this period.',
      }),
    ],
  };
}

/** Which models served which deployments, by the sessions that were opened. */
export function lineageSection(): Section {
  const seen = new Map<string, Span>();
  const take = (entry: ReportEntry): void => {
    if (entry.kind !== 'session.opened') return;
    const key = `${textIn(entry, 'data.model') ?? NOT_SHOWN}|${textIn(entry, 'data.deployment') ?? NOT_SHOWN}`;
    const span = seen.get(key);
    if (span === undefined) seen.set(key, { first: entry, last: entry, count: 1 });
    else {
      span.last = entry;
      span.count += 1;
    }
  };
  const rows = () => [...seen].map(([key, { first, last, count }]) => [...key.split('|', 2), timeOf(first), timeOf(last), count]);
  const adapters: Table = {
    title: 'Adapters',
    columns: [{ key: 'adapter', title: 'Adapter' }, { key: 'base', title: 'Base model' }, { key: 'data', title: 'Data' }, ENTRY],
    rows: [],
    leftOut: 0,
    none: 'None recorded in this period. This version of Wheelhouse records no fine-tunes.',
  };
  return {
    take,
    facts: () => [{ label: 'Models in use', value: new Set([...seen.keys()].map((key) => key.split('|', 1)[0])).size }],
    tables: () => [
      {
        title: 'Models in use',
        note: 'By the sessions that were opened: what a model was made from is not in the ledger.',
        columns: [
          { key: 'model', title: 'Model' },
          { key: 'deployment', title: 'Deployment' },
          { key: 'first', title: 'First session (UTC)' },
          { key: 'last', title: 'Last session (UTC)' },
          { key: 'sessions', title: 'Sessions', align: 'right' },
        ],
        rows: rows(),
        leftOut: 0,
        none: 'No session was opened in this period.',
      },
      adapters,
    ],
  };
}
