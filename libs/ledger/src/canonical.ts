import canonicalize from 'canonicalize';
import { utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { isSafeJsonNumber } from './strict-json.ts';

/**
 * The one spelling of a JSON value, RFC 8785. Throws `entry_not_encodable` for everything that JSON would drop or change in silence: undefined,
 * functions, dates, NaN, integers beyond 2^53 - 1, lone surrogates, cycles.
 */
export function canonicalJson(value: unknown): string {
  requirePlainJson(value, '$', 0);
  const text = canonicalize(value);
  if (text === undefined) throw new LedgerError('entry_not_encodable', 'There is no JSON for this value.');
  return text;
}

/** The bytes that are hashed and signed: the canonical JSON in UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalJson(value));
}

// As deep as parseStrictJson reads; also what ends the walk through a cycle.
const MAX_DEPTH = 64;

function requirePlainJson(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && isSafeJsonNumber(value)) return;
  if (typeof value === 'string' && value.isWellFormed()) return;
  if (typeof value !== 'object') throw new LedgerError('entry_not_encodable', `The ${typeof value} at ${path} is not JSON that survives.`);
  if (depth >= MAX_DEPTH) throw new LedgerError('entry_not_encodable', `More than ${MAX_DEPTH} levels of nesting at ${path.slice(0, 80)}.`);
  if (Array.isArray(value)) {
    // By index, because forEach would skip the holes of a sparse array.
    for (let i = 0; i < value.length; i += 1) requirePlainJson(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new LedgerError('entry_not_encodable', `The object at ${path} is not plain.`);
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) throw new LedgerError('entry_not_encodable', `A key at ${path} is not valid Unicode.`);
    requirePlainJson(member, `${path}.${key}`, depth + 1);
  }
}
