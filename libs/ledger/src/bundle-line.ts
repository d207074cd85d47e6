import { fromBase64, hashFromBase64, toBase64 } from './base64.ts';
import { concatBytes, fromUtf8, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { parseOpening, SALT_BYTES } from './disclosure.ts';
import type { Item, OpeningErrorCode } from './disclosure.ts';
import { isRecord } from './evidence-fields.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed, Refusal, Sha256 } from './primitives.ts';
import type { Leaf } from './sealed-entry.ts';
import { isSafeJsonNumber, parseStrictJson } from './strict-json.ts';
import type { JsonFault, JsonValue } from './strict-json.ts';
import { isCount, leafHash } from './tree-hash.ts';

/** A line of `entries.jsonl` that shows an entry, with everything that its own bytes say: its leaf's hash, and the hash of all its fields. */
export type EntryLine = {
  readonly is: 'entry';
  readonly index: number;
  readonly leaf: Leaf;
  readonly leafHash: Uint8Array;
  readonly items: readonly Item[];
  readonly fieldsRoot: Uint8Array;
};

/** A line that stands for the leaves `from` to `to` - 1. */
export type GapLine = { readonly is: 'gap'; readonly from: number; readonly to: number; readonly nodes: readonly Uint8Array[] };

export type LineFault = JsonFault | OpeningErrorCode | 'not_utf8' | 'not_canonical' | 'line_shape';

/** How an entry is written, without the newline: `leaf` and `opening` are canonical JSON already (`sealEntry`, `formatOpening`). */
export function entryLine(entry: { readonly index: number; readonly leaf: string; readonly opening: string }): string {
  return `{"index":${entry.index},"leaf":${entry.leaf},"opening":${entry.opening}}`;
}

/** How a gap is written, without the newline. */
export function gapLine(gap: { readonly from: number; readonly to: number; readonly nodes: readonly Uint8Array[] }): string {
  return `{"from":${gap.from},"nodes":[${gap.nodes.map((node) => `"${toBase64(node)}"`).join(',')}],"to":${gap.to}}`;
}

/**
 * Reads a line, without its newline. It must be spelt exactly as `entryLine` and `gapLine` spell it. This is what a verification of a million
 * entries spends its time on, so it takes the platform's JSON reader and holds the text against a new spelling of what that read; only where
 * they differ comes the careful reader, to say why.
 */
export function readLine(bytes: Uint8Array, sha256: Sha256): Parsed<EntryLine | GapLine, LineFault> {
  const text = fromUtf8(bytes);
  if (text === null) return refuse('not_utf8', 'The line is not valid UTF-8.');
  const raw = fastJson(text);
  if (!isRecord(raw)) return explain(text);
  const line = 'index' in raw ? readEntry(raw, { text, bytes }, sha256) : readGap(raw, text);
  return line === null ? explain(text) : { ok: true, value: line };
}

function fastJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type Written = { readonly text: string; readonly bytes: Uint8Array };

function readEntry(raw: Record<string, unknown>, written: Written, sha256: Sha256): EntryLine | null {
  const { index, leaf: rawLeaf, opening } = raw;
  if (typeof index !== 'number' || !isCount(index) || !isRecord(rawLeaf) || !Array.isArray(opening)) return null;
  const leaf = readLeaf(rawLeaf);
  if (leaf === null) return null;
  const leafAt = `{"index":${index},"leaf":`;
  const head = `${leafAt}${leaf.text},"opening":[`;
  if (!written.text.startsWith(head)) return null;
  // In plain ASCII without escapes each string stands in the text as it is, so that places can be counted instead of spelt anew.
  const plain = written.text.length === written.bytes.length && !written.text.includes('\\');
  const fields = plain ? readPlainItems(opening, written, head.length, sha256) : readItems(opening, written, head, sha256);
  if (fields === null) return null;
  const leafBytes = plain ? written.bytes.subarray(leafAt.length, leafAt.length + leaf.text.length) : utf8(leaf.text);
  const fieldsRoot = sha256(concatBytes(fields.commitments));
  return { is: 'entry', index, leaf: leaf.value, leafHash: leafHash(leafBytes, sha256), items: fields.items, fieldsRoot };
}

type Fields = { readonly items: readonly Item[]; readonly commitments: readonly Uint8Array[] };

/** Reads the items where they stand in a plain line. Whatever is not spelt as it must be moves what follows it, or is not where it must be. */
function readPlainItems(opening: readonly unknown[], { text, bytes }: Written, begin: number, sha256: Sha256): Fields | null {
  const items: Item[] = [];
  const commitments: Uint8Array[] = [];
  let at = begin;
  let last = '';
  for (const raw of opening) {
    const from = items.length === 0 ? at : at + 1;
    if (typeof raw === 'string') {
      const commitment = hashFromBase64(raw);
      if (commitment === null) return null;
      items.push({ commitment });
      commitments.push(commitment);
      at = from + raw.length + 2;
      continue;
    }
    if (!isUnknownList(raw) || raw.length !== 3) return null;
    const [salt, name, value] = raw;
    if (typeof salt !== 'string' || typeof name !== 'string' || !isJson(value) || name <= last || salt.length !== SALT_LENGTH) return null;
    const valueAt = from + SALT_LENGTH + name.length + 7;
    const length = plainLength(value, text, valueAt);
    if (length < 0 || !isSaltAt(bytes, from + 2)) return null;
    at = valueAt + length + 1;
    items.push({ salt, name, value });
    commitments.push(sha256(bytes.subarray(from, at)));
    last = name;
  }
  return at === text.length - 2 ? { items, commitments } : null;
}

/** How long a value is in a plain text in which it stands at some place; -1 where it is spelt otherwise there. */
function plainLength(value: JsonValue, text: string, at: number): number {
  if (typeof value === 'string') return value.length + 2;
  const spelled = spellValue(value);
  return spelled !== null && text.startsWith(spelled, at) ? spelled.length : -1;
}

/** Characters of 16 bytes in base64; of the last before the padding, four bits must be zero. */
const SALT_LENGTH = 24;
const SALT_DIGITS = 22;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const isDigit = Uint8Array.from({ length: 256 }, (_, code) => (DIGITS.includes(String.fromCharCode(code)) ? 1 : 0));
const PAD = 61;

function isSaltAt(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + SALT_DIGITS; i += 1) if (isDigit[bytes[i] ?? 0] !== 1) return false;
  if (bytes[at + SALT_DIGITS] !== PAD || bytes[at + SALT_DIGITS + 1] !== PAD) return false;
  return 'AQgw'.includes(String.fromCharCode(bytes[at + SALT_DIGITS - 1] ?? 0));
}

