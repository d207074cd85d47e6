import { fromBase64, hashFromBase64, toBase64 } from './base64.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed, Sha256 } from './primitives.ts';
import { parseStrictJson } from './strict-json.ts';
import type { JsonValue } from './strict-json.ts';

/**
 * One field of an entry, in the open: a commitment can be made from it, and without the salt nobody can guess it from its commitment.
 * `salt` is 16 random bytes in base64. `name` is as in `fieldNamesOf`: `time`, `by.id`, `data.reason`.
 */
export type Disclosure = { readonly salt: string; readonly name: string; readonly value: JsonValue };

/** A field that is not shown: its commitment, 32 bytes. Nothing tells its name. */
export type Withheld = { readonly commitment: Uint8Array };

/** A field as some reader has it. */
export type Item = Disclosure | Withheld;

export const SALT_BYTES = 16;

/** The exact text that a field's commitment is over: RFC 8785 of `[salt, name, value]`. The shape is that of RFC 9901 (SD-JWT) section 4.2. */
export function disclosureText({ salt, name, value }: Disclosure): string {
  return `["${salt}",${JSON.stringify(name)},${isPlain(value) ? JSON.stringify(value) : canonicalJson(value)}]`;
}

/** Strings, safe integers and lists of strings are spelt by JSON.stringify just as RFC 8785 spells them; anything else takes the long way. */
function isPlain(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one.isWellFormed());
}

/** A field's salted commitment: SHA-256 of its disclosure's text in UTF-8. */
export function commitmentOf(item: Item, sha256: Sha256): Uint8Array {
  return 'commitment' in item ? item.commitment : sha256(utf8(disclosureText(item)));
}

/** What stands in the leaf for all fields of an entry: SHA-256 over their commitments, one after the other, in the order of the fields' names. */
export function fieldsRoot(items: readonly Item[], sha256: Sha256): Uint8Array {
  return sha256(concatBytes(items.map((item) => commitmentOf(item, sha256))));
}

/** Items in the form in which they travel: disclosures as `[salt, name, value]`, withheld fields as their commitment in base64. */
export function formatOpening(items: readonly Item[]): string {
  return `[${items.map(formatItem).join(',')}]`;
}

function formatItem(item: Item): string {
  return 'commitment' in item ? `"${toBase64(item.commitment)}"` : disclosureText(item);
}

export type OpeningErrorCode = 'opening_unreadable' | 'opening_not_canonical' | 'field_repeated' | 'field_out_of_order';

/** Reads what `formatOpening` wrote. The text must be exactly what it would write again; names must be in order, and none twice. */
export function parseOpening(text: string): Parsed<readonly Item[], OpeningErrorCode> {
  const parsed = readJson(text);
  if (!parsed.ok) return parsed;
  if (!Array.isArray(parsed.value)) return refuse('opening_unreadable', 'The opening is not a list.');
  const items: Item[] = [];
  for (const raw of parsed.value) {
    const item = readItem(raw);
    if (item === null) return refuse('opening_unreadable', 'The opening holds something that is neither a field nor a commitment.');
    items.push(item);
  }
  const fault = faultInNames(items);
  if (fault !== null) return fault;
  return spelling(items) === text ? { ok: true, value: items } : notCanonical(text);
}

/** The same items with those fields withheld that `shows` does not name. */
export function redact(items: readonly Item[], shows: (field: string) => boolean, sha256: Sha256): Item[] {
  return items.map((item) => ('commitment' in item || shows(item.name) ? item : { commitment: commitmentOf(item, sha256) }));
}

function readJson(text: string): Parsed<unknown, OpeningErrorCode> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const strict = parseStrictJson(text);
    return refuse('opening_unreadable', strict.ok ? 'The opening cannot be read.' : strict.message);
  }
}

/** How the items are written, or null where something in them has no canonical form. */
function spelling(items: readonly Item[]): string | null {
  try {
    return formatOpening(items);
  } catch (error) {
    if (error instanceof LedgerError) return null;
    throw error;
  }
}

/** The fast reader takes what a careful one refuses (a key twice, a number that loses digits): the careful one says which. */
function notCanonical(text: string) {
  const strict = parseStrictJson(text);
  return refuse('opening_not_canonical', strict.ok ? 'The opening is not written in canonical JSON (RFC 8785).' : strict.message);
}

function readItem(raw: unknown): Item | null {
  if (typeof raw === 'string') {
    const commitment = hashFromBase64(raw);
    return commitment === null ? null : { commitment };
  }
  if (!Array.isArray(raw) || raw.length !== 3) return null;
  const parts: readonly unknown[] = raw;
  const [salt, name, value] = parts;
  if (typeof salt !== 'string' || typeof name !== 'string' || !isJson(value)) return null;
  return fromBase64(salt)?.length === SALT_BYTES ? { salt, name, value } : null;
}

/** What JSON.parse returns is JSON; this only tells the compiler. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function faultInNames(items: readonly Item[]) {
  let last = '';
  for (const item of items) {
    if ('commitment' in item) continue;
    if (item.name === last) return refuse('field_repeated', `The field ${item.name} comes twice.`);
    if (item.name < last) return refuse('field_out_of_order', `The field ${item.name} stands after ${last}.`);
    last = item.name;
  }
  return null;
}
