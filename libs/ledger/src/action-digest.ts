import type { AskedCheckpoint } from '@wheelhouse/protocol/policy';
import { toHex } from './bundle-format.ts';
import { canonicalBytes } from './canonical.ts';
import type { Sha256 } from './primitives.ts';

/** What is to be done: its name, and exactly what it is done with. `checkpoint`: where policy decides on it; absent, it is the call of a tool. */
export type Call = { readonly tool: string; readonly arguments: unknown; readonly checkpoint?: AskedCheckpoint };

/**
 * What an approval is bound to: SHA-256 over the RFC 8785 rendering of { arguments, tool }, in hexadecimal; of what is no call of a tool, of
 * { arguments, checkpoint, tool }, so that an approval of one is none of another of the same name. Throws `LedgerError` for arguments that have no
 * such rendering: numbers that JSON does not carry safely, half characters, more than 64 levels of nesting.
 */
export function actionDigest({ tool, arguments: given, checkpoint = 'tool.call' }: Call, sha256: Sha256): string {
  const call = { tool, arguments: given };
  return toHex(sha256(canonicalBytes(checkpoint === 'tool.call' ? call : { ...call, checkpoint })));
}
