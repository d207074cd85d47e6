import { concatBytes } from './bytes.ts';
import { MAX_ENTRY_BYTES } from './entry.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed } from './primitives.ts';

const LENGTH_BYTES = 2;

/** Entries one after the other, each behind its length as a big-endian uint16: C2SP tlog-tiles, "Log entries". */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES)
        throw new LedgerError('entry_too_large', `An entry of ${entry.length} bytes fits into no bundle.`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 255), entry];
    }),
  );
}

/** The entries of a bundle, which must end where the last of them does. */
export function parseEntryBundle(bytes: Uint8Array): Parsed<readonly Uint8Array[], 'truncated_bundle'> {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const from = at + LENGTH_BYTES;
    const end = from + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (from > bytes.length || end > bytes.length) return refuse('truncated_bundle', `The bundle ends within its entry ${entries.length}.`);
    entries.push(bytes.slice(from, end));
    at = end;
  }
  return { ok: true, value: entries };
}
