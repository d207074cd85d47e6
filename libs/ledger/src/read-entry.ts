import { classOf } from '@wheelhouse/protocol/field-class';
import { fieldNamesOf, fieldSchema, isEntryKind, LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Item } from './disclosure.ts';
import { isRecord } from './evidence-fields.ts';
import { assemble } from './sealed-entry.ts';
import type { Leaf } from './sealed-entry.ts';

/** What stands in place of words that can no longer be read. */
export const ERASED_WORDS = '(erased)';

/**
 * An entry as far as it can be read. `value` has the shape of `LedgerEntry` with fields missing; `entry` is whole, and null where more is withheld
 * than people's words (which then read `ERASED_WORDS`), or where something is wrong. `faults` say what is, in words.
 */
export type ReadFields = {
  readonly value: Readonly<Record<string, unknown>>;
  readonly entry: LedgerEntry | null;
  readonly withheld: number;
  readonly faults: readonly string[];
};

/** Reads the fields of an entry, which `checkFields` has held against its leaf, by the schema of its kind. */
export function readFields(leaf: Leaf, items: readonly Item[]): ReadFields {
  const { value, withheld } = assemble(leaf, items);
  const faults = faultsOf(leaf, items);
  if (faults.length > 0 || !isEntryKind(leaf.kind)) return { value, entry: null, withheld, faults };
  const missing = withheld === 0 ? [] : missingWords(leaf, items);
  // More is withheld than words: what is optional and not shown would read as if it had never been there.
  if (withheld > missing.length) return { value, entry: null, withheld, faults };
  const parsed = LedgerEntry.safeParse(withheld === 0 ? value : withWords(value, missing));
  if (parsed.success) return { value, entry: parsed.data, withheld, faults };
  const [issue] = parsed.error.issues;
  const fault = withheld === 0 ? [`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`] : [];
  return { value, entry: null, withheld, faults: fault };
}

function faultsOf(leaf: Leaf, items: readonly Item[]): string[] {
  const { kind } = leaf;
  if (!isEntryKind(kind)) return [`there is no kind "${kind}" in this version`];
  const faults: string[] = [];
  for (const item of items) {
    if ('commitment' in item) continue;
    const schema = fieldSchema(kind, item.name);
    if (schema === null) faults.push(`a ${kind} has no field ${item.name}`);
    else if (!schema.safeParse(item.value).success) faults.push(`${item.name} does not have the form that it must have`);
  }
  return faults;
}

/** Words that the kind has and that are not shown. One that is optional and absent cannot be told from one that is withheld. */
function missingWords(leaf: Leaf, items: readonly Item[]): string[] {
  if (!isEntryKind(leaf.kind)) return [];
  const shown = new Set(items.flatMap((item) => ('commitment' in item ? [] : [item.name])));
  return fieldNamesOf(leaf.kind).filter((name) => classOf(name) === 'words' && !shown.has(name));
}

function withWords(value: Readonly<Record<string, unknown>>, missing: readonly string[]): unknown {
  const data = isRecord(value['data']) ? value['data'] : {};
  return { ...value, data: { ...data, ...Object.fromEntries(missing.map((name) => [name.slice('data.'.length), ERASED_WORDS])) } };
}
