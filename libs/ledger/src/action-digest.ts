import { toHex } from './bundle-format.ts';
import { canonicalBytes } from './canonical.ts';
import type { Sha256 } from './primitives.ts';

/** A call of a tool: its name, and exactly what it is called with. */
export type Call = { readonly tool: string; readonly arguments: unknown };

/**
 * What an approval is bound to: SHA-256 over the RFC 8785 rendering of { arguments, tool }, in hexadecimal. Throws `LedgerError` for arguments that have no
 * such rendering: numbers that JSON does not carry safely, half characters, more than 64 levels of nesting.
 */
export function actionDigest({ tool, arguments: given }: Call, sha256: Sha256): string {
  return toHex(sha256(canonicalBytes({ tool, arguments: given })));
}
