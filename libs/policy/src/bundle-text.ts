import { LONGEST_BUNDLE, type PolicyBundle, type PolicyFault } from '@wheelhouse/protocol/policy';
import canonicalize from 'canonicalize';
import { bundleFault } from './read-policies.ts';

/** SHA-256, given by the caller: Node's, or a browser's. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export type CanonicalBundle =
  { readonly ok: true; readonly text: string; readonly digest: string } | { readonly ok: false; readonly fault: PolicyFault };

/** An entry of the ledger holds 65,535 bytes, and the one that proposes a bundle holds its preview as well. */
const MOST_BYTES_IN_ENTRY = 48_000;

/**
 * The one spelling of a bundle, RFC 8785, and its digest: `sha256:` and 64 hexadecimal digits over its UTF-8. Refuses what an entry of the ledger could
 * not hold.
 */
export function canonicalBundle(bundle: PolicyBundle, sha256: Sha256): CanonicalBundle {
  const text = spell(bundle);
  if (text?.isWellFormed() !== true) {
    return { ok: false, fault: bundleFault('not_text', 'A text of the bundle has half a character in it (a lone surrogate).') };
  }
  const bytes = new TextEncoder().encode(JSON.stringify(text)).length;
  if (text.length > LONGEST_BUNDLE || bytes > MOST_BYTES_IN_ENTRY) {
    const most = `at most ${LONGEST_BUNDLE} characters that make ${MOST_BYTES_IN_ENTRY} bytes`;
    const message = `The bundle is ${text.length} characters long and makes ${bytes} bytes of an entry; ${most} are taken, so that it fits into one entry of the ledger. Fewer tests or shorter comments help.`;
    return { ok: false, fault: bundleFault('too_large', message) };
  }
  return { ok: true, text, digest: `sha256:${hex(sha256(new TextEncoder().encode(text)))}` };
}

function spell(bundle: PolicyBundle): string | undefined {
  try {
    return canonicalize(bundle);
  } catch {
    // It throws for lone surrogates, which is said below.
    return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