/** The same for any line: spells all items anew. */
function readItems(opening: readonly unknown[], { text }: Written, head: string, sha256: Sha256): Fields | null {
  const spelled = spellItems(opening);
  if (spelled === null || `${head}${spelled.texts.join(',')}]}` !== text) return null;
  const commitments = spelled.items.map((item, i) => ('commitment' in item ? item.commitment : sha256(utf8(spelled.texts[i] ?? ''))));
  return { items: spelled.items, commitments };
}

function readLeaf({ fields, id, kind, v }: Record<string, unknown>): { readonly value: Leaf; readonly text: string } | null {
  const root = typeof fields === 'string' ? hashFromBase64(fields) : null;
  if (root === null || typeof fields !== 'string') return null;
  if (typeof id !== 'string' || typeof kind !== 'string' || !id.isWellFormed() || !kind.isWellFormed()) return null;
  if (typeof v !== 'number' || !isSafeJsonNumber(v)) return null;
  const text = `{"fields":"${fields}","id":${JSON.stringify(id)},"kind":${JSON.stringify(kind)},"v":${v}}`;
  return { value: { fields: root, id, kind, v }, text };
}

type Spelled = { readonly items: readonly Item[]; readonly texts: readonly string[] };

function spellItems(opening: readonly unknown[]): Spelled | null {
  const items: Item[] = [];
  const texts: string[] = [];
  let last = '';
  for (const raw of opening) {
    if (typeof raw === 'string') {
      const commitment = hashFromBase64(raw);
      if (commitment === null) return null;
      items.push({ commitment });
      texts.push(`"${raw}"`);
      continue;
    }
    if (!isUnknownList(raw) || raw.length !== 3) return null;
    const [salt, name, value] = raw;
    if (
      typeof salt !== 'string' ||
      typeof name !== 'string' ||
      fromBase64(salt)?.length !== SALT_BYTES ||
      name <= last ||
      !name.isWellFormed()
    )
      return null;
    const text = isJson(value) ? spellValue(value) : null;
    if (text === null || !isJson(value)) return null;
    items.push({ salt, name, value });
    texts.push(`["${salt}",${JSON.stringify(name)},${text}]`);
    last = name;
  }
  return { items, texts };
}

