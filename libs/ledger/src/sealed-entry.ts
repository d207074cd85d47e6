import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { hashFromBase64, toBase64 } from './base64.ts';
import { equalBytes, utf8 } from './bytes.ts';
import { disclosureText, fieldsRoot, SALT_BYTES } from './disclosure.ts';
import type { Item } from './disclosure.ts';
import { decodeEntry } from './entry.ts';
import type { EntryErrorCode } from './entry.ts';
import { isRecord } from './evidence-fields.ts';
import { refuse } from './primitives.ts';
import type { Parsed, Sha256, Verdict } from './primitives.ts';
import type { JsonValue } from './strict-json.ts';

/**
 * What enters the tree of an entry: its version, id and kind in plain words, and one hash that commits to all its fields. In canonical JSON its
 * keys stand in the order `fields`, `id`, `kind`, `v`.
 */
export type Leaf = { readonly fields: Uint8Array; readonly id: string; readonly kind: string; readonly v: number };

/** A field that has been committed to: its disclosure's text, and the commitment over it. */
export type SealedField = { readonly name: string; readonly text: string; readonly commitment: Uint8Array };

/** An entry ready to be stored: the leaf's text, and its fields, in the order of their names. */
export type SealedEntry = { readonly leaf: string; readonly fields: readonly SealedField[] };

/** Splits an entry into its leaf and its salted fields. `random(n)` answers n bytes that nobody can guess. */
export function sealEntry(entry: LedgerEntry, random: (bytes: number) => Uint8Array, sha256: Sha256): SealedEntry {
  const named = fieldsOfEntry(entry);
  const salts = random(SALT_BYTES * named.length);
  const fields = named.map(([name, value], i): SealedField => {
    const salt = toBase64(salts.subarray(i * SALT_BYTES, (i + 1) * SALT_BYTES));
    const text = disclosureText({ salt, name, value });
    return { name, text, commitment: sha256(utf8(text)) };
  });
  const root = toBase64(fieldsRoot(fields, sha256));
  // Canonical as it stands: the keys are in order, and none of the values needs an escape.
  return { leaf: `{"fields":"${root}","id":"${entry.id}","kind":"${entry.kind}","v":${entry.v}}`, fields };
}

/** The opening of a sealed entry: fields that `shows` does not name stand as commitments. */
export function openingOf(fields: readonly SealedField[], shows: (field: string) => boolean): string {
  return `[${fields.map(({ name, text, commitment }) => (shows(name) ? text : `"${toBase64(commitment)}"`)).join(',')}]`;
}

/** An entry's fields under the names that their commitments have, in the order of these names. Absent ones are left out. */
export function fieldsOfEntry(entry: LedgerEntry): [name: string, value: JsonValue][] {
  const { time, clock, cause, policy, charter } = entry;
  const fields = [...Object.entries({ time, clock, cause, policy, charter }), ...prefixed('by', entry.by), ...prefixed('data', entry.data)];
  return fields.filter(isPresent).sort(([a], [b]) => (a < b ? -1 : 1));
}

function prefixed(prefix: string, record: object): [string, unknown][] {
  return Object.entries(record).map(([key, value]) => [`${prefix}.${key}`, value]);
}

/** What zod has parsed as JSON is JSON; canonicalJson would refuse anything else. */
function isPresent(field: [string, unknown]): field is [string, JsonValue] {
  return field[1] !== undefined;
}

export type LeafErrorCode = EntryErrorCode | 'leaf_shape';

/** Reads a leaf's bytes. They must be exactly those that `sealEntry` would write for the same values. */
export function parseLeaf(bytes: Uint8Array): Parsed<Leaf, LeafErrorCode> {
  const decoded = decodeEntry(bytes);
  if (!decoded.ok) return decoded;
  const { value } = decoded;
  if (!isRecord(value) || Object.keys(value).length !== 4) return refuse('leaf_shape', 'The leaf does not have the four keys of one.');
  const { fields, id, kind, v } = value;
  const root = typeof fields === 'string' ? hashFromBase64(fields) : null;
  if (root === null || typeof id !== 'string' || typeof kind !== 'string' || typeof v !== 'number')
    return refuse('leaf_shape', 'The leaf does not have fields, id, kind and v as they must be.');
  return { ok: true, value: { fields: root, id, kind, v } };
}

/** Whether these items, shown and withheld, are the fields that the leaf commits to: all of them, unaltered and in order. */
export function checkFields(leaf: Leaf, items: readonly Item[], sha256: Sha256): Verdict<'fields_differ'> {
  if (equalBytes(fieldsRoot(items, sha256), leaf.fields)) return { ok: true };
  return refuse('fields_differ', 'The fields are not those that the leaf commits to: something was changed, added or left out.');
}

/** An entry as far as its fields are shown, in the shape of `LedgerEntry`; `withheld` counts those that are not. */
export type OpenedEntry = { readonly value: Readonly<Record<string, unknown>>; readonly withheld: number };

/** Puts an entry together again from its leaf and its fields, which `checkFields` has held against each other. */
export function assemble(leaf: Leaf, items: readonly Item[]): OpenedEntry {
  const top: [string, unknown][] = [];
  const groups = new Map<string, [string, unknown][]>([
    ['by', []],
    ['data', []],
  ]);
  let withheld = 0;
  for (const item of items) {
    if ('commitment' in item) {
      withheld += 1;
      continue;
    }
    const dot = item.name.indexOf('.');
    const group = dot < 0 ? top : groups.get(item.name.slice(0, dot));
    group?.push([item.name.slice(dot + 1), item.value]);
  }
  const inner = [...groups].map(([name, fields]): [string, unknown] => [name, Object.fromEntries(fields)]);
  // The leaf's own words last: no field passes itself off as one of them.
  return { value: Object.fromEntries([...top, ...inner, ['v', leaf.v], ['id', leaf.id], ['kind', leaf.kind]]), withheld };
}
