import { sha256 } from '@wheelhouse/installation/node-crypto';
import { loadBundle, type Loading } from '@wheelhouse/policy/load-bundle';
import { PolicyBundle, type PolicyFault } from '@wheelhouse/protocol/policy';

/** Loads a bundle from its canonical text, as the ledger and proposals carry it. One that is not what its digest says does not load. */
export function loadText(text: string, digest: string): Loading {
  const read = readText(text);
  if (!read.ok) return { ok: false, faults: [read.fault] };
  const loading = loadBundle(read.bundle, sha256);
  if (loading.ok && (loading.policy.digest !== digest || loading.policy.text !== text))
    return {
      ok: false,
      faults: [faultOf('other_digest', `The text of the bundle has the digest ${loading.policy.digest}, and not ${digest}.`)],
    };
  return loading;
}

/** Reads a bundle's text without loading it. */
export function readText(
  text: string,
): { readonly ok: true; readonly bundle: PolicyBundle } | { readonly ok: false; readonly fault: PolicyFault } {
  const parsed = PolicyBundle.safeParse(jsonIn(text));
  if (parsed.success) return { ok: true, bundle: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  return { ok: false, fault: faultOf('unreadable', `The text of the bundle can't be read: ${where}${issue?.message ?? 'unknown'}.`) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no bundle either, and is told as that.
    return null;
  }
}

function faultOf(code: string, message: string): PolicyFault {
  return { severity: 'error', code, file: null, policy: null, message };
}
