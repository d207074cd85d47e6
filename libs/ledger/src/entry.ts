import { equalBytes, fromUtf8 } from './bytes.ts';
import { canonicalBytes } from './canonical.ts';
import { refuse } from './primitives.ts';
import type { Refusal, Sha256 } from './primitives.ts';
import { parseStrictJson } from './strict-json.ts';
import type { JsonFault, JsonValue } from './strict-json.ts';
import { leafHash } from './tree-hash.ts';

/** An entry may have this many bytes: C2SP tlog-tiles gives its length 16 bits. */
export const MAX_ENTRY_BYTES = 65_535;

export type EntryErrorCode = JsonFault | 'too_large' | 'not_utf8' | 'not_canonical';

/** Why some bytes are not an entry. */
export type EntryError = Refusal<EntryErrorCode>;

/** Reads an entry from anywhere. Its bytes must be exactly those of `canonicalBytes` for its value. */
export function decodeEntry(bytes: Uint8Array): { readonly ok: true; readonly value: JsonValue } | EntryError {
  if (bytes.length > MAX_ENTRY_BYTES) return refuse('too_large', `The entry has ${bytes.length} bytes, more than ${MAX_ENTRY_BYTES}.`);
  const text = fromUtf8(bytes);
  if (text === null) return refuse('not_utf8', 'The entry is not valid UTF-8.');
  const parsed = parseStrictJson(text);
  if (!parsed.ok) return refuse(parsed.code, parsed.message);
  if (!equalBytes(canonicalBytes(parsed.value), bytes)) return refuse('not_canonical', 'The entry is not canonical JSON (RFC 8785).');
  return parsed;
}

/** The leaf hash of an entry's bytes, RFC 6962 section 2.1. */
export function entryLeafHash(bytes: Uint8Array, sha256: Sha256): Uint8Array {
  return leafHash(bytes, sha256);
}