/** What JSON.parse returns is JSON; this only tells the compiler. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

/** RFC 8785 of a value that JSON.parse gave: JSON.stringify's spelling, unless something in it is out of order. */
function spellValue(value: JsonValue): string | null {
  if (typeof value === 'number') return isSafeJsonNumber(value) ? String(value) : null;
  return isOrdered(value, 0) ? JSON.stringify(value) : null;
}

const MAX_DEPTH = 60;

function isOrdered(value: JsonValue, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return isSafeJsonNumber(value);
  if (value === null || typeof value === 'boolean') return true;
  if (depth >= MAX_DEPTH) return false;
  if (isList(value)) return value.every((item) => isOrdered(item, depth + 1));
  let last: string | null = null;
  for (const [key, member] of Object.entries(value)) {
    if ((last !== null && key <= last) || !key.isWellFormed() || !isOrdered(member, depth + 1)) return false;
    last = key;
  }
  return true;
}

/** Array.isArray, without its `any`. */
function isUnknownList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function readGap({ from, nodes, to }: Record<string, unknown>, text: string): GapLine | null {
  if (typeof from !== 'number' || typeof to !== 'number' || !isCount(from) || !isCount(to) || !Array.isArray(nodes)) return null;
  const hashes: Uint8Array[] = [];
  for (const node of nodes) {
    const hash = typeof node === 'string' ? hashFromBase64(node) : null;
    if (hash === null) return null;
    hashes.push(hash);
  }
  const gap = { from, to, nodes: hashes };
  return gapLine(gap) === text ? { is: 'gap', ...gap } : null;
}

/** Why a line is none: the careful reader's word, or which part of it is not what it must be. */
function explain(text: string): Refusal<LineFault> {
  const json = parseStrictJson(text);
  if (!json.ok) return refuse(json.code, json.message);
  const { value } = json;
  if (!isRecord(value)) return refuse('line_shape', 'The line is not a JSON object.');
  const keys = Object.keys(value).sort().join(' ');
  if (keys === 'index leaf opening') return explainEntry(value, text);
  if (keys !== 'from nodes to') return refuse('line_shape', `The line has the keys ${keys.slice(0, 200)}: neither an entry's nor a gap's.`);
  return refuse(isSpelt(value, text) ? 'line_shape' : 'not_canonical', isSpelt(value, text) ? 'The gap is malformed.' : NOT_CANONICAL);
}

const NOT_CANONICAL = 'The line is not written in canonical JSON (RFC 8785).';

function explainEntry({ index, leaf, opening }: Record<string, unknown>, text: string): Refusal<LineFault> {
  if (!isSpelt({ index, leaf, opening }, text)) return refuse('not_canonical', NOT_CANONICAL);
  if (typeof index !== 'number' || !isCount(index)) return refuse('line_shape', 'The index is not a whole number.');
  if (!isRecord(leaf) || readLeaf(leaf) === null || Object.keys(leaf).length !== 4)
    return refuse('line_shape', 'The leaf does not have fields, id, kind and v as they must be.');
  const items = parseOpening(canonicalJson(opening));
  return items.ok ? refuse('line_shape', 'The line is malformed.') : items;
}

function isSpelt(value: unknown, text: string): boolean {
  try {
    return canonicalJson(value) === text;
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}
