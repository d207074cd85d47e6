import { classOf, REDACTION_PROFILE_NAMES, shows } from '@wheelhouse/protocol/field-class';
import type { FieldClass } from '@wheelhouse/protocol/field-class';
import { ENTRY_VERSION, fieldNamesOf, fieldSchema, isEntryKind } from '@wheelhouse/protocol/ledger-entry';
import type { Item } from './disclosure.ts';
import type { FindingSink } from './findings.ts';
import type { Leaf } from './sealed-entry.ts';

export type FieldCode =
  'kind_unknown' | 'field_unknown' | 'field_invalid' | 'field_missing' | 'fields_too_many' | 'profile_exceeded' | 'profile_undercut';

/**
 * Fields of all entries. `withheldBy` says what kind of field is withheld, as far as it can be told: of what an entry must have, the class of
 * those that are not shown; `optional` are fields that an entry may have or not, so that nobody can tell which they are. `unknown` counts
 * entries of kinds or versions that this reader does not know.
 */
export type FieldReport = {
  readonly shown: number;
  readonly withheld: number;
  readonly withheldBy: Readonly<Record<FieldClass | 'optional', number>>;
  readonly unknown: number;
};

export type FieldCheck = {
  /** Holds an entry's fields, which its leaf commits to, against what entries of its kind have. */
  readonly entry: (index: number, leaf: Leaf, items: readonly Item[]) => void;
  readonly report: () => FieldReport;
};

type Known = {
  readonly fits: (value: unknown) => string | null;
  readonly of: FieldClass;
  readonly required: boolean;
  readonly allowed: boolean;
};
type Table = { readonly fields: ReadonlyMap<string, Known>; readonly required: number };

/** `profile`: the redaction profile that the bundle says it was made with. */
export function openFieldCheck(profile: string, findings: FindingSink<FieldCode>): FieldCheck {
  const tables = new Map<string, Table | null>();
  const tally = newTally();
  return {
    entry: (index, leaf, items) => {
      const known = tables.get(leaf.kind);
      const table = known === undefined ? tableOf(leaf.kind, profile) : known;
      // Not the kinds that are not known: a hostile bundle has any number of them.
      if (table !== null) tables.set(leaf.kind, table);
      if (table === null || leaf.v !== ENTRY_VERSION) {
        tally.unknown += 1;
        tally.withheld += items.filter((item) => 'commitment' in item).length;
        if (tally.unknown === 1) findings.add({ code: 'kind_unknown', severity: 'note', index, message: unknown(index, leaf) });
        return;
      }
      checkEntry({ table, tally, findings, profile }, index, leaf, items);
    },
    report: () => ({ shown: tally.shown, withheld: tally.withheld, withheldBy: { ...tally.by }, unknown: tally.unknown }),
  };
}

function unknown(index: number, { kind, v }: Leaf): string {
  return `Entry ${index} is of the kind ${JSON.stringify(kind.slice(0, 80))}, version ${v}, which this reader does not know. That it is in the log was checked; what its fields mean was not.`;
}

type Tally = { shown: number; withheld: number; unknown: number; readonly by: Record<FieldClass | 'optional', number> };

function newTally(): Tally {
  return { shown: 0, withheld: 0, unknown: 0, by: { fact: 0, evidence: 0, place: 0, person: 0, words: 0, optional: 0 } };
}

/** Values of each field that are remembered as good. */
const REMEMBERED = 256;

function tableOf(kind: string, profile: string): Table | null {
  if (!isEntryKind(kind)) return null;
  const known = REDACTION_PROFILE_NAMES.find((name) => name === profile);
  const fields = new Map<string, Known>();
  for (const name of fieldNamesOf(kind)) {
    const schema = fieldSchema(kind, name);
    if (schema === null) continue;
    const good = new Set<unknown>();
    const fits = (value: unknown): string | null => {
      // The same few authors, sessions and counts stand in most entries.
      if (good.has(value)) return null;
      const parsed = schema.safeParse(value);
      if (!parsed.success) return parsed.error.issues[0]?.message ?? 'not what it must be';
      if (typeof value !== 'object' && good.size < REMEMBERED) good.add(value);
      return null;
    };
    fields.set(name, { fits, of: classOf(name), required: fits(undefined) !== null, allowed: known === undefined || shows(known, name) });
  }
  return { fields, required: [...fields.values()].filter(({ required }) => required).length };
}

type Check = { readonly table: Table; readonly tally: Tally; readonly findings: FindingSink<FieldCode>; readonly profile: string };

function checkEntry(check: Check, index: number, leaf: Leaf, items: readonly Item[]): void {
  const { table, tally, findings, profile } = check;
  let required = 0;
  let withheld = 0;
  for (const item of items) {
    if ('commitment' in item) {
      withheld += 1;
      continue;
    }
    const known = table.fields.get(item.name);
    if (known === undefined) {
      const message = `Entry ${index} (${leaf.kind}) has a field ${JSON.stringify(item.name.slice(0, 80))}, which its kind has not.`;
      findings.add({ code: 'field_unknown', index, message });
      continue;
    }
    if (known.required) required += 1;
    const fault = known.fits(item.value);
    if (fault !== null)
      findings.add({ code: 'field_invalid', index, message: `Entry ${index} (${leaf.kind}), field ${item.name}: ${fault}.` });
    if (!known.allowed) {
      const message = `Entry ${index} shows ${item.name}, which the profile "${profile}" withholds: more is shown than the bundle says.`;
      findings.add({ code: 'profile_exceeded', severity: 'note', index, message });
    }
  }
  tally.shown += items.length - withheld;
  tally.withheld += withheld;
  if (withheld > 0 || required < table.required) checkAbsent(check, index, items, withheld);
}

/** What is not shown must be withheld, and what is withheld must be something that is not shown. */
function checkAbsent({ table, tally, findings, profile }: Check, index: number, items: readonly Item[], withheld: number): void {
  const shown = new Set(items.flatMap((item) => ('commitment' in item ? [] : [item.name])));
  const absent = [...table.fields].filter(([name]) => !shown.has(name));
  const due = absent.filter(([, { required }]) => required);
  for (const [, { of }] of due) tally.by[of] += 1;
  tally.by.optional += Math.max(0, withheld - due.length);
  if (due.length > withheld) {
    const message = `Entry ${index} lacks fields that its kind must have: of ${due.map(([name]) => name).join(', ')}, only ${withheld} can be withheld.`;
    findings.add({ code: 'field_missing', index, message });
  } else if (withheld > absent.length) {
    const message = `Entry ${index} withholds ${withheld} fields, but its kind has only ${absent.length} that are not shown.`;
    findings.add({ code: 'fields_too_many', index, message });
  } else if (due.some(([, { allowed }]) => allowed) && REDACTION_PROFILE_NAMES.some((name) => name === profile)) {
    const names = due.filter(([, { allowed }]) => allowed).map(([name]) => name);
    const message = `Entry ${index} withholds ${names.join(', ')}, which the profile "${profile}" shows: less is shown than the bundle says.`;
    findings.add({ code: 'profile_undercut', severity: 'note', index, message });
  }
}
